import assert from "node:assert/strict";
import { Shipping } from "../support/shipping.ts";

describe("The engine, while it waits to try again", () => {
  let shipping: Shipping;
  beforeEach(async () => {
    shipping = await Shipping.start();
  });
  afterEach(() => shipping.close());

  for (const [step, fault] of [
    ["create", { step: "create", fault: "refuse", status: 503 }],
    ["upload", { step: "upload", fault: "resetMidBody", afterBytes: 300_000 }],
    ["complete", { step: "complete", fault: "refuse", status: 503 }],
  ] as const)
    it(`tries ${step} again at once when a person does not want to wait`, async () => {
      // An hour: a test that waits it out has failed.
      const engine = await shipping.engine({ backoffMs: 3_600_000 });
      shipping.sandbox.faults.arm(fault);
      const { deliveryId } = await engine.runner.compose(
        [await shipping.file("a.bin", 1_000_000)],
        "account",
      );
      assert.ok(deliveryId);
      const { attachments } = await engine.until(
        deliveryId,
        (delivery) => delivery.attachments[0]?.flight?.waiting !== undefined,
      );
      engine.runner.tryNow(attachments[0]?.id ?? "");
      await engine.until(deliveryId, (delivery) => delivery.attachments[0]?.status === "ready");
      assert.deepEqual(shipping.sandbox.faults.unmet, []);
    });

  it("takes no notice of a hurry when nothing waits", async () => {
    const engine = await shipping.engine();
    engine.runner.tryNow("nobody");
    const { deliveryId } = await engine.runner.compose([await shipping.file("b.bin", 1000)], "account");
    assert.ok(deliveryId);
    await engine.until(deliveryId, (delivery) => delivery.attachments[0]?.status === "ready");
  });
});
