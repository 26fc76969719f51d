/** An account that may only send: its files go in the request, once, or nobody says that they did not. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { simpleParser } from "mailparser";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graph, graphSendOnly } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { MiB, send } from "./support.ts";

/** One dot. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

describe("From an account that may only send", () => {
  let desk: Desk;
  let window: Window;

  beforeEach(async () => {
    desk = await Desk.set(graphSendOnly);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const sends = () => desk.sandbox.requests.filter(({ step }) => step === "send");
  /** Of a mail that is ready, so that nothing but its sending is left. */
  async function ready(...paths: readonly string[]): Promise<string> {
    const id = await compose(window, ...paths);
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    return id;
  }
  async function outcome(id: string) {
    await pressSend(window, id);
    const delivery = await window.until(id, isSettled);
    return delivery ?? assert.fail();
  }

  it("small files travel in the request that sends them, with no draft, and nothing leaves before", async () => {
    const paths = [await desk.file("a.bin", 400_001, 1), await desk.file("größe “b”.bin", 600_002, 2)];
    const id = await ready(...paths);
    assert.deepEqual(desk.sandbox.requests, []);
    assert.equal((await outcome(id)).phase, "sent");
    assert.deepEqual(
      desk.sandbox.requests.map(({ method, path }) => `${method} ${path}`),
      ["POST /v1.0/me/sendMail"],
    );
    const [mail] = desk.sandbox.mails;
    const { attachments } = await simpleParser((await send(mail?.eml ?? "")).text);
    assert.deepEqual(
      attachments.map(({ filename, size }) => [filename, size]),
      [
        ["a.bin", 400_001],
        ["größe “b”.bin", 600_002],
      ],
    );
  });

  const harmless: readonly Fault[] = [
    { step: "send", fault: "refuse", status: 429, retryAfter: 1200 },
    { step: "send", fault: "refuse", status: 429, afterBytes: 100_000 },
  ];
  for (const fault of harmless)
    it(`is sent once past ${JSON.stringify(fault)}`, async () => {
      const id = await ready(await desk.file());
      desk.sandbox.faults.arm(fault);
      assert.equal((await outcome(id)).phase, "sent");
      assert.deepEqual([desk.sandbox.deliveries, sends().length], [1, 2]);
    });

  const doubtful: readonly (readonly [Fault, number])[] = [
    [{ step: "send", fault: "dropReplyAfterCommit" }, 1],
    [{ step: "send", fault: "refuse", status: 504, afterCommit: true }, 1],
    [{ step: "send", fault: "resetBeforeBody" }, 0],
    [{ step: "send", fault: "resetMidBody", afterBytes: 100_000 }, 0],
    [{ step: "send", fault: "refuse", status: 503, retryAfter: 3 }, 0],
    [{ step: "send", fault: "refuse", status: 403, body: "html" }, 0],
    [{ step: "send", fault: "htmlBody", status: 200 }, 1],
  ];
  for (const [fault, arrived] of doubtful)
    it(`is unconfirmed, and not sent twice, after ${JSON.stringify(fault)}`, async () => {
      const id = await ready(await desk.file());
      desk.sandbox.faults.arm(fault);
      const { phase, error } = await outcome(id);
      assert.equal(phase, "unconfirmed");
      assert.match(error?.message ?? "", /Check Sent Items before you send it again\.$/);
      assert.equal(error?.remedy, "sendAgain");
      assert.deepEqual([desk.sandbox.deliveries, sends().length], [arrived, 1]);
      // A person has looked, and not found it.
      if (arrived > 0) desk.witness.repeats(id);
      await window.runner.sendAgain(id);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, arrived + 1);
    });

  it("is unconfirmed after a window that ended while it was sent, and sent once", async () => {
    const id = await ready(await desk.file());
    desk.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true, times: 1 });
    await pressSend(window, id);
    while (sends().length === 0) await new Promise((resolve) => setImmediate(resolve));
    await window.kill();
    desk.sandbox.faults.release();
    const next = await desk.open();
    await next.runner.recover();
    assert.equal((await next.until(id, isSettled))?.phase, "unconfirmed");
    assert.equal(sends().length, 1);
  });

  it("says why Graph refused it, which is certain, and is sent when that is over", async () => {
    const id = await ready(await desk.file());
    desk.sandbox.graph.behaviour.maySend = "suspended";
    const { phase, error } = await outcome(id);
    assert.deepEqual([phase, error?.code], ["failed", "provider-refused"]);
    desk.sandbox.graph.behaviour.maySend = "yes";
    assert.equal((await outcome(id)).phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });

  it("a file that has changed since is not sent", async () => {
    const path = await desk.file("note.bin", 5_000);
    const id = await ready(path);
    await writeFile(path, "another version, which nobody has agreed to");
    await pressSend(window, id);
    const delivery = await window.until(id, isSettled);
    assert.deepEqual(
      delivery?.attachments.map(({ status, error }) => [status, error?.code]),
      [["failed", "file-changed"]],
    );
    assert.deepEqual(sends(), []);
  });

  it("a file that does not fit says so with the way to more, and is uploaded once that is allowed", async () => {
    const id = await compose(window, await desk.file("large.bin", 3 * MiB));
    const stuck = await window.until(id, isSettled);
    const [file] = stuck?.attachments ?? [];
    assert.equal(
      file?.error?.message,
      "“large.bin” is 3 MB. This account may only send mail, with files of up to 2.85 MB. Allow it to write drafts to attach larger ones.",
    );
    assert.equal(file?.error?.remedy, "allowMore");
    assert.deepEqual(desk.sandbox.requests, []);
    await window.close();
    // With what was allowed meanwhile.
    const wider = await desk.open({ door: graph });
    await wider.runner.recover();
    await wider.runner.chooseAccount(id, "account");
    await pressSend(wider, id);
    assert.equal((await wider.until(id, isSettled))?.phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
    assert.ok(desk.sandbox.requests.some(({ step }) => step === "create"));
  });

  it("files that fit alone and not together are told before anything leaves", async () => {
    const paths = [await desk.file("a.bin", 2 * MiB, 1), await desk.file("b.bin", MiB, 2)];
    const { phase, error } = await outcome(await ready(...paths));
    assert.deepEqual([phase, error?.code, error?.remedy], ["failed", "message-too-large", "allowMore"]);
    assert.deepEqual(desk.sandbox.requests, []);
  });

  it("the panel says what it cannot do, and offers no drafts and no time", async () => {
    const id = await ready(await desk.file());
    const shown = panelSnapshot(window.store.get(id), { accounts: [], notice: null, now: Date.now() });
    assert.deepEqual(shown.method, { label: "In the message", reason: "this account may only send" });
    assert.equal(shown.ways.others, false);
    assert.equal(
      shown.lacking?.message,
      "This account may only send mail: files of up to 2.85 MB, no drafts, no Send Later.",
    );
    assert.equal(shown.lacking?.remedy?.remedy, "allowMore");
    const form = { ...window.store.get(id).form, revision: 5, to: "ada@example.com" };
    await assert.rejects(window.runner.send(id, form, { type: "later", at: Date.now() + 3_600_000 }), {
      code: "schedule-refused",
      message: "This account can only send immediately.",
    });
    await window.runner.send(id, form, { type: "draft" });
    const { phase, error } = (await window.until(id, isSettled)) ?? assert.fail();
    assert.deepEqual([phase, error?.code, error?.remedy], ["failed", "scope-missing", "allowMore"]);
    assert.deepEqual(desk.sandbox.requests, []);
  });

  it("a mail without files goes the same way", async () => {
    assert.equal((await outcome(await compose(window))).phase, "sent");
    assert.deepEqual([desk.sandbox.deliveries, sends().length], [1, 1]);
  });

  it("one like a mail that was sent goes the same way, to others", async () => {
    const id = await ready(await desk.file());
    await outcome(id);
    const copy = (await window.runner.sendAgainTo(id)) ?? assert.fail();
    assert.equal((await outcome(copy)).phase, "sent");
    assert.deepEqual([desk.sandbox.deliveries, sends().length], [2, 2]);
  });

  it("what is discarded, or goes to another account, leaves nothing to ask for", async () => {
    await window.runner.forget(await ready(await desk.file()));
    const other = await desk.open({ otherDoor: graph });
    const id = await compose(other, await desk.file("a.bin", 100_000));
    await other.runner.chooseAccount(id, "other account");
    await other.until(id, ({ attachments }) => attachments[0]?.status === "ready");
    // Back again: only what the other account has of it is deleted.
    await other.runner.chooseAccount(id, "account");
    window = other;
    assert.equal((await outcome(id)).phase, "sent");
    await other.until(id, ({ remoteCleanup }) => remoteCleanup.length === 0);
    assert.ok(!desk.sandbox.requests.some(({ status }) => status === 403));
    assert.deepEqual([desk.sandbox.deliveries, sends().map(({ path }) => path)], [1, ["/v1.0/me/sendMail"]]);
  });

  it("images of the text are shown in it", async () => {
    const { runner } = window;
    const root = desk.files.path;
    await desk.files.file("dot.png", Buffer.from(PNG, "base64"));
    desk.witness.expectFile("dot.png", Buffer.from(PNG, "base64"));
    const begin = async () =>
      ({
        body: "See ![dot](dot.png)",
        format: "markdown",
        fillsIn: false,
        imageFolders: { root, folder: root },
      }) as const;
    const { deliveryId = "" } = await runner.compose([], "account", begin);
    assert.equal((await outcome(deliveryId)).phase, "sent");
    const [mail] = desk.sandbox.mails;
    const { html, attachments } = await simpleParser((await send(mail?.eml ?? "")).text);
    assert.equal(attachments.length, 1);
    assert.match(String(html), /<img src="data:image\/png;base64,/);
  });
});
