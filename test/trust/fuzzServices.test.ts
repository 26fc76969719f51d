import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../src/base/errors.ts";
import { explain } from "../../src/base/log.ts";
import type { Http, HttpAnswer } from "../../src/net/http.ts";
import { backoffMs, isTransient, LONGEST_RETRY_AFTER_MS, retryAfterMs } from "../../src/net/retry.ts";
import { readToken } from "../../src/services/graph/graphApi.ts";
import { parseRecipients } from "../../src/shared/recipients.ts";
import { CALLS, type Call, FILE } from "./calls.ts";
import { HEADERS, spoiled, tried } from "./hostileJson.ts";

const RUNS = 1_500;
const grant = {
  id: "g",
  provider: "microsoft",
  email: "a@example.com",
  grant_status: "valid",
  blocked: false,
  scope: ["Mail.ReadWrite", "Mail.Send"],
};
const message = { id: "m", isDraft: false, internetMessageId: "<m@example.com>" };
const session = {
  attachment_id: "a",
  method: "PUT",
  url: "https://storage.example/u?upload_id=U",
  headers: { "Content-Type": "a/b" },
  expires_at: "2026-04-22T19:00:00Z",
};

/** What each service says when all is well. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  "Nylas: read the mailbox": { request_id: "r", data: grant },
  "Nylas: list the mailboxes": { request_id: "r", data: [grant, { ...grant, id: "h" }] },
  "Nylas: open a session": { request_id: "r", data: session },
  "Nylas: complete": { request_id: "r", data: { attachment_id: "a", status: "ready" } },
  "Nylas: send": { request_id: "r", data: { id: "m", grant_id: "g" } },
  "Google's storage: put": { size: "24", md5Hash: "x==" },
  "Google's storage: ask": { size: 24 },
  "Graph: read the mailbox": { id: "u", mail: "a@example.com", userPrincipalName: "a@example.com" },
  "Graph: open a draft": message,
  "Graph: look for a draft": {
    value: [{ ...message, internetMessageHeaders: [{ name: "X-Freight-Mail-Delivery", value: "mark" }] }],
  },
  "Graph: list the files of a draft": { value: [{ id: "a", name: FILE.name }] },
  "Graph: open a session": {
    uploadUrl: "https://outlook.example/s?authtoken=x",
    expirationDateTime: "2026-04-22T19:00:00Z",
  },
  "Graph: attach a small file": { id: "a" },
  "Graph: put a range": { nextExpectedRanges: ["24-"], expirationDateTime: "2026-04-22T19:00:00Z" },
  "Graph: write the mail": { id: "m", isDraft: true },
  "Graph: send": {},
};
const refusal = {
  request_id: "r",
  error: { type: "t", code: "c", message: "m", provider_error: { code: "c", message: "m" } },
};

/** Answers what leads up to the request that is meant, and then this; a second answer is the last. */
function saying(call: Call, answer: Omit<HttpAnswer, "receivedAt">): Http {
  let left = 5;
  return {
    send: async ({ method, url, body }) => {
      if (left-- === 0) throw new FreightError("network", "Enough.");
      if (typeof body === "object") for await (const chunk of body.chunks) void chunk;
      const request = `${method} ${new URL(url).pathname}`;
      const [found] = Object.entries(call.prelude ?? {}).filter(([key]) => request.startsWith(key));
      if (found !== undefined && !request.endsWith("/createUploadSession"))
        return { status: 200, headers: {}, text: JSON.stringify(found[1]), requestId: "r", receivedAt: 0 };
      return { ...answer, receivedAt: 1_776_880_800_000 };
    },
  };
}

describe("Whatever a service says", () => {
  const { signal } = new AbortController();

  for (const call of CALLS)
    it(`to “${call.name}”, it is read or refused in words`, async () => {
      let count = 0;
      const text = fc.oneof(
        { weight: 4, arbitrary: spoiled(SAMPLES[call.name]) },
        { weight: 2, arbitrary: spoiled(refusal) },
        { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
      );
      const status = fc.oneof(
        { weight: 3, arbitrary: fc.constant(call.status) },
        { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }) },
      );
      await fc.assert(
        fc.asyncProperty(
          status,
          HEADERS,
          text,
          fc.option(fc.string(), { nil: undefined }),
          async (...said) => {
            count++;
            const [given, headers, body, requestId] = said;
            const answer = { status: given, headers, text: body, requestId };
            const reason: unknown = await call.run("https://api.example", saying(call, answer), signal).then(
              (value) => void JSON.stringify(value),
              (error: unknown) => error,
            );
            if (reason === undefined) return;
            assert.ok(reason instanceof FreightError, explain(reason));
            assert.ok(reason.message.length < 2_000 && explain(reason).length < 6_000);
            assert.ok(reason.retryAfterMs === undefined || reason.retryAfterMs >= 0);
            if (isTransient(reason)) assert.ok(backoffMs(1, reason, () => 1) <= LONGEST_RETRY_AFTER_MS);
          },
        ),
        { numRuns: RUNS },
      );
      tried(count, "answers");
    });

  it("about when to come back, the wait is a number that is not negative, or none", () => {
    let count = 0;
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.date().map((date) => date.toUTCString()),
      fc.double().map(String),
      fc.bigInt().map(String),
    );
    fc.assert(
      fc.property(header, fc.double({ noNaN: true, min: -8.64e15, max: 8.64e15 }), (text, now) => {
        count++;
        const wait = retryAfterMs(text, now);
        assert.ok(wait === undefined || wait >= 0, `${text}: ${wait}`);
      }),
      { numRuns: 5_000 },
    );
    tried(count, "Retry-After");
  });

  it("in a token, its end is a date and its scopes are texts", () => {
    let count = 0;
    const claims = spoiled({ exp: 1_776_880_800, scp: "Mail.Send User.Read", aud: "x" });
    const token = fc.oneof(
      fc.string({ unit: "binary" }),
      claims.map((text) => `a.${Buffer.from(text).toString("base64url")}.c`),
      fc.tuple(fc.base64String(), fc.base64String()).map((parts) => parts.join(".")),
    );
    fc.assert(
      fc.property(token, (text) => {
        count++;
        const { expiresAt, scopes } = readToken(text) ?? {};
        assert.ok(expiresAt === undefined || !Number.isNaN(new Date(expiresAt).getTime()), `${expiresAt}`);
        assert.ok(scopes === undefined || scopes.every((scope) => typeof scope === "string"));
      }),
      { numRuns: 5_000 },
    );
    tried(count, "tokens");
  });

  it("a person pastes for recipients, no header can be made of it", () => {
    let count = 0;
    const piece = fc.constantFrom(
      ...[
        "a@example.com",
        "Bcc: ",
        "\r\n",
        "\n",
        "\0",
        ",",
        ";",
        "<",
        ">",
        '"',
        "(",
        ")",
        ":",
        "\\",
        "@",
        "é",
      ],
      ...[
        "__proto__",
        "\u202e",
        "x".repeat(300),
        "=?utf-8?q?=0D=0A?=",
        " ",
        "[127.0.0.1]",
        "Name <b@example.org>",
      ],
    );
    const typed = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(typed, (text) => {
        count++;
        for (const { email } of parseRecipients(text).recipients) assert.match(email, /^[\x21-\x7e]+$/);
      }),
      { numRuns: 10_000 },
    );
    tried(count, "lists of recipients");
  });
});
