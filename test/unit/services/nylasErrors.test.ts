import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../../src/base/errors.ts";
import { isTransient } from "../../../src/net/retry.ts";
import {
  accountError,
  commonError,
  completeError,
  createError,
  readRefusal,
  sendError,
} from "../../../src/services/nylas/nylasErrors.ts";
import { answer } from "../../support/scriptedHttp.ts";

/** A refusal as Nylas words it. */
function refusal(status: number, type: string, message = "no", provider?: unknown) {
  const error = { type, message, ...(provider === undefined ? {} : { provider_error: provider }) };
  return answer(status, { request_id: "in-body", error });
}

/** What is done about it: repeated, or shown with this button. */
const again = "again";
function reaction(error: FreightError): string | undefined {
  const { remedy } = error;
  return isTransient(error) ? again : remedy;
}

describe("Nylas refuses to open a session", () => {
  for (const [given, code, what] of [
    [refusal(400, "invalid_request"), "request-refused", "retry"],
    [refusal(400, "token.unauthorized_access", "Invalid API key"), "credential-rejected", "updateKey"],
    [refusal(401, "unauthorized"), "credential-rejected", "updateKey"],
    [refusal(403, "forbidden"), "request-refused", "retry"],
    [refusal(429, "api.rate_limit_error"), "rate-limited", again],
    [refusal(500, "internal_error"), "service-fault", again],
    [answer(502, "<html>Bad Gateway</html>"), "service-fault", again],
    [answer(400), "request-refused", "retry"],
  ] as const)
    it(`with ${given.status} ${given.text.slice(0, 60)}: ${code}`, () => {
      const error = createError(given);
      assert.deepEqual([error.code, reaction(error)], [code, what]);
    });

  it("and its own words are passed on", () => {
    const given = refusal(
      400,
      "invalid_request",
      "file_size exceeds maximum allowed size of 157286400 bytes",
    );
    assert.match(createError(given).message, /file_size exceeds maximum allowed size/);
  });
});

describe("Nylas refuses to show a mailbox", () => {
  for (const [given, code] of [
    [refusal(401, "unauthorized"), "credential-rejected"],
    [refusal(403, "forbidden"), "request-refused"],
    [refusal(423, "api.resource_blocked"), "grant-invalid"],
    [refusal(503, "api.internal_error"), "service-fault"],
  ] as const)
    it(`with ${given.status}: ${code}`, () => {
      const error = accountError(given);
      assert.equal(error.code, code);
      assert.ok(!error.message.includes("session"), "nobody asked for one");
    });
});

describe("Nylas refuses to complete an upload", () => {
  // 409, 410 and 422 share one type: only the status tells them apart.
  for (const [given, code, what] of [
    [
      refusal(401, "unauthorized", "grant does not own this upload session"),
      "credential-rejected",
      "updateKey",
    ],
    [refusal(404, "not_found"), "session-lost", "retry"],
    [refusal(409, "invalid_request", "upload session has failed"), "session-lost", "retry"],
    [refusal(410, "invalid_request"), "session-expired", "retry"],
    [refusal(422, "invalid_request"), "upload-mismatch", "retry"],
    [refusal(429, "api.rate_limit_error"), "rate-limited", again],
    [refusal(500, "internal_error"), "service-fault", again],
    [refusal(400, "invalid_request"), "request-refused", "retry"],
  ] as const)
    it(`with ${given.status} ${given.text.slice(24, 80)}: ${code}`, () => {
      const error = completeError(given);
      assert.deepEqual([error.code, reaction(error)], [code, what]);
    });
});

