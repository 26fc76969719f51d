import assert from "node:assert/strict";
import { Shipping } from "../support/shipping.ts";

describe("A mail that waits for its only file", () => {
  it("is taken back when that file is removed, and does not leave without it", async () => {
    const shipping = await Shipping.start();
    const engine = await shipping.engine();
    shipping.sandbox.faults.arm({ step: "create", fault: "refuse", status: 400 });
    const { deliveryId } = await engine.runner.compose([await shipping.file("a.bin", 1000)], "account");
    assert.ok(deliveryId);
    const form = { ...engine.store.get(deliveryId).form, revision: 1, to: "ada@example.com" };
    await engine.runner.send(deliveryId, form);
    const { attachments } = await engine.until(
      deliveryId,
      (delivery) => delivery.attachments[0]?.status === "failed",
    );
    await engine.runner.detach(deliveryId, attachments[0]?.id ?? "");
    await engine.runner.shutdown();
    assert.deepEqual([engine.store.get(deliveryId).phase, shipping.sandbox.deliveries], ["composing", 0]);
    await shipping.close();
  });
});
