import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../src/accounts/accountBook.ts";
import type { Disposable } from "../../src/base/lifecycle.ts";
import { hashFile } from "../../src/files/fileHash.ts";
import { HttpLine } from "../../src/net/http.ts";
import { PracticeControl } from "../../src/services/practiceControl.ts";
import type { SimulatorView } from "../../src/shared/contract/messages.ts";
import { Simulator } from "../../src/ui/panel/practice/simulator.ts";
import { PracticeMails } from "../../src/ui/views/practiceMails.ts";
import type { Engine } from "../support/engine.ts";
import { MemoryLog, MemoryMemento } from "../support/memory.ts";
import { eventually, pressSend, Shipping, settled } from "../support/shipping.ts";
import { callApi, completeSession, KiB, MiB, openSession, sampleBytes, send } from "./support.ts";

describe("Make It Hard, beside a practice mail", () => {
  let shipping: Shipping;
  let engine: Engine;
  let http: HttpLine;
  let memory: MemoryMemento;
  let log: MemoryLog;
  let shown: (SimulatorView | null)[];
  /** Of the panel that there is. */
  let listening: Disposable | undefined;

  beforeEach(async () => {
    shipping = await Shipping.start();
    const { apiKey, grants } = shipping.sandbox.nylas;
    const others = [{ id: PRACTICE_ID, apiKey, grantId: grants[0]?.id ?? "" }];
    engine = await shipping.engine({ others, backoffMs: 20 });
    http = new HttpLine();
    memory = new MemoryMemento();
    log = new MemoryLog();
    shown = [];
  });
  afterEach(async () => {
    http.dispose();
    await shipping.close();
    assert.deepEqual(log.lines, []);
  });

  const compose = async (path: string, accountId: string = PRACTICE_ID) =>
    (await engine.runner.compose([path], accountId)).deliveryId ?? assert.fail();
  const last = () => shown.at(-1) ?? assert.fail("it is closed");

  /** As the panel has it: it hears of each change of its mail. */
  function simulator(deliveryId: string, control?: string): Simulator {
    const { nylas, outbox, control: here } = shipping.sandbox;
    const practice = {
      addresses: async () => ({ nylas: { ...nylas, grants: [] }, outbox, control: control ?? here }),
    };
    const opened = new Simulator(deliveryId, {
      find: () => engine.store.find(deliveryId),
      post: ({ view }) => shown.push(view),
      control: new PracticeControl(practice, http),
      mails: new PracticeMails({ practice, http, deliveries: () => engine.store.list(), hash: hashFile }),
      killHost: (first) => first(),
      ...{ memory, log },
    });
    listening?.dispose();
    listening = engine.store.onDidChange(({ id }) => id === deliveryId && opened.update());
    return opened;
  }

  it("drops the line, expires the session and loses the answer; the mail arrives once, identical", async () => {
    const path = await shipping.file("build.bin", 2 * MiB);
    const id = await compose(path);
    const hard = simulator(id);
    await hard.act({ type: "makeItHard", act: "open" });
    assert.deepEqual(shown.at(-1), { bytesPerSecond: null, losesAnswer: false, done: "", arrived: null });
    await hard.act({ type: "lineSpeed", bytesPerSecond: 256 * KiB });
    await eventually(() => shipping.bytesReceived > 0);
    await hard.act({ type: "makeItHard", act: "dropLine" });
    await eventually(() => shipping.requests("upload").some(({ endedAt, status }) => endedAt && !status));
    shipping.sandbox.faults.line.drop(0);
    await hard.act({ type: "makeItHard", act: "expireSessions" });
    await hard.act({ type: "lineSpeed", bytesPerSecond: null });
    await hard.act({ type: "makeItHard", act: "loseAnswer" });
    assert.equal(last().losesAnswer, true);
    await hard.act({ type: "makeItHard", act: "killHost" });
    await pressSend(engine, id);
    assert.equal((await settled(engine, id)).phase, "sent");
    await eventually(() => last().arrived !== null);
    assert.deepEqual(last(), {
      bytesPerSecond: null,
      losesAnswer: false,
      done: "line dropped, answer to Send lost, session expired and extension host killed",
      arrived: { words: "Arrived once, identical", isGood: true },
    });
    await shipping.assertArrived([path]);
    assert.equal(shipping.requests("create").length, 2, "the session had run out");
    assert.equal(shipping.requests("send").length, 2, "the first answer was lost");
  });

  it("counts no other mail that says the same", async () => {
    const path = await shipping.file("again.bin", KiB);
    for (const _ of ["one try", "and another"]) {
      const id = await compose(path);
      await simulator(id).act({ type: "makeItHard", act: "open" });
      await pressSend(engine, id);
      await settled(engine, id);
      await eventually(() => last().arrived !== null);
      assert.equal(last().arrived?.words, "Arrived once, identical");
    }
  });

  it("goes on after the host was killed: what it did is still told, and what it was to do is done", async () => {
    const id = await compose(await shipping.file("a.bin", KiB));
    const first = simulator(id);
    await first.act({ type: "makeItHard", act: "open" });
    await first.act({ type: "makeItHard", act: "loseAnswer" });
    await first.act({ type: "makeItHard", act: "killHost" });
    // The mailbox ends with its host, and has forgotten its rules when it starts again.
    shipping.sandbox.faults.clear();
    const second = simulator(id);
    await second.restart();
    assert.equal(last().done, "extension host killed");
    assert.equal(last().losesAnswer, true);
    await pressSend(engine, id);
    await settled(engine, id);
    await eventually(() => last().arrived !== null);
    assert.equal(last().done, "answer to Send lost and extension host killed");
    assert.equal(shipping.requests("send").length, 2);
  });

  it("takes the loss of the answer back, and everything when it is closed", async () => {
    const id = await compose(await shipping.file("a.bin", KiB));
    const hard = simulator(id);
    await hard.act({ type: "makeItHard", act: "open" });
    await hard.act({ type: "makeItHard", act: "loseAnswer" });
    await hard.act({ type: "makeItHard", act: "loseAnswer" });
    assert.equal(last().losesAnswer, false);
    assert.deepEqual(shipping.sandbox.faults.unmet, []);
    await hard.act({ type: "makeItHard", act: "loseAnswer" });
    await hard.act({ type: "lineSpeed", bytesPerSecond: 64 * KiB });
    await hard.act({ type: "makeItHard", act: "close" });
    assert.equal(shown.at(-1), null);
    assert.deepEqual(shipping.sandbox.faults.unmet, []);
    assert.equal(shipping.sandbox.faults.line.bytesPerSecond, null);
    const before = shown.length;
    await simulator(id).restart();
    assert.equal(shown.length, before, "it stays closed");
  });

  it("begins anew with another mail, and stays open", async () => {
    const first = await compose(await shipping.file("a.bin", KiB));
    await simulator(first).act({ type: "makeItHard", act: "open" });
    await simulator(first).act({ type: "makeItHard", act: "dropLine" });
    shipping.sandbox.faults.line.drop(0);
    assert.equal(last().done, "line dropped");
    const second = await compose(await shipping.file("b.bin", KiB));
    await simulator(second).restart();
    assert.equal(last().done, "");
  });

  for (const act of ["open", "dropLine", "loseAnswer", "expireSessions", "killHost"] as const)
    it(`does nothing to the mail of a real account: ${act}`, async () => {
      const id = await compose(await shipping.file("a.bin", KiB), engine.account.id);
      await simulator(id, "http://127.0.0.1:1/nobody").act({ type: "makeItHard", act });
      assert.deepEqual(shown, []);
      assert.deepEqual([...memory.values], []);
      assert.equal(shipping.sandbox.faults.line.isDown, false);
    });
});

