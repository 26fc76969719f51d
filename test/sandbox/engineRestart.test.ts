import assert from "node:assert/strict";
import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mock } from "node:test";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { Folder } from "../support/files.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled } from "../support/shipping.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const SIZE = 2 * MiB + 7;
const minute = 60_000;

describe("After a restart", () => {
  let shipping: Shipping;
  let state: Folder;
  let secrets: MemorySecrets;
  let first: Engine;
  let path: string;

  beforeEach(async () => {
    shipping = await Shipping.start();
    state = await Folder.make();
    secrets = new MemorySecrets();
    first = await window();
    path = await shipping.file("a.bin", SIZE);
  });
  afterEach(async () => {
    await shipping.close();
    await state.remove();
  });

  /** An engine on the same records and secrets. */
  function window(folder = state.path): Promise<Engine> {
    return shipping.engine({ folder, secrets });
  }

  /** What the next window finds when this one is killed now: its records as they are on disk, and nothing else. */
  async function kill(): Promise<Engine> {
    const copy = join(state.path, "copy");
    const names = (await readdir(state.path)).filter((name) => /\.(json|log)$/.test(name));
    for (const name of names) await cp(join(state.path, name), join(copy, name));
    await first.close(); // Whatever it still writes on its way out is not what the next one reads.
    return begin(await window(copy));
  }

  async function begin(engine: Engine): Promise<Engine> {
    assert.equal(await engine.store.load(), 0);
    await engine.runner.recover();
    return engine;
  }

  async function stalled(): Promise<void> {
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);
  }

  for (const [how, next] of [
    ["was closed", async () => first.close().then(async () => begin(await window()))],
    ["was killed", kill],
  ] as const) {
    for (const bytes of [0, 300 * KiB, MiB + 5])
      it(`goes on from the byte that the storage confirms: the first window ${how} after ${bytes}`, async () => {
        shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: bytes });
        const deliveryId = await compose(first, path);
        await pressSend(first, deliveryId);
        await stalled();
        await first.store.flushed(deliveryId);
        const before = shipping.sandbox.requests.length;

        const second = await next();
        assert.equal((await settled(second, deliveryId)).phase, "sent");
        await shipping.assertArrived([path]);
        assert.equal(shipping.requests("create").length, 1);
        const [asked, put] = shipping.sandbox.requests.slice(before);
        assert.deepEqual([asked?.step, put?.step], ["probe", "upload"]);
        const from = Number(asked?.range?.split("-")[1] ?? -1) + 1;
        assert.ok(put?.headers["content-range"]?.startsWith(`bytes ${from}-`));
        assert.ok(from > bytes - 256 * KiB);
      });

    it(`opens a session, for nobody knows of the one that was being opened: the first window ${how}`, async () => {
      shipping.sandbox.faults.arm({ step: "create", fault: "stall", afterCommit: true });
      const deliveryId = await compose(first, path);
      await pressSend(first, deliveryId);
      await stalled();
      await first.store.flushed(deliveryId);
      const second = await next();
      assert.equal((await settled(second, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
    });

    it(`completes what may be complete already: the first window ${how}`, async () => {
      shipping.sandbox.faults.arm({ step: "complete", fault: "stall", afterCommit: true });
      const deliveryId = await compose(first, path);
      await pressSend(first, deliveryId);
      await stalled();
      const second = await next();
      assert.equal((await settled(second, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
      assert.equal(shipping.bytesReceived, SIZE, "nothing was uploaded again");
      assert.deepEqual(
        shipping
          .requests("complete")
          .map(({ status }) => status)
          .at(-1),
        409,
      );
    });

    for (const afterCommit of [false, true])
      it(`sends once, under the same key: the first window ${how} ${afterCommit ? "after" : "before"} the mail went out`, async () => {
        shipping.sandbox.faults.arm({ step: "send", fault: "stall", afterCommit });
        const deliveryId = await compose(first, path);
        await pressSend(first, deliveryId);
        await stalled();
        assert.equal(shipping.sandbox.deliveries, afterCommit ? 1 : 0);
        const second = await next();
        assert.equal((await settled(second, deliveryId)).phase, "sent");
        await shipping.assertArrived([path]);
        const sends = shipping.requests("send").map(({ headers }) => headers["idempotency-key"]);
        assert.equal(new Set(sends).size, 1);
        assert.equal(sends.length, 2);
      });

    it(`asks a person when the key no longer protects: the first window ${how}`, async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "stall", afterCommit: true });
      const deliveryId = await compose(first, path);
      await pressSend(first, deliveryId);
      await stalled();
      // The night passes before the next window opens.
      mock.timers.enable({ apis: ["Date"], now: Date.now() + 56 * minute });
      try {
        const second = await next();
        assert.equal((await settled(second, deliveryId)).phase, "unconfirmed");
      } finally {
        mock.timers.reset();
      }
      assert.equal(shipping.requests("send").length, 1);
      assert.equal(shipping.sandbox.deliveries, 1);
    });
  }

  it("sends what was ready and armed", async () => {
    const deliveryId = await compose(first, path);
    await settled(first, deliveryId);
    await first.close();
    const second = await begin(await window());
    await pressSend(second, deliveryId);
    assert.equal((await settled(second, deliveryId)).phase, "sent");
    assert.equal(shipping.bytesReceived, SIZE);
  });

  it("uploads again what has run out meanwhile", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
    const deliveryId = await compose(first, path);
    await pressSend(first, deliveryId);
    await stalled();
    await first.close();
    shipping.sandbox.clock.advance(61 * minute);
    const second = await window();
    second.clock.aheadMs = 61 * minute;
    await begin(second);
    assert.equal((await settled(second, deliveryId)).phase, "sent");
    await shipping.assertArrived([path]);
    assert.equal(shipping.requests("create").length, 2);
  });

  it("does not mix versions when the file was changed meanwhile", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
    const deliveryId = await compose(first, path);
    await pressSend(first, deliveryId);
    await stalled();
    await first.close();
    await writeFile(path, Buffer.alloc(SIZE, "x"));
    const second = await begin(await window());
    const { phase, attachments } = await settled(second, deliveryId);
    assert.deepEqual([phase, attachments[0]?.error?.code], ["waiting", "file-changed"]);
    assert.equal(shipping.requests("upload").length, 1);
  });

  it("says so when the file is gone", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
    const deliveryId = await compose(first, path);
    await stalled();
    await first.close();
    await shipping.folder.remove();
    const second = await begin(await window());
    assert.equal((await settled(second, deliveryId)).attachments[0]?.error?.code, "file-missing");
  });

  it("begins anew when the secret with the upload's address is lost", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
    const deliveryId = await compose(first, path);
    await pressSend(first, deliveryId);
    await stalled();
    await first.close();
    secrets.values.clear();
    const second = await begin(await window());
    assert.equal((await settled(second, deliveryId)).phase, "sent");
    await shipping.assertArrived([path]);
  });

  for (const status of ["paused", "cancelled"] as const)
    it(`leaves alone what was ${status}`, async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
      const deliveryId = await compose(first, path);
      const [{ id }] = filesOf(first, deliveryId);
      await stalled();
      if (status === "paused") await first.runner.pause(deliveryId, id);
      else await first.runner.cancel(deliveryId, id);
      await first.close();
      const before = shipping.sandbox.requests.length;
      const second = await begin(await window());
      assert.equal(filesOf(second, deliveryId)[0].status, status);
      await second.close();
      assert.equal(shipping.sandbox.requests.length, before);
    });

  it("goes on with the good records, and sets the torn one aside", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall" });
    const deliveryId = await compose(first, path);
    await stalled();
    await first.close();
    await writeFile(join(state.path, "torn.json"), '{"version":1,"id":"to');
    const second = await window();
    assert.equal(await second.store.load(), 1);
    await second.runner.recover();
    await settled(second, deliveryId);
    assert.equal(filesOf(second, deliveryId)[0].status, "ready");
    assert.ok((await readdir(state.path)).includes("torn.json.unreadable"));
  });

  it("survives many restarts, each in the middle", async () => {
    const [deliveryId] = await Promise.all([compose(first, path)]);
    await pressSend(first, deliveryId);
    let engine = first;
    for (let round = 1; round <= 5; round++) {
      await engine.close();
      engine = await begin(await window());
    }
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    await shipping.assertArrived([path]);
  });

  describe("with two windows", () => {
    let second: Engine;

    beforeEach(async () => {
      mock.timers.enable({ apis: ["setInterval"] });
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: MiB });
    });
    afterEach(() => mock.timers.reset());

    /** A mail that the first window drives, and a second window that sees it. */
    async function both(): Promise<string> {
      const deliveryId = await compose(first, path);
      await pressSend(first, deliveryId);
      await stalled();
      await first.store.flushed(deliveryId);
      second = await begin(await window());
      return deliveryId;
    }

    it("exactly one drives, and the other shows it", async () => {
      const deliveryId = await both();
      const before = shipping.sandbox.requests.length;
      for (let seconds = 0; seconds < 60; seconds += 5) {
        mock.timers.tick(5_000);
        await new Promise(setImmediate);
      }
      assert.equal(shipping.sandbox.requests.length, before, "nothing was asked twice");
      assert.equal(second.store.get(deliveryId).phase, "waiting");
      assert.equal(filesOf(second, deliveryId)[0].status, "uploading");
    });

    it("the other cannot touch it, and is told why", async () => {
      const deliveryId = await both();
      const [{ id }] = filesOf(second, deliveryId);
      const { form } = second.store.get(deliveryId);
      const refused = { code: "driven-elsewhere" };
      await assert.rejects(second.runner.pause(deliveryId, id), refused);
      await assert.rejects(second.runner.cancel(deliveryId, id), refused);
      await assert.rejects(second.runner.rename(deliveryId, id, "b"), refused);
      await assert.rejects(second.runner.edit(deliveryId, { ...form, revision: 99 }), refused);
      await assert.rejects(second.runner.send(deliveryId, { ...form, revision: 99 }), refused);
      await assert.rejects(second.runner.forget(deliveryId), refused);
    });

    it("the other hears what the driver does", async () => {
      const deliveryId = await both();
      await first.runner.pause(deliveryId, filesOf(first, deliveryId)[0].id);
      await second.until(deliveryId, ({ attachments }) => attachments[0]?.status === "paused");
      await first.runner.resume(deliveryId, filesOf(first, deliveryId)[0].id);
      await second.until(deliveryId, ({ phase }) => phase === "sent");
      await shipping.assertArrived([path]);
    });

    it("the other takes over within seconds when the driver is gone", async () => {
      const deliveryId = await both();
      await first.close();
      mock.timers.tick(5_000);
      assert.equal((await settled(second, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
      assert.equal(shipping.requests("create").length, 1);
    });

    it("the other may forget what was sent", async () => {
      const deliveryId = await both();
      await first.runner.pause(deliveryId, filesOf(first, deliveryId)[0].id);
      await first.runner.resume(deliveryId, filesOf(first, deliveryId)[0].id);
      await second.until(deliveryId, ({ phase }) => phase === "sent");
      await eventually(async () => !(await readdir(state.path)).some((name) => name.endsWith(".lease")));
      await second.runner.forget(deliveryId);
      await eventually(() => first.store.find(deliveryId) === undefined);
    });
  });
});
