import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { Http } from "../../src/net/http.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { Engine, EngineOptions } from "../support/engine.ts";
import { compose, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";

const { signal } = new AbortController();

describe("The engine is told what is wrong", () => {
  let shipping: Shipping;
  let path: string;

  beforeEach(async () => {
    shipping = await Shipping.start();
    path = await shipping.file("a.bin", 1000);
  });
  afterEach(() => shipping.close());

  const grant = (at: number) => shipping.sandbox.nylas.grants[at]?.id ?? "";

  /** The code of what stopped the mail, and its remedy. */
  async function outcome(engine: Engine): Promise<(string | null | undefined)[]> {
    const { phase, error, attachments } = await ship(engine, path);
    const stopped = attachments[0]?.error ?? error;
    assert.notEqual(phase, "sent");
    assert.equal(shipping.sandbox.deliveries, 0);
    return [stopped?.code, stopped?.remedy];
  }

  async function closedPort(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  describe("about the account", () => {
    for (const [what, options, code, remedy] of [
      ["a wrong key", async () => ({ apiKey: "nyk_wrong" }), "credential-rejected", "updateKey"],
      ["an unknown mailbox", async () => ({ grantId: "nobody" }), "grant-unknown", "checkAccount"],
      ["a mailbox that is signed out", async () => ({ grantId: grant(3) }), "grant-invalid", "checkAccount"],
      ["no network", async () => ({ apiUri: await closedPort() }), "network", "retry"],
      [
        "an address that is no mail service",
        async () => ({ apiUri: shipping.sandbox.storageOrigin }),
        undefined,
        undefined,
      ],
    ] as const)
      it(`${what}, when it is checked and when a file is sent`, async () => {
        const change: Partial<EngineOptions> = await options();
        const engine = await shipping.engine(change);
        if (code === undefined) {
          await assert.rejects(engine.service.check(signal), { name: "FreightError" });
          return;
        }
        await assert.rejects(engine.service.check(signal), { code, remedy });
        assert.deepEqual(await outcome(engine), [code, remedy]);
        assert.deepEqual(shipping.requests("upload"), [], "no byte of the file left");
      });

    it("a Microsoft mailbox that has become one of Google", async () => {
      const engine = await shipping.engine({ grantId: grant(1) });
      assert.deepEqual(await outcome(engine), ["provider-unsupported", "addAccount"]);
    });

    it("scopes that suffice to upload but not to send", async () => {
      const engine = await shipping.engine({ grantId: grant(2) });
      // What is listed is only a doubt; the refusal of the send decides.
      assert.match((await engine.service.check(signal)).doubt ?? "", /connected without Mail\.ReadWrite/);
      assert.deepEqual(await outcome(engine), ["scope-missing", "checkAccount"]);
    });

    it("an access token speaks for its own mailbox, which is called “me”", async () => {
      const { accessToken } = shipping.sandbox.nylas;
      const engine = await shipping.engine({ apiKey: accessToken, grantId: "me" });
      assert.equal((await engine.service.check(signal)).id, grant(0));
      assert.equal((await ship(engine, path)).phase, "sent");
    });

    it("a key that is renewed lets the mail go on", async () => {
      const engine = await shipping.engine({
        apiKey: "nyk_wrong",
        others: [{ id: "good", apiKey: shipping.sandbox.nylas.apiKey, grantId: grant(0) }],
      });
      const { id } = await ship(engine, path);
      await engine.runner.chooseAccount(id, "good");
      assert.equal((await settled(engine, id)).phase, "sent");
      await shipping.assertArrived([path]);
    });

    it("an account that was removed: the mail waits until another is chosen", async () => {
      const engine = await shipping.engine();
      const { deliveryId } = await engine.runner.compose([path], "removed");
      assert.ok(deliveryId);
      await pressSend(engine, deliveryId);
      assert.deepEqual(
        [filesOf(engine, deliveryId)[0].status, shipping.sandbox.requests.length],
        ["queued", 0],
      );
      await engine.runner.chooseAccount(deliveryId, engine.account.id);
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
    });
  });

  describe("about answers that are none", () => {
    for (const [step, rule, code] of [
      ["create", { fault: "htmlBody" }, "bad-answer"],
      ["create", { fault: "htmlBody", status: 200 }, "bad-answer"],
      ["create", { fault: "emptyBody" }, "bad-answer"],
      ["complete", { fault: "htmlBody" }, "bad-answer"],
      ["complete", { fault: "emptyBody" }, "bad-answer"],
    ] as const)
      it(`${rule.fault} at “${step}” is “${code}”, and another try brings the mail over`, async () => {
        shipping.sandbox.faults.arm({ step, ...rule } as Fault);
        const engine = await shipping.engine();
        assert.deepEqual(await outcome(engine), [code, "retry"]);
        const id = engine.store.list()[0]?.id ?? "";
        await engine.runner.resume(id, filesOf(engine, id)[0].id);
        assert.equal((await settled(engine, id)).phase, "sent");
        await shipping.assertArrived([path]);
      });

    for (const [rule, code] of [
      [{ fault: "htmlBody" }, "bad-answer"],
      [{ fault: "emptyBody" }, "bad-answer"],
      [{ fault: "truncatedBody" }, "network"],
      [{ fault: "resetBeforeBody" }, "network"],
      [{ fault: "refuse", status: 503 }, "service-fault"],
      [{ fault: "refuse", status: 429, retryAfter: 1 }, "rate-limited"],
    ] as const)
      it(`${rule.fault} at the check is “${code}”`, async () => {
        shipping.sandbox.faults.arm({ step: "account", ...rule });
        await assert.rejects((await shipping.engine()).service.check(signal), { code });
      });

    /** The service, but for one field of one step's answer. */
    const spoiling =
      (path_: RegExp, field: string, value: unknown) =>
      (http: Http): Http => ({
        send: async (request) => {
          const answer = await http.send(request);
          if (!path_.test(request.url) || answer.status > 299) return answer;
          const body = JSON.parse(answer.text);
          return { ...answer, text: JSON.stringify({ ...body, data: { ...body.data, [field]: value } }) };
        },
      });
    const CREATE = /attachment-uploads$/;
    const COMPLETE = /\/complete$/;
    for (const [url, field, value] of [
      [CREATE, "attachment_id", 7],
      [CREATE, "attachment_id", ""],
      [CREATE, "url", null],
      [CREATE, "url", "ftp://storage.example/x"],
      [CREATE, "url", "http://storage.example/x"],
      [CREATE, "url", "https://storage.example/x?X-Goog-Signature=a"],
      [CREATE, "headers", ["a"]],
      [CREATE, "headers", { a: 1 }],
      [CREATE, "method", "POST"],
      [CREATE, "expires_at", 1_760_000_000],
      [COMPLETE, "status", "failed"],
      [COMPLETE, "status", undefined],
      [COMPLETE, "attachment_id", null],
    ] as const)
      it(`a wrong “${field}” (${JSON.stringify(value)}) after ${url.source}`, async () => {
        const engine = await shipping.engine({ between: spoiling(url, field, value) });
        const [code] = await outcome(engine);
        assert.equal(code, "bad-answer");
        if (url === CREATE) assert.deepEqual(shipping.requests("upload"), [], "no byte went astray");
      });

    it("an upload whose session is over by the time it was opened is not begun for ever", async () => {
      const engine = await shipping.engine({
        between: spoiling(CREATE, "expires_at", "2001-01-01T00:00:00Z"),
      });
      const deliveryId = await compose(engine, path);
      const { attachments } = await settled(engine, deliveryId);
      assert.equal(attachments[0]?.status, "ready");
      assert.equal(shipping.requests("create").length, 1);
    });
  });
});
