import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { Engine } from "../support/engine.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled } from "../support/shipping.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const SIZE = 9 * MiB + 7;

describe("Cancelling", () => {
  let shipping: Shipping;
  let engine: Engine;
  let path: string;
  let deliveryId: string;
  let fileId: string;

  beforeEach(async () => {
    shipping = await Shipping.start();
    engine = await shipping.engine();
    path = await shipping.file("a.bin", SIZE);
  });
  afterEach(() => shipping.close());

  /** Begins a mail that meets these faults, and waits until the last of them has struck. */
  async function begin(...faults: readonly Fault[]): Promise<void> {
    shipping.sandbox.faults.arm(...faults);
    deliveryId = await compose(engine, path);
    fileId = filesOf(engine, deliveryId)[0].id;
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);
  }

  /** Nothing of the upload is left: no connection, no open file, no secret, nothing under way. */
  async function assertGone(): Promise<void> {
    const [{ status, accepted, session, flight }] = filesOf(engine, deliveryId);
    assert.deepEqual([status, accepted, session, flight], ["cancelled", 0, null, undefined]);
    // A connection that told the storage good-bye may be kept for the next one, but none that carried bytes.
    await eventually(() => shipping.uploadSockets.every(({ bytesWritten }) => bytesWritten < 16 * KiB));
    assert.equal(await shipping.isOpen(path), false);
    // Kept until the storage was told.
    await eventually(() => engine.secrets.values.size === 0);
    const work = () => shipping.requests("create", "upload", "probe", "complete", "send").length;
    const before = work();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.equal(work(), before, "nothing goes on");
  }

  /** The storage was told, and has forgotten the upload. */
  async function assertToldStorage(): Promise<void> {
    await eventually(() => shipping.requests("cancel").some(({ endedAt }) => endedAt !== undefined));
    assert.deepEqual(
      shipping.requests("cancel").map(({ status }) => status),
      [499],
    );
  }

  for (const bytes of [0, 1, 64 * KiB, 256 * KiB - 1, 256 * KiB, MiB, 3 * MiB + 1, 8 * MiB - 1])
    it(`ends the upload at byte ${bytes}, and tells the storage`, async () => {
      await begin({ step: "upload", fault: "stall", afterBytes: bytes });
      await engine.runner.cancel(deliveryId, fileId);
      await assertGone();
      await assertToldStorage();
    });

  it("ends the upload in its second chunk", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB, skip: 1 });
    await engine.runner.cancel(deliveryId, fileId);
    await assertGone();
    await assertToldStorage();
  });

  for (const [what, faults, told] of [
    ["while a session is opened", [{ step: "create", fault: "stall" }], false],
    [
      "while the opened session's answer is awaited",
      [{ step: "create", fault: "stall", afterCommit: true }],
      false,
    ],
    [
      "while the last answer of the storage is awaited",
      [{ step: "upload", fault: "stall", afterCommit: true, skip: 1 }],
      true,
    ],
    [
      "while it asks where the storage stands",
      [
        { step: "upload", fault: "resetBeforeBody" },
        { step: "probe", fault: "stall" },
      ],
      true,
    ],
    ["while it is completed", [{ step: "complete", fault: "stall" }], true],
  ] as const)
    it(`ends ${what}`, async () => {
      await begin(...faults);
      await engine.runner.cancel(deliveryId, fileId);
      await assertGone();
      if (told) await assertToldStorage();
      else assert.deepEqual(shipping.requests("cancel"), []);
    });

  it("ends while it waits for another try", async () => {
    const patient = await shipping.engine({ backoffMs: 3_600_000 });
    engine = patient;
    await begin({ step: "upload", fault: "resetBeforeBody" });
    await eventually(() => patient.waits.length > 0);
    await patient.runner.cancel(deliveryId, fileId);
    await assertGone();
    await assertToldStorage();
  });

  it("ends while it waits for a place", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", times: 2 });
    const others = [await shipping.file("x", 10), await shipping.file("y", 10)];
    await compose(engine, ...others);
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);
    deliveryId = await compose(engine, path);
    fileId = filesOf(engine, deliveryId)[0].id;
    await engine.runner.cancel(deliveryId, fileId);
    assert.equal(filesOf(engine, deliveryId)[0].status, "cancelled");
    assert.equal(shipping.requests("create").length, 2);
  });

  it("at any moment leaves nothing behind", async () => {
    // What is going on is told in facts; somebody may press Cancel at each of them.
    let moments = 1;
    for (let cancelAt = 0; cancelAt < moments; cancelAt++) {
      shipping.sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 300 * KiB });
      let moment = 0;
      let cancelling: Promise<void> | undefined;
      const listening = engine.store.onDidChange(({ delivery }) => {
        const file = delivery?.attachments[0];
        if (delivery === undefined || file === undefined || file.status === "cancelled") return;
        if (moment++ === cancelAt) cancelling = engine.runner.cancel(delivery.id, file.id);
      });
      const before = shipping.sandbox.deliveries;
      deliveryId = await compose(engine, await shipping.file("b.bin", MiB));
      await pressSend(engine, deliveryId);
      const { phase } = await settled(engine, deliveryId);
      await cancelling;
      listening.dispose();
      const [{ status }] = filesOf(engine, deliveryId);
      // Too late is a fair answer; sent without the person's file, or with it against their will, is none.
      assert.deepEqual(
        [status, phase],
        status === "cancelled" ? ["cancelled", "waiting"] : ["ready", "sent"],
      );
      assert.equal(shipping.sandbox.deliveries - before, phase === "sent" ? 1 : 0);
      if (cancelAt === 0) assert.equal(status, "cancelled");
      if (status === "cancelled") await assertGone();
      moments = Math.max(moments, Math.min(moment, cancelAt + 2));
      shipping.sandbox.faults.clear();
      await engine.runner.forget(deliveryId);
    }
    assert.ok(moments > 8, `${moments} moments`);
    await eventually(() => engine.secrets.values.size === 0);
  });

  it("takes it out of the mail, which goes on with the others", async () => {
    const other = await shipping.file("other.bin", 10);
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    deliveryId = await compose(engine, path);
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);
    await engine.runner.attach(deliveryId, [other]);
    await engine.runner.detach(deliveryId, filesOf(engine, deliveryId)[0].id);
    await pressSend(engine, deliveryId);
    await settled(engine, deliveryId);
    await shipping.assertArrived([other]);
    await assertToldStorage();
  });

  it("can be taken back: the upload begins anew", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    await engine.runner.cancel(deliveryId, fileId);
    await engine.runner.resume(deliveryId, fileId);
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    await shipping.assertArrived([path]);
    assert.equal(shipping.requests("create").length, 2);
  });

  it("goes on after a pause as an upload, not as one that waits for its turn", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    await engine.runner.pause(deliveryId, fileId);
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall" });
    await engine.runner.resume(deliveryId, fileId);
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);
    assert.equal(filesOf(engine, deliveryId)[0].status, "uploading");
  });

  it("is not held up by a storage that cannot be told", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    shipping.sandbox.faults.arm({ step: "cancel", fault: "refuse", status: 503 });
    await engine.runner.cancel(deliveryId, fileId);
    await assertGone();
    await eventually(() => engine.log.some((line) => line.includes("was not told")));
  });

  for (const [what, act, phase, names] of [
    ["cancelled", (id: string, file: string) => engine.runner.cancel(id, file), "waiting", []],
    ["taken out", (id: string, file: string) => engine.runner.detach(id, file), "composing", []],
    [
      "renamed",
      (id: string, file: string) => engine.runner.rename(id, file, "other.bin"),
      "sent",
      ["other.bin"],
    ],
    ["taken back with the whole mail", (id: string) => engine.runner.withdraw(id), "composing", []],
    ["moved to another account", (id: string) => engine.runner.chooseAccount(id, "other"), "waiting", []],
  ] as const)
    it(`is in time when a file is ${what} while the send is being readied`, async () => {
      let uses = 0;
      let goOn: () => void = () => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      // The service is asked for by the upload, then to see whether the mail can go, then by the send itself.
      engine = await shipping.engine({
        readying: () => (++uses === 3 ? held : Promise.resolve()),
        others: [{ id: "other", apiKey: shipping.sandbox.nylas.apiKey, grantId: "none" }],
      });
      path = await shipping.file("small.bin", 10);
      deliveryId = await compose(engine, path);
      fileId = filesOf(engine, deliveryId)[0].id;
      await pressSend(engine, deliveryId);
      await eventually(() => uses === 3);
      await act(deliveryId, fileId);
      goOn();
      assert.equal((await settled(engine, deliveryId)).phase, phase);
      assert.deepEqual(
        shipping.sandbox.mails.flatMap(({ attachments }) => attachments.map(({ filename }) => filename)),
        names,
      );
    });

  it("changes nothing about a mail that is on its way, or was sent", async () => {
    shipping.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true });
    deliveryId = await compose(engine, path);
    fileId = filesOf(engine, deliveryId)[0].id;
    await pressSend(engine, deliveryId);
    for (const phase of ["sending", "sent"] as const) {
      await engine.until(deliveryId, (delivery) => delivery.phase === phase);
      const before = filesOf(engine, deliveryId);
      await engine.runner.cancel(deliveryId, fileId);
      await engine.runner.pause(deliveryId, fileId);
      await engine.runner.resume(deliveryId, fileId);
      await engine.runner.detach(deliveryId, fileId);
      await engine.runner.rename(deliveryId, fileId, "other.bin");
      await engine.runner.uploadNewVersion(deliveryId, fileId);
      assert.deepEqual(filesOf(engine, deliveryId), before);
      shipping.sandbox.faults.release();
    }
    await shipping.assertArrived([path], ["a.bin"]);
    assert.equal(shipping.requests("create").length, 1);
  });

  it("forgets a mail with all that belongs to it", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    await engine.runner.forget(deliveryId);
    assert.equal(engine.store.find(deliveryId), undefined);
    await assertToldStorage();
    await eventually(() => shipping.uploadSockets.every(({ bytesWritten }) => bytesWritten < 2 * KiB));
    await eventually(() => engine.secrets.values.size === 0);
  });

  it("lets the process end in the middle of everything", async () => {
    await begin({ step: "upload", fault: "stall", afterBytes: 300 * KiB });
    await engine.close();
    await eventually(() => shipping.uploadSockets.length === 0);
    assert.equal(await shipping.isOpen(path), false);
    assert.equal(filesOf(engine, deliveryId)[0].status, "uploading", "the next window goes on");
  });
});