describe("Nylas refuses a mail", () => {
  const tooLarge = { code: "ErrorMessageSizeExceeded", message: "The message exceeds the maximum size." };
  for (const [given, code, what] of [
    [refusal(400, "invalid_request_error"), "request-refused", "retry"],
    [refusal(400, "api.invalid_idempotency_key"), "request-refused", "retry"],
    [refusal(400, "token.unauthorized_access"), "credential-rejected", "updateKey"],
    [refusal(401, "api.authentication_error"), "credential-rejected", "updateKey"],
    [refusal(402, "", "Sending to at least one recipient failed"), "recipients-refused", undefined],
    [refusal(403, "insufficient_scopes"), "scope-missing", "checkAccount"],
    [refusal(403, "api.insufficient_scopes"), "scope-missing", "checkAccount"],
    [refusal(403, "api.authentication_error"), "grant-invalid", "checkAccount"],
    [refusal(404, "api.not_found_error"), "grant-unknown", "checkAccount"],
    [refusal(409, "api.invalid_idempotent_request"), "request-refused", "retry"],
    [refusal(409, "api.concurrent_idempotent_request"), "rate-limited", again],
    [answer(413, "<html>Request Entity Too Large</html>"), "message-too-large", "copyAdminCommand"],
    [
      refusal(422, "provider_error", "no", { code: "ErrorAccessDenied", message: "No." }),
      "provider-refused",
      "retry",
    ],
    [refusal(422, "provider_error", "no", tooLarge), "message-too-large", "copyAdminCommand"],
    [refusal(500, "provider_error", "no", tooLarge), "message-too-large", "copyAdminCommand"],
    [
      refusal(400, "provider_error", "no", "552 5.3.4 Message size exceeds fixed limit"),
      "message-too-large",
      "copyAdminCommand",
    ],
    [
      refusal(400, "provider_error", "no", "Message size exceeds fixed maximum message size"),
      "message-too-large",
      "copyAdminCommand",
    ],
    [
      refusal(400, "provider_error", "no", { message: "Message too large" }),
      "message-too-large",
      "copyAdminCommand",
    ],
    [
      refusal(400, "provider_error", "no", { error: "invalid_grant", error_description: "AADSTS50173: x." }),
      "grant-invalid",
      "checkAccount",
    ],
    [
      refusal(400, "provider_error", "no", {
        error: "interaction_required",
        error_description: "AADSTS50076: x.",
      }),
      "grant-invalid",
      "checkAccount",
    ],
    [
      refusal(400, "provider_error", "no", { error: { code: "ErrorSendAsDenied", message: "No." } }),
      "provider-refused",
      "retry",
    ],
    [refusal(429, "rate_limit_error"), "rate-limited", again],
    [refusal(500, "api.internal_error"), "service-fault", again],
    [refusal(502, ""), "service-fault", again],
    [refusal(503, ""), "service-fault", again],
    [refusal(504, "provider_error", "Provider request timed out."), "service-fault", again],
  ] as const)
    it(`with ${given.status} ${given.text.slice(24, 120)}: ${code}`, () => {
      const error = sendError(given, false);
      assert.deepEqual([error.code, reaction(error)], [code, what]);
    });

  for (const status of [400, 402, 403, 404, 409, 422])
    it(`with ${status} in the words of a gateway: only the same key can tell whether it went out`, () => {
      const error = sendError(answer(status, "<html>Blocked</html>"), false);
      assert.deepEqual([error.code, error.mayHaveActed, isTransient(error)], ["service-fault", true, true]);
    });

  for (const status of [500, 502, 503, 504])
    it(`for good when the stored answer to its key is ${status}: nobody can tell whether it went out`, () => {
      const error = sendError(refusal(status, "api.internal_error"), true);
      assert.deepEqual(
        [error.code, error.remedy, error.mayHaveActed],
        ["send-unconfirmed", "sendAgain", true],
      );
      assert.ok(!isTransient(error));
    });

  it("although it may be on its way when the same key is still being worked on", () => {
    const error = sendError(refusal(409, "api.concurrent_idempotent_request"), false);
    assert.equal(error.mayHaveActed, true);
    assert.ok((error.retryAfterMs ?? 0) >= 1_000, "it is given time");
  });

  for (const [status, acted] of [
    [400, false],
    [402, false],
    [403, false],
    [422, false],
    [429, false],
    [500, true],
    [504, true],
  ] as const)
    it(`with ${status} and ${acted ? "may have sent it" : "has not sent it"}`, () =>
      assert.equal(sendError(refusal(status, "x"), false).mayHaveActed, acted));

  it("in the words of the provider, which know more", () => {
    const given = refusal(422, "provider_error", "Provider error", {
      code: "ErrorInvalidRecipients",
      message: "At least one recipient isn't valid.",
    });
    assert.match(
      sendError(given, false).message,
      /ErrorInvalidRecipients: At least one recipient isn't valid\./,
    );
  });
});