describe("The line of the practice mailbox", () => {
  let shipping: Shipping;
  beforeEach(async () => {
    shipping = await Shipping.start();
  });
  afterEach(() => shipping.close());

  const control = (command: unknown) =>
    send(shipping.sandbox.control, { method: "POST", body: JSON.stringify(command) });
  const body = sampleBytes(300 * KiB);

  it("carries as fast as it was told, also what is on its way already", async () => {
    const { url } = await openSession(shipping.sandbox, body.length);
    await control({ line: { bytesPerSecond: 1 } });
    const sent = send(url, { method: "PUT", body });
    await eventually(() => shipping.requests("upload").length === 1);
    assert.equal(shipping.bytesReceived, 0);
    await control({ line: { bytesPerSecond: null } });
    assert.equal((await sent).status, 200);
  });

  it("breaks what is on its way, and everything but the control until it is back", async () => {
    const { url } = await openSession(shipping.sandbox, body.length);
    const ready = await openSession(shipping.sandbox, body.length);
    await send(ready.url, { method: "PUT", body });
    await control({ line: { bytesPerSecond: 1 } });
    const sent = send(url, { method: "PUT", body });
    sent.catch(() => {});
    await eventually(() => shipping.requests("upload").length === 2);
    assert.equal((await control({ line: { downMs: 3_600_000 } })).status, 200);
    await assert.rejects(sent);
    await assert.rejects(callApi(shipping.sandbox, "GET", "/v3/grants"));
    await assert.rejects(completeSession(shipping.sandbox, ready));
    assert.equal((await send(shipping.sandbox.outbox)).status, 200);
    await control({ line: { downMs: 0 } });
    assert.equal((await callApi(shipping.sandbox, "GET", "/v3/grants")).status, 200);
    assert.equal((await completeSession(shipping.sandbox, ready)).status, 200, "nothing was done meanwhile");
  });

  it("is no part of a session's hour, which can be over at once", async () => {
    const session = await openSession(shipping.sandbox, body.length);
    await send(session.url, { method: "PUT", body });
    await control({ expireSessions: true });
    assert.equal((await completeSession(shipping.sandbox, session)).status, 410);
    const next = await openSession(shipping.sandbox, body.length);
    await send(next.url, { method: "PUT", body });
    assert.equal((await completeSession(shipping.sandbox, next)).status, 200);
  });
});
