import assert from "node:assert/strict";
import { rm, stat, writeFile } from "node:fs/promises";
import type { Engine } from "../support/engine.ts";
import { compose, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";

const MiB = 1024 * 1024;
const minute = 60_000;

describe("The engine, sending a mail again to others", () => {
  let shipping: Shipping;
  let engine: Engine;

  beforeEach(async () => {
    shipping = await Shipping.start();
    engine = await shipping.engine();
  });
  afterEach(() => shipping.close());

  const again = async (deliveryId: string) => {
    const copy = await engine.runner.sendAgainTo(deliveryId);
    assert.ok(copy);
    return copy;
  };
  const pass = (ms: number) => {
    shipping.sandbox.clock.advance(ms);
    engine.clock.aheadMs += ms;
  };
  const hashes = () =>
    shipping.sandbox.mails.map(({ attachments }) => attachments.map(({ sha256 }) => sha256));

  it("uses what the service still has: nothing is uploaded again", async () => {
    const path = await shipping.file("build.zip", 2 * MiB);
    const sent = await ship(engine, path);
    pass(20 * minute);
    const copy = await again(sent.id);
    const { form } = engine.store.get(copy);
    assert.deepEqual([form.to, form.subject, form.body], ["", sent.form.subject, "Here."]);
    assert.deepEqual(
      filesOf(engine, copy).map(({ status, session }) => [status, session?.attachmentId]),
      sent.attachments.map(({ session }) => ["ready", session?.attachmentId]),
    );
    await pressSend(engine, copy, "other@example.com");
    assert.equal((await settled(engine, copy)).phase, "sent");
    assert.deepEqual([shipping.requests("create").length, shipping.bytesReceived], [1, 2 * MiB]);
    const [second, first] = hashes();
    assert.deepEqual(second, first);
    assert.deepEqual(
      shipping.sandbox.mails.map(({ to }) => to.map(({ email }) => email)),
      [["other@example.com"], ["reader@example.com"]],
    );
  });

  it("also when the file is gone, as the zip of a folder is", async () => {
    const path = await shipping.file("folder.zip", MiB);
    const sent = await ship(engine, path);
    await rm(path);
    const copy = await again(sent.id);
    await pressSend(engine, copy, "other@example.com");
    assert.equal((await settled(engine, copy)).phase, "sent");
    assert.equal(shipping.sandbox.mails.length, 2);
  });

  for (const [what, before, after] of [
    ["has run out before", 61 * minute, 0],
    ["runs out so soon that the send would not make it", 58 * minute, 0],
    ["runs out while the letter is written", 30 * minute, 31 * minute],
  ] as const)
    it(`uploads again where the hour ${what}`, async () => {
      const path = await shipping.file("build.zip", MiB);
      const sent = await ship(engine, path);
      pass(before);
      const copy = await again(sent.id);
      await settled(engine, copy);
      pass(after);
      await pressSend(engine, copy, "other@example.com");
      assert.equal((await settled(engine, copy)).phase, "sent");
      assert.deepEqual([shipping.requests("create").length, shipping.bytesReceived], [2, 2 * MiB]);
      const [second, first] = hashes();
      assert.deepEqual(second, first);
    });

  it("says so when the hour is over and the file is gone", async () => {
    const path = await shipping.file("build.zip", MiB);
    const sent = await ship(engine, path);
    await rm(path);
    pass(61 * minute);
    const copy = await again(sent.id);
    const { attachments } = await settled(engine, copy);
    assert.deepEqual([attachments[0]?.status, attachments[0]?.error?.code], ["failed", "file-missing"]);
  });

  for (const [when, before, after] of [
    ["within the hour", 0, 0],
    ["after the hour", 61 * minute, 0],
    ["and the hour runs out while the letter is written", 30 * minute, 31 * minute],
  ] as const)
    for (const [how, change] of [
      ["changed", (path: string) => writeFile(path, "another version")],
      [
        "got other bytes and kept its size",
        async (path: string) => writeFile(path, Buffer.alloc((await stat(path)).size)),
      ],
    ] as const)
      for (const mailbox of [0, 1])
        it(`asks when the file has ${how} since, ${when}${mailbox === 0 ? "" : ", also where it goes with the mail"}`, async () => {
          const { id: grantId = "", provider = "" } = shipping.sandbox.nylas.grants[mailbox] ?? {};
          if (mailbox > 0) engine = await shipping.engine({ grantId, provider });
          const path = await shipping.file("build.zip", MiB);
          const sent = await ship(engine, path);
          await change(path);
          pass(before);
          const copy = await again(sent.id);
          const isAsked = () => filesOf(engine, copy)[0]?.error?.code === "file-changed";
          await settled(engine, copy);
          pass(after);
          if (!isAsked()) await pressSend(engine, copy, "other@example.com");
          await settled(engine, copy);
          assert.ok(isAsked());
          assert.equal(shipping.sandbox.mails.length, 1);
        });

  it("uploads again, on a person's word, where the service does not take a file twice", async () => {
    const path = await shipping.file("build.zip", MiB);
    const sent = await ship(engine, path);
    const copy = await again(sent.id);
    const message = "attachment is not ready";
    shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 500, by: "service", message });
    await pressSend(engine, copy, "other@example.com");
    assert.equal((await settled(engine, copy)).phase, "unconfirmed");
    assert.equal(shipping.sandbox.mails.length, 1);
    await engine.runner.sendAgain(copy);
    await engine.until(copy, ({ phase }) => phase === "sent");
    assert.equal(shipping.requests("create").length, 2);
    assert.equal(shipping.sandbox.mails.length, 2);
  });

  for (const status of [400, 404, 409, 410, 422])
    it(`uploads again and sends automatically where the service refuses a file that was used, with ${status}`, async () => {
      const sent = await ship(engine, await shipping.file("build.zip", MiB));
      const copy = await again(sent.id);
      shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status, by: "service" });
      await pressSend(engine, copy, "other@example.com");
      assert.equal((await settled(engine, copy)).phase, "sent");
      assert.equal(shipping.requests("create").length, 2);
      assert.equal(shipping.sandbox.mails.length, 2);
    });

  it("does not upload again for a refusal of what was never used", async () => {
    const deliveryId = await compose(engine, await shipping.file("build.zip", MiB));
    shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 422, by: "service" });
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "failed");
    assert.equal(shipping.requests("create").length, 1);
  });

  it("uploads again where the service refuses a file of a scheduled mail that was cancelled", async () => {
    const deliveryId = await compose(engine, await shipping.file("build.zip", MiB));
    const { form } = engine.store.get(deliveryId);
    const change = { revision: form.revision + 1, to: "reader@example.com" };
    await engine.runner.send(
      deliveryId,
      { ...form, ...change },
      { type: "later", at: Date.now() + 30 * minute },
    );
    await engine.until(deliveryId, ({ phase }) => phase === "scheduled");
    await engine.runner.cancelScheduled(deliveryId);
    shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, by: "service" });
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    assert.equal(shipping.requests("create").length, 2);
  });

  it("begins nothing from a mail that was not sent", async () => {
    const deliveryId = await compose(engine, await shipping.file("a.bin", 10));
    assert.equal(await engine.runner.sendAgainTo(deliveryId), undefined);
    assert.equal(engine.store.list().length, 1);
  });
});
