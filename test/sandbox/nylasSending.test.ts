import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  assertError,
  callApi,
  grantsOf,
  MiB,
  openSession,
  readyFile,
  sampleBytes,
  send,
  sendMail,
  until,
} from "./support.ts";

const hourMs = 3_600_000;

describe("The mail API, sending", () => {
  let sandbox: Sandbox;
  let grant: string;
  before(async () => {
    sandbox = await startSandbox();
    grant = grantsOf(sandbox).microsoft.id;
  });
  after(() => sandbox.close());
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
    sandbox.faults.clear();
  });

  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    callApi(sandbox, method, path, body, headers);

  describe("a message", () => {
    it("answers with the message and an empty schedule id", async () => {
      const { status, json } = await sendMail(sandbox, { cc: [{ email: "c@example.com", name: "C" }] });
      assert.equal(status, 200);
      assert.equal(json.grant_id, grant);
      assert.deepEqual(
        [json.data.object, json.data.schedule_id, json.data.to, json.data.cc, json.data.headers],
        [
          "message",
          "",
          [{ email: "reader@example.com" }],
          [{ email: "c@example.com", name: "C" }],
          undefined,
        ],
      );
    });

    it("tells the Message-ID when asked for basic headers", async () => {
      const path = `/v3/grants/${grant}/messages/send?fields=include_basic_headers`;
      const { json } = await call("POST", path, { to: [{ email: "a@example.com" }] });
      assert.deepEqual(json.data.headers, [{ name: "Message-ID", value: sandbox.mails[0]?.message_id }]);
    });

    for (const [title, message, status] of [
      ["no recipient", { to: [] }, 400],
      ["no list of recipients", { to: null }, 400],
      ["a recipient without an address", { to: [{ name: "A" }] }, 400],
      ["an address that is none", { to: [{ email: "nobody" }] }, 400],
      ["two addresses in one", { cc: [{ email: "a@example.com, b@example.com" }] }, 400],
      ["an address beyond ASCII", { to: [{ email: "jürgen@example.com" }] }, 402],
      ["a subject that is no text", { subject: 7 }, 400],
      ["a sender who is somebody else", { from: [{ email: "boss@example.com" }] }, 400],
      [
        "a header that the provider does not take",
        { custom_headers: [{ name: "List-Unsubscribe", value: "x" }] },
        400,
      ],
      ["a scheduled mail, which it has not", { send_at: 4_000_000_000 }, 400],
      [
        "content that is not base64",
        { attachments: [{ filename: "a", content_type: "b", content: "%" }] },
        400,
      ],
      ["an attachment without a name", { attachments: [{ content_type: "b", content: "" }] }, 400],
      ["an upload with content", { attachments: [{ id: "x", content_type: "b", content: "" }] }, 400],
      ["an upload that was made up", { attachments: [{ id: "x" }] }, 500],
    ] as const)
      it(`refuses ${title}`, async () => {
        const before = sandbox.deliveries;
        assertError(await sendMail(sandbox, message), status);
        assert.equal(sandbox.deliveries, before);
      });

    it("cannot send an upload that is not complete, expired, or another grant's", async () => {
      const open = await openSession(sandbox, 10);
      assertError(await sendMail(sandbox, { attachments: [{ id: open.id }] }), 500, "api.internal_error");
      const ready = await readyFile(sandbox, sampleBytes(10));
      const google = `/v3/grants/${grantsOf(sandbox).google.id}/messages/send`;
      const message = { to: [{ email: "a@example.com" }], attachments: [{ id: ready.id }] };
      assertError(await call("POST", google, message), 500);
      sandbox.clock.advance(hourMs);
      assertError(await sendMail(sandbox, { attachments: [{ id: ready.id }] }), 500, "api.internal_error");
    });

    it("sends an upload until its hour is over, and more than once", async () => {
      const { id } = await readyFile(sandbox, sampleBytes(10));
      assert.equal((await sendMail(sandbox, { attachments: [{ id }] })).status, 200);
      sandbox.clock.advance(hourMs - 10_000);
      assert.equal((await sendMail(sandbox, { attachments: [{ id }] })).status, 200);
    });

    it("sends through a Google grant, without uploads", async () => {
      const content = sampleBytes(100).toString("base64");
      const message = {
        to: [{ email: "a@example.com" }],
        attachments: [{ filename: "a", content_type: "text/plain", content }],
      };
      assert.equal(
        (await call("POST", `/v3/grants/${grantsOf(sandbox).google.id}/messages/send`, message)).status,
        200,
      );
      assert.equal(sandbox.mails[0]?.from[0]?.email, "mila.brandt@gmail.example");
    });

    it("answers 404 for an unknown grant", async () => {
      assertError(await call("POST", "/v3/grants/nobody/messages/send", {}), 404);
    });

    it("takes JSON up to 3 MB and not a byte more", async () => {
      const bare = JSON.stringify({
        to: [{ email: "reader@example.com" }],
        subject: "A mail",
        body: "",
      }).length;
      const fits = await sendMail(sandbox, { body: "x".repeat(3 * MiB - bare) });
      assert.equal(fits.status, 200);
      const over = await sendMail(sandbox, { body: "x".repeat(3 * MiB - bare + 1) });
      assertError(over, 400);
      assert.equal(
        over.json.error.message,
        `max size of attachments for json is 3MB, received '${3 * MiB + 1}'`,
      );
    });

    it("takes a form up to 25 MB and not a byte more", async () => {
      const form = (length: number) => {
        const message = JSON.stringify({ to: [{ email: "reader@example.com" }], subject: "Form" });
        const field = `--B\r\nContent-Disposition: form-data; name="message"\r\n\r\n${message}\r\n`;
        const file = `--B\r\nContent-Disposition: form-data; name="file0"; filename="a.bin"\r\n\r\n`;
        const end = "\r\n--B--\r\n";
        const content = sampleBytes(length - field.length - file.length - end.length);
        return send(`${sandbox.nylas.apiUri}/v3/grants/${grant}/messages/send`, {
          method: "POST",
          headers: {
            Authorization: `Bearer ${sandbox.nylas.apiKey}`,
            "Content-Type": "multipart/form-data; boundary=B",
          },
          body: Buffer.concat([Buffer.from(field + file), content, Buffer.from(end)]),
        });
      };
      assert.equal((await form(25 * MiB)).status, 200);
      assertError(await form(25 * MiB + 1), 413);
    });

    for (const [title, contentType, body] of [
      [
        "a form without a message",
        "multipart/form-data; boundary=B",
        '--B\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--B--\r\n',
      ],
      ["a form that is none", "multipart/form-data; boundary=B", "nothing"],
      ["a form without a boundary", "multipart/form-data", "nothing"],
      [
        "a form with a field that is no file",
        "multipart/form-data; boundary=B",
        '--B\r\nContent-Disposition: form-data; name="message"\r\n\r\n{"to":[{"email":"a@example.com"}]}\r\n--B\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--B--\r\n',
      ],
      [
        "a form that breaks off",
        "multipart/form-data; boundary=B",
        '--B\r\nContent-Disposition: form-data; name="message"\r\n\r\n{}',
      ],
      ["text", "text/plain", "{}"],
      ["JSON that breaks off", "application/json", '{"to":'],
    ] as const)
      it(`refuses ${title}`, async () => {
        const headers = { Authorization: `Bearer ${sandbox.nylas.apiKey}`, "Content-Type": contentType };
        const url = `${sandbox.nylas.apiUri}/v3/grants/${grant}/messages/send`;
        assertError(await send(url, { method: "POST", headers, body }), 400);
      });
  });

  describe("an Idempotency-Key", () => {
    let count = 0;
    const newKey = () => {
      count += 1;
      return { "Idempotency-Key": `key ${count}` };
    };

    it("replays an error as faithfully as a success", async () => {
      const key = newKey();
      const first = await sendMail(sandbox, { attachments: [{ id: "none" }] }, key);
      const second = await sendMail(sandbox, { attachments: [{ id: "none" }] }, key);
      assert.deepEqual([first.status, second.status, second.text], [500, 500, first.text]);
      assert.equal(first.headers["idempotent-response"], undefined);
      assert.equal(second.headers["idempotent-response"], "true");
    });

    it("is refused with another body, and then still good for its own", async () => {
      const key = newKey();
      assert.equal((await sendMail(sandbox, { subject: "One" }, key)).status, 200);
      assertError(await sendMail(sandbox, { subject: "Two" }, key), 409, "api.invalid_idempotent_request");
      assert.equal((await sendMail(sandbox, { subject: "One" }, key)).status, 200);
    });

    it("is refused while its first request is under way", async () => {
      const key = newKey();
      sandbox.faults.arm({ step: "send", fault: "hold", atWork: true, times: 1 });
      const before = sandbox.deliveries;
      const slow = sendMail(sandbox, { subject: "Slow" }, key);
      await until(() => sandbox.faults.unmet.length === 0);
      assertError(
        await sendMail(sandbox, { subject: "Slow" }, key),
        409,
        "api.concurrent_idempotent_request",
      );
      sandbox.faults.release();
      assert.equal((await slow).status, 200);
      assert.equal(
        (await sendMail(sandbox, { subject: "Slow" }, key)).headers["idempotent-response"],
        "true",
      );
      assert.equal(sandbox.deliveries, before + 1);
    });

    it("sends again when its hour is over", async () => {
      const key = newKey();
      const before = sandbox.deliveries;
      await sendMail(sandbox, {}, key);
      sandbox.clock.advance(hourMs - 1000);
      await sendMail(sandbox, {}, key);
      assert.equal(sandbox.deliveries, before + 1);
      sandbox.clock.advance(1000);
      const late = await sendMail(sandbox, {}, key);
      assert.equal(late.headers["idempotent-response"], undefined);
      assert.equal(sandbox.deliveries, before + 2);
    });

    it("belongs to one grant", async () => {
      const key = newKey();
      await sendMail(sandbox, {}, key);
      const path = `/v3/grants/${grantsOf(sandbox).google.id}/messages/send`;
      const other = await call("POST", path, { to: [{ email: "a@example.com" }] }, key);
      assert.deepEqual([other.status, other.headers["idempotent-response"]], [200, undefined]);
    });

    it("may have 256 characters and no more", async () => {
      assert.equal((await sendMail(sandbox, {}, { "Idempotency-Key": "k".repeat(256) })).status, 200);
      assertError(
        await sendMail(sandbox, {}, { "Idempotency-Key": "k".repeat(257) }),
        400,
        "api.invalid_idempotency_key",
      );
    });
  });
});
