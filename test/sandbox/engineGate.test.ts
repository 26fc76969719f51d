import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { FreightError } from "../../src/base/errors.ts";
import { isRecallable } from "../../src/delivery/record/queries.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { headline } from "../../src/delivery/words/headline.ts";
import { offers } from "../../src/shared/contract/offers.ts";
import { compose, Desk, Hold, isSettled, pressSend } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { Folder } from "../support/files.ts";
import * as engineMails from "../support/shipping.ts";
import type { Window, WindowOptions } from "../support/window.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A machine whose requests to send find no network, until it is back. */
class Line {
  isBroken = true;
  tries = 0;
  readonly options: Partial<WindowOptions> = {
    detour: ({ url, method }) => {
      const isSend = method === "POST" && /\/(send|drafts)$/.test(new URL(url).pathname);
      if (!isSend || !this.isBroken) return undefined;
      this.tries++;
      throw new FreightError("offline", "No network.");
    },
  };
}

for (const door of [nylas, google, graph])
  describe(`A send through ${door.name}`, () => {
    let desk: Desk;
    beforeEach(async () => {
      desk = await Desk.set(door);
    });
    afterEach(() => desk.clear());

    async function ready(window: Window): Promise<string> {
      const id = await compose(window, await desk.file("a.bin", 5_000));
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      return id;
    }

    it("is not repeated after a sleep that was longer than its protection", async () => {
      let hasSlept = false;
      const window = await desk.open({
        clockOffsetMs: () => desk.sandbox.clock.offsetMs,
        // The lid is closed in the wait between two tries.
        onSleep: async () => {
          if (!hasSlept) desk.sandbox.clock.advance(2 * hour);
          hasSlept = true;
        },
      });
      const id = await ready(window);
      desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      await pressSend(window, id);
      const record = await window.until(id, isSettled);
      assert.equal(record?.phase, door === graph ? "sent" : "unconfirmed");
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("is taken back while there is no network, and stays here when that is back", async () => {
      const line = new Line();
      const hold = new Hold();
      const window = await desk.open({ ...hold.options, ...line.options });
      const id = await ready(window);
      await pressSend(window, id);
      await hold.begun;
      const waiting = await window.until(id, ({ sendWait }) => sendWait !== undefined);
      assert.ok(waiting && isRecallable(waiting));
      assert.match(headline(waiting, Date.now()), /^Not sent yet: no network, trying again in /);
      await window.runner.withdraw(id);
      assert.equal(window.store.get(id).phase, "composing");
      line.isBroken = false;
      hold.release();
      assert.equal(desk.sandbox.deliveries, 0);
      await pressSend(window, id);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
    });

    it("is discarded while there is no network, and never leaves", async () => {
      const line = new Line();
      const hold = new Hold();
      const window = await desk.open({ ...hold.options, ...line.options });
      const id = await ready(window);
      await pressSend(window, id);
      await hold.begun;
      await window.until(id, ({ sendWait }) => sendWait !== undefined);
      await window.runner.forget(id);
      assert.equal(window.store.find(id), undefined);
      line.isBroken = false;
      hold.release();
      await window.close();
      const next = await desk.open();
      assert.deepEqual(next.store.list(), []);
      assert.equal(desk.sandbox.deliveries, 0);
    });

    it("goes out in the morning although it was closed without a network in the evening", async () => {
      const line = new Line();
      const hold = new Hold();
      const first = await desk.open({ ...hold.options, ...line.options });
      const id = await ready(first);
      await pressSend(first, id);
      await hold.begun;
      await first.until(id, ({ sendWait }) => sendWait !== undefined);
      await first.close();
      desk.sandbox.clock.advance(10 * hour);
      const next = await desk.open({ clockOffsetMs: () => desk.sandbox.clock.offsetMs });
      assert.equal((await next.until(id, isSettled))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("waits again for its files when they run out before the network is back", async () => {
      const line = new Line();
      const hold = new Hold();
      const window = await desk.open({
        ...hold.options,
        ...line.options,
        clockOffsetMs: () => desk.sandbox.clock.offsetMs,
      });
      const id = await ready(window);
      await pressSend(window, id);
      await hold.begun;
      desk.sandbox.clock.advance(2 * hour);
      line.isBroken = false;
      hold.release();
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("cannot be taken back or discarded once it may have left, and says so", async () => {
      desk.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true });
      const window = await desk.open();
      const id = await ready(window);
      await pressSend(window, id);
      await window.until(id, ({ recallable }) => recallable === false);
      const snapshot = snapshotOf(window, id);
      assert.equal(snapshot.send.withdrawable, false);
      await assert.rejects(window.runner.withdraw(id), { code: "send-late", message: /being sent/ });
      await assert.rejects(window.runner.forget(id), { code: "send-late", message: /being sent/ });
      const more = await desk.file("more.bin", 10, 2);
      const [problem] = await window.runner.attach(id, [more]);
      assert.match(problem?.message ?? "", /“more\.bin” was not attached.*being sent/);
      desk.sandbox.faults.release();
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      await assert.rejects(window.runner.withdraw(id), { code: "send-late", message: /was sent/ });
    });

    it("is in doubt after a lost answer, however often the network is gone afterwards", async () => {
      const line = new Line();
      line.isBroken = false;
      const hold = new Hold();
      const window = await desk.open({ ...hold.options, ...line.options });
      const id = await ready(window);
      desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      await pressSend(window, id);
      await hold.begun;
      line.isBroken = true;
      await assert.rejects(window.runner.withdraw(id), { code: "send-late" });
      await assert.rejects(window.runner.forget(id), { code: "send-late" });
      line.isBroken = false;
      hold.release();
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 1);
    });

    for (const [what, delayMs] of [
      ["two days after its time, on a machine whose clock is right", 0],
      ["before its time, on a machine whose clock is two days ahead", 48 * hour],
      ["before its time, on a machine whose clock is ahead by just as much", 30 * minute],
    ] as const)
      it(`that was scheduled is taken back ${what}, when the service still has it`, async () => {
        let aheadMs = 0;
        const window = await desk.open({ clockOffsetMs: () => aheadMs });
        const id = await ready(window);
        const at = Date.now() + 30 * minute;
        await later(window, id, at);
        // Exchange holds some back: too large, a full mailbox, a rule. Here the sandbox does, by not looking at its clock.
        aheadMs = delayMs === 0 ? 48 * hour : delayMs;
        assert.ok(snapshotOf(window, id).ways.cancelScheduled);
        assert.equal(await window.runner.cancelScheduled(id), false);
        assert.equal(window.store.get(id).phase, "composing");
        desk.sandbox.clock.advance(hour);
        assert.equal(desk.sandbox.deliveries, 0);
      });

    async function later(window: Window, id: string, at: number): Promise<void> {
      const { form } = window.store.get(id);
      const change = { revision: form.revision + 1, to: "reader@example.com", subject: `Later (${id})` };
      await window.runner.send(id, { ...form, ...change }, { type: "later", at });
      assert.equal(
        (await window.until(id, ({ phase }) => phase !== "waiting" && phase !== "sending"))?.phase,
        "scheduled",
      );
    }
  });

/** What the panel shows of a mail. */
function snapshotOf({ store }: Pick<Window, "store">, id: string) {
  return panelSnapshot(store.get(id), { accounts: [], notice: null, now: Date.now() });
}

describe("A send whose key cannot be read", () => {
  let shipping: engineMails.Shipping;
  let state: Folder;
  let secrets: MemorySecrets;
  beforeEach(async () => {
    shipping = await engineMails.Shipping.start();
    state = await Folder.make();
    secrets = new MemorySecrets();
  });
  afterEach(async () => {
    await shipping.close();
    await state.remove();
  });

  /** A window that was closed while the answer to its send was on its way. */
  async function brokenOff(): Promise<string> {
    shipping.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true });
    const first = await shipping.engine({ folder: state.path, secrets });
    const id = await engineMails.compose(first, await shipping.file("a.bin", 10));
    await engineMails.pressSend(first, id);
    await first.until(id, ({ recallable }) => recallable === false);
    await first.close();
    shipping.sandbox.faults.release();
    return id;
  }

  async function next(door: { isLocked: boolean }): Promise<Engine> {
    const engine = await shipping.engine({
      folder: state.path,
      secrets,
      readying: async () => {
        if (door.isLocked)
          throw new FreightError("credential-missing", "The key is not stored on this machine.", {
            remedy: "updateKey",
          });
      },
    });
    await engine.store.load();
    await engine.runner.recover();
    return engine;
  }

  it("stays under way, says why, and goes on when the key is back", async () => {
    const id = await brokenOff();
    const door = { isLocked: true };
    const engine = await next(door);
    const record = await engine.until(id, ({ error }) => error !== null);
    assert.equal(record.phase, "sending");
    const snapshot = snapshotOf(engine, id);
    assert.equal(snapshot.headline, "Sending is paused: the account needs your attention.");
    assert.equal(snapshot.problem?.remedy?.remedy, "updateKey");
    await assert.rejects(engine.runner.forget(id), { code: "send-late" });
    door.isLocked = false;
    assert.equal((await engine.until(id, ({ phase }) => phase !== "sending")).phase, "sent");
    assert.equal(shipping.sandbox.deliveries, 1);
  });

  it("is for a person to decide once no key protects it, beside what mends the account", async () => {
    const id = await brokenOff();
    const door = { isLocked: true };
    const engine = await next(door);
    await engine.until(id, ({ error }) => error !== null);
    engine.clock.aheadMs = 2 * hour;
    await engine.until(id, ({ phase }) => phase === "unconfirmed");
    const snapshot = snapshotOf(engine, id);
    assert.equal(snapshot.problem?.remedy?.remedy, "updateKey");
    for (const remedy of ["updateKey", "sendAgain"] as const)
      assert.ok(offers(snapshot, { type: "remedy", remedy, attachmentId: null }), remedy);
    door.isLocked = false;
    await engine.runner.sendAgain(id);
    assert.equal(
      (await engine.until(id, ({ phase }) => phase === "sent" || phase === "failed")).phase,
      "sent",
    );
  });
});

describe("A send while a connection is dialled", () => {
  it("is taken back, and nothing of it leaves", async () => {
    const shipping = await engineMails.Shipping.start();
    // Takes a connection, and never ends the handshake of TLS.
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    assert.ok(typeof address === "object" && address !== null);
    const engine = await shipping.engine({
      between: (http) => ({
        send: (request) =>
          http.send(
            request.url.includes("/messages/send?")
              ? { ...request, url: `https://127.0.0.1:${address.port}/send` }
              : request,
          ),
      }),
    });
    const id = await engineMails.compose(engine, await shipping.file("a.bin", 10));
    await engine.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    await engineMails.pressSend(engine, id);
    await engineMails.eventually(() => sockets.length > 0);
    assert.equal(engine.store.get(id).phase, "sending");
    assert.ok(snapshotOf(engine, id).send.withdrawable);
    await engine.runner.withdraw(id);
    assert.equal(engine.store.get(id).phase, "composing");
    assert.equal(shipping.requests("send").length, 0);
    for (const socket of sockets) socket.destroy();
    await shipping.close();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe("Files for an event", () => {
  it("wait for the account when it cannot be asked at their last byte, and go on when it can", async () => {
    const shipping = await engineMails.Shipping.start();
    let isLocked = false;
    let uses = 0;
    const engine = await shipping.engine({
      readying: async () => {
        // The upload has asked; what comes now is the look whether everything is there.
        if (++uses > 1 && isLocked)
          throw new FreightError("credential-missing", "The key is not stored on this machine.", {
            remedy: "updateKey",
          });
      },
    });
    isLocked = true;
    const event = { id: "event-1", subject: "Review", startsAt: Date.now() + hour };
    const { deliveryId = "" } = await engine.runner.attachToEvent(
      [await shipping.file("a.bin", 10)],
      "account",
      event,
    );
    const record = await engine.until(deliveryId, ({ error }) => error !== null);
    assert.equal(record.phase, "waiting");
    assert.equal(snapshotOf(engine, deliveryId).problem?.remedy?.remedy, "updateKey");
    isLocked = false;
    await engine.until(deliveryId, ({ phase }) => phase === "sent");
    await shipping.close();
  });
});
