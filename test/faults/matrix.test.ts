import type { Fault } from "../../src/sandbox/faultRules.ts";
import { cell } from "./cell.ts";

/** A fault before it is aimed at a step. */
type Loose<F = Fault> = F extends Fault ? Omit<F, "step"> & { readonly step?: Fault["step"] } : never;
type Line = readonly [fault: string, expected: string, ...rules: readonly Loose[]];

const refuse = (status: number, more: Partial<Extract<Fault, { fault: "refuse" }>> = {}): Loose => ({
  fault: "refuse",
  status,
  ...more,
});
/** As often as it takes until the engine gives up. */
const always = { times: 99 };
const page = { body: "html" } as const;

/** Declares a step's lines. */
function lines(step: string, aim: Fault["step"], all: readonly Line[]): void {
  describe(`at “${step}”`, () => {
    for (const [fault, expected, ...rules] of all)
      cell({
        section: "Network and service",
        step,
        fault,
        expected,
        rules: rules.map((rule) => ({ ...rule, step: rule.step ?? aim })),
      });
  });
}

describe("Every fault", () => {
  lines("1 create", "create", [
    ["reset before the body", "sent, asked again", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, asked again", { fault: "resetMidBody", afterBytes: 20 }],
    ["answer lost after the service acted", "sent, asked again", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent, asked again", { fault: "truncatedBody" }],
    ["answer without a body", "failed: bad-answer (retry); then sent", { fault: "emptyBody" }],
    ["a sign-in page, 201", "failed: bad-answer (retry); then sent", { fault: "htmlBody" }],
    ["a sign-in page, 200", "failed: bad-answer (retry); then sent", { fault: "htmlBody", status: 200 }],
    [
      "an answer of another kind",
      "failed: bad-answer (retry); then sent",
      { fault: "otherBody", json: { data: {} } },
    ],
    ["400", "failed: request-refused (retry); then sent", refuse(400)],
    ["401", "failed: scope-missing (checkAccount); then sent", refuse(401)],
    [
      "401, and for the mailbox too",
      "failed: credential-rejected (updateKey); then sent",
      refuse(401),
      { step: "account", ...refuse(401), ...always },
    ],
    ["403", "failed: request-refused (retry); then sent", refuse(403)],
    ["404", "failed: request-refused (retry); then sent", refuse(404)],
    ["407, a page", "failed: request-refused (retry); then sent", refuse(407, page)],
    ["408", "sent, asked again", refuse(408)],
    ["409", "failed: request-refused (retry); then sent", refuse(409)],
    ["413", "failed: request-refused (retry); then sent", refuse(413)],
    ["422", "failed: request-refused (retry); then sent", refuse(422)],
    ["429", "sent, asked again", refuse(429)],
    ["429, Retry-After", "sent, asked again, after 7 s", refuse(429, { retryAfter: 7 })],
    [
      "429, Retry-After longer than anybody waits",
      "failed: rate-limited (retry); then sent",
      refuse(429, { retryAfter: 900 }),
    ],
    ["429, again and again", "failed: rate-limited (retry), asked again; then sent", refuse(429, always)],
    ["500", "sent, asked again", refuse(500, { by: "service" })],
    ["502, a page", "sent, asked again", refuse(502, page)],
    ["503, Retry-After", "sent, asked again, after 7 s", refuse(503, { retryAfter: 7 })],
    ["503, again and again", "failed: service-fault (retry), asked again; then sent", refuse(503, always)],
    ["504", "sent, asked again", refuse(504)],
    ["504, although the service acted", "sent, asked again", refuse(504, { afterCommit: true })],
    ["late answer", "sent", { fault: "delay", ms: 300 }],
  ]);

  lines("2 bytes", "upload", [
    ["reset before the body", "sent, probed", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, probed", { fault: "resetMidBody", afterBytes: 700_000 }],
    ["reset in the first bytes", "sent, probed", { fault: "resetMidBody", afterBytes: 1 }],
    [
      "reset again and again, a little further each time",
      "sent, probed",
      ...[1, 2, 3].map((): Loose => ({ fault: "resetMidBody", afterBytes: 300_000 })),
    ],
    [
      "reset again and again, never further",
      "failed: network (retry), probed; then sent",
      { fault: "resetMidBody", afterBytes: 20_000, ...always },
    ],
    ["answer lost after everything was stored", "sent, probed", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent, probed", { fault: "truncatedBody" }],
    ["answer without a body", "sent", { fault: "emptyBody" }],
    ["fewer bytes kept than sent", "sent", { fault: "keepFewerBytes", bytes: 600_000 }],
    ["no bytes kept: 308 without Range", "sent, probed", { fault: "keepFewerBytes", bytes: 0 }],
    [
      "no bytes kept, again and again",
      "failed: service-fault (retry), probed; then sent",
      { fault: "keepFewerBytes", bytes: 0, ...always },
    ],
    [
      "confirmed bytes forgotten: 308 without Range",
      "sent, probed",
      { fault: "resetMidBody", afterBytes: 700_000 },
      { step: "probe", fault: "forgetBytes", bytes: 0 },
    ],
    [
      "some confirmed bytes forgotten",
      "sent, probed",
      { fault: "keepFewerBytes", bytes: 800_000 },
      { fault: "resetMidBody", afterBytes: 1 },
      { step: "probe", fault: "forgetBytes", bytes: 300_000 },
    ],
    ["other bytes stored: checksum differs", "sent, new session", { fault: "corruptBytes" }],
    [
      "other bytes stored, each time",
      "failed: upload-mismatch (retry), new session; then sent",
      { fault: "corruptBytes", ...always },
    ],
    ["200 with another size", "sent, new session", { fault: "otherBody", json: { size: "5" } }],
    ["a sign-in page, 200", "sent, probed", { fault: "htmlBody" }],
    [
      "a sign-in page, again and again",
      "failed: network (retry), probed; then sent",
      { fault: "htmlBody", status: 200, ...always },
      { step: "probe", fault: "htmlBody", status: 200, ...always },
    ],
    ["400", "sent, new session", refuse(400)],
    ["400, each time", "failed: upload-refused (retry), new session; then sent", refuse(400, always)],
    ["401", "sent, new session", refuse(401)],
    ["403", "sent, new session", refuse(403)],
    ["404", "sent, new session", refuse(404)],
    ["404, each time", "failed: session-lost (retry), new session; then sent", refuse(404, always)],
    ["407, a page", "sent, new session", refuse(407, page)],
    ["408", "sent, probed", refuse(408)],
    ["409", "sent, probed", refuse(409)],
    ["410", "sent, new session", refuse(410)],
    ["412", "sent, probed", refuse(412)],
    ["413", "sent, new session", refuse(413)],
    ["413, each time", "failed: upload-refused (retry), new session; then sent", refuse(413, always)],
    ["416", "sent, probed", refuse(416)],
    ["429", "sent, probed", refuse(429)],
    ["429, Retry-After", "sent, probed, after 7 s", refuse(429, { retryAfter: 7 })],
    [
      "429, Retry-After longer than anybody waits",
      "failed: rate-limited (retry); then sent",
      refuse(429, { retryAfter: 900 }),
    ],
    ["499", "sent, new session", refuse(499)],
    ["500 in the body", "sent, probed", refuse(500, { afterBytes: 600_000 })],
    ["500 after everything was stored", "sent, probed", refuse(500, { afterCommit: true })],
    ["502, a page", "sent, probed", refuse(502, page)],
    [
      "503, then 410 for the probe",
      "sent, new session, probed",
      refuse(503),
      { step: "probe", ...refuse(410) },
    ],
    ["503, Retry-After", "sent, probed, after 7 s", refuse(503, { retryAfter: 7 })],
    ["503, again and again", "failed: service-fault (retry), probed; then sent", refuse(503, always)],
    ["504", "sent, probed", refuse(504)],
    ["503 for the probe as well", "sent, probed", refuse(503), { step: "probe", ...refuse(503), times: 3 }],
    [
      "answer of the probe lost",
      "sent, probed",
      refuse(503, { afterBytes: 600_000 }),
      { step: "probe", fault: "dropReplyAfterCommit" },
    ],
    ["a slow line", "sent", { fault: "slow", bytesPerSecond: 4_000_000 }],
    ["the session runs out meanwhile", "sent, new session", { fault: "timePasses", ms: 3_600_000 }],
  ]);

  lines("3 complete", "complete", [
    ["reset before the body", "sent, completed again", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, completed again", { fault: "resetMidBody", afterBytes: 1 }],
    [
      "answer lost after the service acted: 409 is ours",
      "sent, completed again",
      { fault: "dropReplyAfterCommit" },
    ],
    ["answer cut short", "sent, completed again", { fault: "truncatedBody" }],
    ["answer without a body", "failed: bad-answer (retry); then sent", { fault: "emptyBody" }],
    ["a sign-in page, 200", "failed: bad-answer (retry); then sent", { fault: "htmlBody" }],
    [
      "an answer of another kind",
      "failed: bad-answer (retry); then sent",
      { fault: "otherBody", json: { data: { status: "failed" } } },
    ],
    ["400", "failed: request-refused (retry); then sent", refuse(400)],
    ["401", "failed: credential-rejected (updateKey); then sent", refuse(401)],
    ["403", "failed: request-refused (retry); then sent", refuse(403)],
    ["404", "sent, new session", refuse(404)],
    ["407, a page", "failed: request-refused (retry); then sent", refuse(407, page)],
    ["408", "sent, completed again", refuse(408)],
    ["409, although we never asked", "sent, new session", refuse(409)],
    ["410", "sent, new session", refuse(410)],
    ["422", "sent, probed, completed again", refuse(422)],
    [
      "422, each time",
      "failed: upload-mismatch (retry), new session, probed; then sent",
      refuse(422, always),
    ],
    ["429", "sent, completed again", refuse(429)],
    ["429, Retry-After", "sent, completed again, after 7 s", refuse(429, { retryAfter: 7 })],
    ["500", "sent, completed again", refuse(500, { by: "service" })],
    [
      "500, although the service acted",
      "sent, completed again",
      refuse(500, { by: "service", afterCommit: true }),
    ],
    ["502, a page", "sent, completed again", refuse(502, page)],
    [
      "503, again and again",
      "failed: service-fault (retry), completed again; then sent",
      refuse(503, always),
    ],
    ["504, although the service acted", "sent, completed again", refuse(504, { afterCommit: true })],
    ["the session runs out just before", "sent, new session", { fault: "timePasses", ms: 3_600_000 }],
  ]);

  lines("4 send", "send", [
    ["reset before the body", "sent, same key", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, same key", { fault: "resetMidBody", afterBytes: 60 }],
    ["answer lost after the mail went out", "sent, same key", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent, same key", { fault: "truncatedBody" }],
    ["answer without a body", "sent, same key", { fault: "emptyBody" }],
    ["a sign-in page, 200", "sent, same key", { fault: "htmlBody" }],
    ["an answer of another kind", "sent, same key", { fault: "otherBody", json: [] }],
    [
      "no answer ever arrives, the mail is out",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      { fault: "dropReplyAfterCommit", ...always },
    ],
    [
      "no request ever arrives",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then sent",
      { fault: "resetBeforeBody", ...always },
    ],
    ["400", "failed: request-refused (retry); then sent", refuse(400, { by: "service" })],
    ["401", "failed: credential-rejected (updateKey); then sent", refuse(401)],
    [
      "402, some recipients may have it",
      "failed: recipients-refused (null); then sent",
      refuse(402, { by: "service" }),
    ],
    ["403, scopes", "failed: scope-missing (checkAccount); then sent", refuse(403)],
    [
      "403, sign-in expired",
      "failed: grant-invalid (checkAccount); then sent",
      refuse(403, { type: "api.authentication_error" }),
    ],
    ["404", "failed: grant-unknown (checkAccount); then sent", refuse(404)],
    ["407, a page", "failed: request-refused (retry); then sent", refuse(407, page)],
    ["408", "sent, same key", refuse(408)],
    ["409, still under way", "sent, same key", refuse(409, { type: "api.concurrent_idempotent_request" })],
    [
      "409, another request has the key",
      "failed: request-refused (retry); then sent",
      refuse(409, { type: "api.invalid_idempotent_request" }),
    ],
    ["413", "failed: message-too-large (copyAdminCommand); then sent", refuse(413, { by: "service" })],
    ["422", "failed: provider-refused (retry); then sent", refuse(422, { by: "service" })],
    ["429", "sent, same key", refuse(429)],
    ["429, Retry-After", "sent, same key, after 7 s", refuse(429, { retryAfter: 7 })],
    ["429 of the service, kept under the key", "sent, new key", refuse(429, { by: "service" })],
    [
      "429, Retry-After longer than anybody waits",
      "failed: rate-limited (retry); then sent",
      refuse(429, { retryAfter: 900 }),
    ],
    ["429, again and again", "failed: rate-limited (retry), same key; then sent", refuse(429, always)],
    ["500 at the gate", "sent, same key", refuse(500)],
    [
      "500 of the service, kept under the key",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then sent",
      refuse(500, { by: "service" }),
    ],
    [
      "500 of the service, the mail is out",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      refuse(500, { by: "service", afterCommit: true }),
    ],
    ["502, a page", "sent, same key", refuse(502, page)],
    ["503, Retry-After", "sent, same key, after 7 s", refuse(503, { retryAfter: 7 })],
    [
      "503, again and again",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then sent",
      refuse(503, always),
    ],
    ["504, the mail is out", "sent, same key", refuse(504, { afterCommit: true })],
    [
      "504 of the service, kept under the key",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then sent",
      refuse(504, { by: "service" }),
    ],
    ["takes long", "sent", { fault: "delay", ms: 300 }],
    [
      "answer lost, then a gate refuses with 400",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      { fault: "dropReplyAfterCommit" },
      refuse(400, page),
    ],
    [
      "answer lost, then a gate refuses with 413",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      { fault: "dropReplyAfterCommit" },
      refuse(413, page),
    ],
    [
      "answer lost, then 401",
      "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      { fault: "dropReplyAfterCommit" },
      refuse(401),
    ],
    [
      "request lost, then the service refuses with 422",
      "failed: provider-refused (retry), same key; then sent",
      { fault: "resetBeforeBody" },
      refuse(422, { by: "service" }),
    ],
  ]);
});