describe("A refusal of Nylas", () => {
  for (const [given, type, message] of [
    [refusal(400, "api.invalid_request_payload", "why"), "invalid_request_payload", "why"],
    [refusal(400, "invalid_request", "why"), "invalid_request", "why"],
    [refusal(400, "token.unauthorized_access", "why"), "unauthorized_access", "why"],
    [answer(400, { message: "why" }), "", "why"],
    [answer(400, { error: {} }), "", ""],
    [answer(400, { error: { type: 7, message: null } }), "", ""],
    [answer(400, { error: "text" }), "", ""],
    [answer(400, "<html>why</html>"), "", ""],
    [answer(400), "", ""],
    [answer(400, "null"), "", ""],
  ] as const)
    it(`is read from ${given.text.slice(0, 80) || "nothing"}`, () => {
      const read = readRefusal(given);
      assert.deepEqual([read.status, read.type, read.message], [400, type, message]);
    });

  for (const [headers, body, expected] of [
    [{ "x-request-id": "in-header" }, { request_id: "in-body" }, "in-header"],
    [{}, { request_id: "in-body", error: { type: "x" } }, "in-body"],
    [{}, {}, undefined],
  ] as const)
    it(`has the request id ${expected}`, () =>
      assert.equal(readRefusal(answer(500, body, headers)).details.requestId, expected));

  it("with a provider's error of another kind is still read", () => {
    const given = answer(422, { error: { type: "provider_error", message: "why", provider_error: "text" } });
    assert.deepEqual([readRefusal(given).message, readRefusal(given).provider], ["why", "text"]);
  });

  // `provider_error` is the provider's answer as it came.
  const flat = { code: "ErrorMessageSizeExceeded", message: "Too much." };
  const sentence = "The message exceeds the maximum supported size.";
  for (const raw of [
    flat,
    { error: flat },
    JSON.stringify({ error: flat }),
    sentence,
    { message: sentence },
    { error: { code: 413, message: sentence } },
    { error: { code: "ErrorAttachmentSizeLimitExceeded" } },
  ])
    for (const status of [400, 403, 422, 500, 504])
      for (const isReplayed of [false, true])
        it(`says "too large" with ${status}, ${JSON.stringify(raw)}${isReplayed ? ", again" : ""}`, () => {
          const error = sendError(refusal(status, "provider_error", "no", raw), isReplayed);
          assert.deepEqual([error.code, error.mayHaveActed], ["message-too-large", false]);
        });

  for (const [status, type, raw, code, words] of [
    [504, "api.partial_success_error", undefined, "recipients-refused", /may already have it/],
    [423, "api.resource_blocked", undefined, "grant-invalid", /Ask your Nylas administrator\./],
    [400, "invalid_client", undefined, "grant-invalid", /secret of its connector has expired/],
    [401, "api.provider_error", { error: "invalid_client" }, "grant-invalid", /secret of its connector/],
    [500, "x", { error: "invalid_client", error_description: "AADSTS7000222: …" }, "grant-invalid", /secret/],
    [403, "x", { code: "ErrorAccessDenied", message: "" }, "scope-missing", /reconnect it with the scopes/],
    [403, "x", { error: { code: "Authorization_RequestDenied", message: "No." } }, "scope-missing", /scopes/],
    [403, "x", { code: "ErrorAccessDenied", message: "By the rule “X”." }, "provider-refused", /rule “X”\.$/],
    [403, "x", { code: "ErrorSendAsDenied", message: "No right." }, "provider-refused", /: No right\.$/],
    [403, "x", { code: "ErrorAccountSuspend", message: "Verify." }, "provider-refused", /: Verify\.$/],
    [403, "x", { code: "InvalidAuthenticationToken", message: "Old." }, "grant-invalid", /reconnected/],
  ] as const)
    for (const isReplayed of [false, true])
      it(`with ${status} ${type} ${JSON.stringify(raw)}${isReplayed ? ", again" : ""}: ${code}`, () => {
        const error = sendError(refusal(status, type, "no", raw), isReplayed);
        assert.equal(error.code, code);
        assert.match(error.message, words);
        assert.ok(!isTransient(error));
      });

  it("means the same at every step when it is about the key, the pace or a fault", () => {
    assert.deepEqual(
      [401, 429, 500, 404, 409, 422].map((status) => commonError(refusal(status, "x"))?.code),
      ["credential-rejected", "rate-limited", "service-fault", undefined, undefined, undefined],
    );
  });

  it("always becomes an error with words, whatever it says", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.string(), fc.json()),
        fc.boolean(),
        (status, text, replayed) => {
          for (const error of [
            createError(answer(status, text)),
            accountError(answer(status, text)),
            completeError(answer(status, text)),
            sendError(answer(status, text), replayed),
          ]) {
            assert.ok(error instanceof FreightError && error.message.length > 10);
            assert.equal(error.status, status);
            assert.notEqual(error.code, "unexpected");
          }
        },
      ),
    ));
});
