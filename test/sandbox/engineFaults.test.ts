import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { Engine } from "../support/engine.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const minute = 60_000;
/** No multiple of the storage's grid. */
const SIZE = MiB + 7;
/** More than one chunk. */
const LARGE = 8 * MiB + 7;

describe("The engine survives", () => {
  let shipping: Shipping;
  let engine: Engine;
  let path: string;

  beforeEach(async () => {
    shipping = await Shipping.start();
    engine = await shipping.engine();
    path = await shipping.file("a.bin", SIZE);
  });
  afterEach(() => shipping.close());

  /** Takes a larger file, one that is put in two chunks. */
  async function takeLarge(): Promise<void> {
    path = await shipping.file("large.bin", LARGE);
  }

  /** Nothing that arrived twice, nothing that was sent with other bytes or under another key. */
  async function assertArrivedOnce(): Promise<void> {
    await shipping.assertArrived([path]);
    const sends = shipping.requests("send");
    assert.equal(new Set(sends.map(({ headers }) => headers["idempotency-key"])).size, 1);
    assert.equal(new Set(sends.map(({ headers }) => headers["content-length"])).size, 1);
  }

  for (const step of ["create", "upload", "complete", "send"] as const) {
    const faults: readonly Fault[] = [
      { step, fault: "resetBeforeBody" },
      { step, fault: "dropReplyAfterCommit" },
      { step, fault: "truncatedBody" },
      { step, fault: "refuse", status: 429, retryAfter: 7 },
      { step, fault: "refuse", status: 429 },
      { step, fault: "refuse", status: 408 },
      { step, fault: "refuse", status: 500 },
      { step, fault: "refuse", status: 502, body: "html" },
      { step, fault: "refuse", status: 503, retryAfter: 3 },
      { step, fault: "refuse", status: 504, body: "empty" },
      { step, fault: "refuse", status: 504, afterCommit: true },
    ];
    for (const fault of faults)
      it(`at “${step}”: ${describeFault(fault)}`, async () => {
        shipping.sandbox.faults.arm({ ...fault, times: step === "upload" ? 1 : 2 });
        const { phase, attachments } = await ship(engine, path);
        assert.deepEqual([phase, attachments[0]?.status], ["sent", "ready"]);
        await assertArrivedOnce();
        const least = "retryAfter" in fault ? Number(fault.retryAfter) * 1000 : 500;
        assert.ok(
          engine.waits.every((ms) => ms >= least),
          engine.waits.join(),
        );
      });
  }

  for (const afterBytes of [0, 1, 256 * KiB - 1, 256 * KiB, 8 * MiB - 1])
    it(`a connection that breaks after ${afterBytes} bytes, and sends little again`, async () => {
      if (afterBytes > SIZE) await takeLarge();
      shipping.sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes });
      assert.equal((await ship(engine, path)).phase, "sent");
      await assertArrivedOnce();
      assert.equal(shipping.requests("probe").length, 1, "it asked where to go on");
      assert.ok(
        shipping.bytesReceived <= (afterBytes > SIZE ? LARGE : SIZE) + 256 * KiB,
        String(shipping.bytesReceived),
      );
    });

  it("a connection that breaks again and again, as long as bytes arrive", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 256 * KiB, times: 3 });
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
  });

  it("a storage that keeps less than it was sent", async () => {
    await takeLarge();
    shipping.sandbox.faults.arm({ step: "upload", fault: "keepFewerBytes", bytes: 3 * MiB + 5, times: 2 });
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
  });

  it("a storage whose last answer has no body", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "emptyBody" });
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
  });

  it("a sign-in page of the network in the place of the storage", async () => {
    shipping.sandbox.faults.arm(
      { step: "upload", fault: "htmlBody" },
      { step: "probe", fault: "htmlBody", status: 200 },
    );
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
  });

  it("an answer to its question that is lost", async () => {
    shipping.sandbox.faults.arm(
      { step: "upload", fault: "resetMidBody", afterBytes: 300 * KiB },
      { step: "probe", fault: "dropReplyAfterCommit" },
      { step: "probe", fault: "refuse", status: 503 },
    );
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
    assert.equal(shipping.requests("probe").length, 3);
  });

  for (const status of [404, 410, 499, 400, 401, 403])
    it(`a storage that no longer takes the session (${status}): it opens another one`, async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "refuse", status });
      assert.equal((await ship(engine, path)).phase, "sent");
      await assertArrivedOnce();
      assert.equal(shipping.requests("create").length, 2);
    });

  it("a storage that loses the session half-way", async () => {
    await takeLarge();
    shipping.sandbox.faults.arm({ step: "upload", fault: "refuse", status: 404, skip: 1 });
    assert.equal((await ship(engine, path)).phase, "sent");
    await assertArrivedOnce();
  });

  it("a storage that loses each session, but asks a person after a while", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "refuse", status: 404, times: 3 });
    const { phase, attachments, id } = await ship(engine, path);
    assert.deepEqual(
      [phase, attachments[0]?.status, attachments[0]?.error?.code],
      ["waiting", "failed", "session-lost"],
    );
    await engine.runner.resume(id, attachments[0]?.id ?? "");
    assert.equal((await settled(engine, id)).phase, "sent");
    await assertArrivedOnce();
  });

  it("a storage that refuses each session, and a person who tries again", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "refuse", status: 403, times: 3 });
    const { attachments, id } = await ship(engine, path);
    assert.equal(attachments[0]?.error?.code, "upload-refused");
    await engine.runner.resume(id, attachments[0]?.id ?? "");
    assert.equal((await settled(engine, id)).phase, "sent");
    await assertArrivedOnce();
  });

  for (const [status, code] of [
    [404, "a session that Nylas does not know any more"],
    [410, "a session that ran out"],
    [409, "a session that Nylas has closed"],
  ] as const)
    it(`${code}: it uploads again (${status})`, async () => {
      shipping.sandbox.faults.arm({ step: "complete", fault: "refuse", status });
      assert.equal((await ship(engine, path)).phase, "sent");
      await assertArrivedOnce();
      assert.equal(shipping.requests("create").length, 2);
    });

  it("the lost answer of a completion, and does not upload again", async () => {
    shipping.sandbox.faults.arm({ step: "complete", fault: "dropReplyAfterCommit" });
    assert.equal((await ship(engine, path)).phase, "sent");
    assert.deepEqual(
      shipping.requests("complete").map(({ status }) => status),
      [undefined, 409],
    );
    assert.equal(shipping.requests("create").length, 1);
    await assertArrivedOnce();
  });

  it("the lost answer of a send, and a send that is still under way", async () => {
    shipping.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
    const { phase, messageId } = await ship(engine, path);
    assert.equal(phase, "sent");
    assert.ok(messageId, "the stored answer tells");
    assert.deepEqual(
      shipping.requests("send").map(({ status }) => status),
      [undefined, 200],
    );
    await assertArrivedOnce();
  });

  for (const [what, rule] of [
    ["a page of HTML", { fault: "htmlBody" }],
    ["nothing", { fault: "emptyBody" }],
    ["half of it", { fault: "truncatedBody" }],
  ] as const)
    it(`an answer to the send that is ${what}`, async () => {
      shipping.sandbox.faults.arm({ step: "send", ...rule });
      assert.equal((await ship(engine, path)).phase, "sent");
      await assertArrivedOnce();
    });

  it("several faults at once, on several files", async () => {
    shipping.sandbox.faults.arm(
      { step: "create", fault: "refuse", status: 503 },
      { step: "upload", fault: "resetMidBody", afterBytes: MiB, times: 3 },
      { step: "probe", fault: "resetBeforeBody" },
      { step: "complete", fault: "dropReplyAfterCommit", times: 2 },
      { step: "send", fault: "refuse", status: 429, retryAfter: 1 },
      { step: "send", fault: "dropReplyAfterCommit" },
    );
    const paths = await Promise.all(["x", "y", "z"].map((name) => shipping.file(name, 2 * MiB + 3)));
    assert.equal((await ship(engine, ...paths)).phase, "sent");
    await shipping.assertArrived(paths);
  });

  describe("no longer, and says so", () => {
    it("when the same fault comes each time", async () => {
      shipping.sandbox.faults.arm({ step: "create", fault: "refuse", status: 503, times: 8 });
      const { phase, attachments } = await ship(engine, path);
      assert.deepEqual([phase, attachments[0]?.error?.code], ["waiting", "service-fault"]);
      assert.equal(shipping.requests("create").length, 8);
      assert.equal(shipping.requests("send").length, 0);
    });

    it("when it is to wait longer than a day", async () => {
      shipping.sandbox.faults.arm({ step: "create", fault: "refuse", status: 429, retryAfter: 100_000 });
      const { attachments } = await ship(engine, path);
      assert.equal(attachments[0]?.error?.code, "rate-limited");
      assert.deepEqual(engine.waits, []);
    });

    for (const [fault, code] of [
      [{ status: 400 }, "request-refused"],
      [{ status: 402, type: "provider_error" }, "recipients-refused"],
      [{ status: 403, type: "insufficient_scopes" }, "scope-missing"],
      [{ status: 413, body: "html" }, "message-too-large"],
      [{ status: 422, type: "provider_error" }, "provider-refused"],
      [{ status: 401 }, "grant-invalid"],
    ] as const)
      it(`when the mail is refused with ${fault.status}, and a person may send it again under a new key`, async () => {
        shipping.sandbox.faults.arm({ step: "send", fault: "refuse", by: "service", ...fault });
        const { id, phase, error } = await ship(engine, path);
        assert.deepEqual([phase, error?.code], ["failed", code]);
        assert.ok(fault.status === 413 || error?.requestId, "for the service's support");
        assert.equal(shipping.sandbox.deliveries, 0);
        await pressSend(engine, id);
        assert.equal((await settled(engine, id)).phase, "sent");
        await shipping.assertArrived([path]);
        const [first, second] = shipping.requests("send").map(({ headers }) => headers["idempotency-key"]);
        assert.notEqual(first, second, "the old key would only bring the old answer");
      });
  });

  describe("a send of which nobody knows", () => {
    it("and leaves the decision to a person: the stored answer is a fault", async () => {
      shipping.sandbox.faults.arm({
        step: "send",
        fault: "refuse",
        status: 504,
        by: "service",
        afterCommit: true,
      });
      const { id, phase, error } = await ship(engine, path);
      assert.deepEqual([phase, error?.code, error?.remedy], ["unconfirmed", "send-unconfirmed", "sendAgain"]);
      assert.equal(shipping.requests("send").length, 2, "the second brought the first one's answer");
      assert.equal(shipping.sandbox.deliveries, 1);
      await pressSend(engine, id);
      assert.equal(engine.store.get(id).phase, "unconfirmed", "Send alone does nothing now");
      await engine.runner.sendAgain(id);
      assert.equal((await settled(engine, id)).phase, "sent");
      assert.equal(shipping.sandbox.deliveries, 2, "on a person's word");
    });

    it("although it is refused later: the first try may have arrived", async () => {
      shipping.sandbox.faults.arm(
        { step: "send", fault: "dropReplyAfterCommit" },
        { step: "send", fault: "refuse", status: 401 },
      );
      const { phase, error } = await ship(engine, path);
      assert.deepEqual([phase, error?.code], ["unconfirmed", "send-unconfirmed"]);
    });

    it("although its mailbox is gone later", async () => {
      shipping.sandbox.faults.arm(
        { step: "send", fault: "refuse", status: 504, afterCommit: true },
        { step: "send", fault: "refuse", status: 404 },
      );
      assert.equal((await ship(engine, path)).phase, "unconfirmed");
    });

    it("when no answer comes at all", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit", times: 8 });
      const { phase } = await ship(engine, path);
      assert.equal(phase, "unconfirmed");
      assert.equal(shipping.sandbox.deliveries, 1);
    });

    it("but not when it is certain that nothing was sent", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 429, times: 8 });
      const { phase, error } = await ship(engine, path);
      assert.deepEqual([phase, error?.code], ["failed", "rate-limited"]);
      assert.equal(shipping.sandbox.deliveries, 0);
    });

    it("and does not repeat it once the key no longer protects", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      const deliveryId = await compose(engine, path);
      await settled(engine, deliveryId);
      // The clock jumps while the answer is awaited: the machine slept.
      engine.store.onDidChange(({ delivery }) => {
        if (delivery?.phase === "sending") engine.clock.aheadMs = 56 * minute;
      });
      await pressSend(engine, deliveryId);
      assert.equal((await settled(engine, deliveryId)).phase, "unconfirmed");
      assert.equal(shipping.requests("send").length, 1);
    });
  });

  describe("a file that changes", () => {
    it("while it uploads: nothing of the mixture is sent, and the new version may be", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 600 * KiB });
      const deliveryId = await compose(engine, path);
      await pressSend(engine, deliveryId);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      await shipping.folder.file("a.bin", Buffer.alloc(SIZE, "new"));
      shipping.sandbox.faults.release();
      const { phase, attachments } = await settled(engine, deliveryId);
      assert.deepEqual([phase, attachments[0]?.error?.code], ["waiting", "file-changed"]);
      assert.equal(shipping.requests("complete").length, 0);
      await engine.runner.uploadNewVersion(deliveryId, attachments[0]?.id ?? "");
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
      await assertArrivedOnce();
    });

    it("while it is paused: what is there is not mixed with it", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 600 * KiB });
      const deliveryId = await compose(engine, path);
      const [{ id }] = filesOf(engine, deliveryId);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      await engine.runner.pause(deliveryId, id);
      await shipping.folder.file("a.bin", Buffer.alloc(SIZE + 1, "new"));
      await engine.runner.resume(deliveryId, id);
      const { attachments } = await settled(engine, deliveryId);
      assert.equal(attachments[0]?.error?.code, "file-changed");
      await engine.runner.uploadNewVersion(deliveryId, id);
      await pressSend(engine, deliveryId);
      await settled(engine, deliveryId);
      await assertArrivedOnce();
      assert.equal(filesOf(engine, deliveryId)[0].size, SIZE + 1);
    });
  });
});

function describeFault({ step: _, fault, ...rest }: Fault): string {
  return [fault, ...Object.entries(rest).map(([name, value]) => `${name} ${value}`)].join(", ");
}
