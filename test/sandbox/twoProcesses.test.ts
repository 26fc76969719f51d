import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";

/** Has a window of another process begin to send a file. @returns the process and the mail's id */
async function startHost(desk: Desk): Promise<{ host: ChildProcess; id: string }> {
  const { apiUri, apiKey, grants } = desk.sandbox.nylas;
  const program = join(import.meta.dirname, "../support/host.ts");
  const host = fork(program, [desk.folder, apiUri, apiKey, grants[0]?.id ?? "", await desk.file()]);
  const [{ deliveryId }] = await once(host, "message");
  return { host, id: deliveryId };
}

/** Types in the window of the other process. */
async function type(host: ChildProcess, body: string): Promise<{ outcome: string; body: string }> {
  const answer = once(host, "message");
  host.send(body);
  return (await answer)[0];
}

describe("Windows of two processes", () => {
  let desk: Desk;
  let host: ChildProcess | undefined;

  beforeEach(async () => {
    desk = await Desk.set();
  });
  afterEach(async () => {
    if (host?.exitCode === null && host.signalCode === null) {
      host.kill("SIGKILL");
      await once(host, "exit");
    }
    host = undefined;
    await desk.clear();
  });

  it("leave a mail to the one that works on it", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const started = await startHost(desk);
    host = started.host;
    const other = await desk.open();
    await other.runner.recover();
    assert.equal(other.leases.holds(started.id), false);
    await assert.rejects(other.runner.forget(started.id), { code: "driven-elsewhere" });
    assert.deepEqual(await type(host, "Mine."), { outcome: "noted", body: "Mine." });
  });

  it("take a mail over at once when the process is killed", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const started = await startHost(desk);
    host = started.host;
    const other = await desk.open();
    host.kill("SIGKILL");
    await once(host, "exit");
    await other.runner.recover();
    assert.equal(other.leases.holds(started.id), true);
    desk.sandbox.faults.release();
    await other.until(started.id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
  });

  it("refuse what is typed where a process stood still, and send the mail once", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const { host: stopped, id } = await startHost(desk);
    host = stopped;
    stopped.kill("SIGSTOP");
    let aheadMs = 0;
    const other = await desk.open({ monotonicAheadMs: () => aheadMs });
    while (!other.leases.holds(id)) {
      aheadMs += 5_000;
      await other.runner.recover();
    }
    const { form } = other.store.get(id);
    await other.runner.edit(id, { ...form, revision: 5, body: "Theirs." });
    await other.store.flushed(id);
    stopped.kill("SIGCONT");
    assert.deepEqual(await type(stopped, "Mine."), { outcome: "driven-elsewhere", body: "Theirs." });
    desk.sandbox.faults.release();
    await pressSend(other, id);
    assert.equal((await other.until(id, isSettled))?.phase, "sent");
    await other.store.flushed(id);
    assert.deepEqual(
      desk.sandbox.mails.map(({ deliveries }) => deliveries),
      [1],
    );
  });

  it("work side by side on mails of their own", async () => {
    const started = await startHost(desk);
    host = started.host;
    const other = await desk.open();
    const id = await compose(other, await desk.file("other.bin"));
    await pressSend(other, id);
    assert.equal((await other.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(await type(host, "Mine."), { outcome: "noted", body: "Mine." });
  });
});
