import { graph } from "../support/doors.ts";
import { always, lines, page, refuse } from "./lines.ts";

/** As Microsoft says it of a missing scope. */
const denied = refuse(403, {
  type: "ErrorAccessDenied",
  message: "Access is denied. Check credentials and try again.",
});

/** Of two ranges, and of one request. */
const [large, small] = [4_500_003, 1_000_003];
const at = (step: string, size: number) => ({ section: "Microsoft Graph", step, size, door: graph });

describe("Every fault, at Microsoft Graph", () => {
  lines(at("1 draft", large), "draft", [
    ["reset before the body", "sent, draft asked for again", { fault: "resetBeforeBody" }],
    ["answer lost after the draft was made", "sent", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent", { fault: "truncatedBody" }],
    ["a sign-in page, 200", "failed: bad-answer (retry); then sent", { fault: "htmlBody", status: 200 }],
    ["401", "sent, draft asked for again", refuse(401)],
    [
      "401, each time",
      "failed: credential-rejected (updateKey), draft asked for again; then sent",
      refuse(401, always),
    ],
    ["403", "failed: scope-missing (checkAccount); then sent", denied],
    ["409", "sent, draft asked for again", refuse(409, { type: "ErrorIrresolvableConflict" })],
    ["429, Retry-After", "sent, draft asked for again, after 7 s", refuse(429, { retryAfter: 7 })],
    ["503", "sent, draft asked for again", refuse(503)],
    ["504, although the draft was made", "sent", refuse(504, { afterCommit: true })],
    ["507", "failed: provider-refused (retry); then sent", refuse(507)],
  ]);
  lines(at("1 create", large), "create", [
    ["reset before the body", "sent, asked again", { fault: "resetBeforeBody" }],
    ["answer lost after the service acted", "sent, asked again", { fault: "dropReplyAfterCommit" }],
    ["answer without a body", "failed: bad-answer (retry); then sent", { fault: "emptyBody" }],
    ["400", "failed: request-refused (retry); then sent", refuse(400)],
    ["401", "sent, asked again", refuse(401)],
    ["403, a shared mailbox", "failed: scope-missing (checkAccount); then sent", denied],
    [
      "404, the draft is gone",
      "sent, draft asked for again, asked again",
      refuse(404, { type: "ErrorItemNotFound" }),
    ],
    ["413", "failed: message-too-large (copyAdminCommand); then sent", refuse(413)],
    ["429", "sent, asked again", refuse(429)],
    ["500", "sent, asked again", refuse(500)],
  ]);
  lines(at("2 bytes", large), "upload", [
    ["reset before the body", "sent, probed", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, probed", { fault: "resetMidBody", afterBytes: 700_000 }],
    ["answer lost after the range was stored", "sent, probed", { fault: "dropReplyAfterCommit" }],
    ["answer to the last range lost", "sent, probed", { fault: "dropReplyAfterCommit", skip: 1 }],
    ["answer cut short", "sent, probed", { fault: "truncatedBody" }],
    ["answer without a body", "sent, probed", { fault: "emptyBody" }],
    ["fewer bytes kept than sent", "sent", { fault: "keepFewerBytes", bytes: 600_000 }],
    ["a sign-in page, 200", "sent, probed", { fault: "htmlBody", status: 200 }],
    ["400", "sent, probed", refuse(400)],
    ["400, each time", "failed: service-fault (retry), probed; then sent", refuse(400, always)],
    ["401", "sent, new session", refuse(401)],
    ["403", "sent, new session", refuse(403)],
    ["404", "sent, probed", refuse(404)],
    ["404, each time", "failed: session-lost (retry), new session, probed; then sent", refuse(404, always)],
    ["409", "sent, probed", refuse(409)],
    ["410", "sent, new session", refuse(410, { skip: 1 })],
    ["413, the range", "sent, probed", refuse(413, page)],
    [
      "413, the mail",
      "failed: message-too-large (copyAdminCommand); then sent",
      refuse(413, { type: "ErrorMessageSizeExceeded", skip: 1 }),
    ],
    ["416", "sent, probed", refuse(416)],
    ["429", "sent, probed", refuse(429)],
    ["429, Retry-After", "sent, probed, after 7 s", refuse(429, { retryAfter: 7 })],
    ["500", "sent, probed", refuse(500)],
    ["503, again and again", "failed: service-fault (retry), probed; then sent", refuse(503, always)],
    [
      "the session runs out half-way",
      "sent, new session",
      { fault: "timePasses", ms: 3 * 3_600_000, skip: 1 },
    ],
  ]);
  lines(at("2 bytes, a small file", small), "attach", [
    ["reset before the body", "sent, attached again", { fault: "resetBeforeBody" }],
    ["reset in the body", "sent, attached again", { fault: "resetMidBody", afterBytes: 700_000 }],
    ["answer lost after the file was attached", "sent", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent", { fault: "truncatedBody" }],
    ["401", "sent, attached again", refuse(401)],
    ["403", "failed: scope-missing (checkAccount); then sent", denied],
    ["409", "sent, attached again", refuse(409, { type: "ErrorIrresolvableConflict" })],
    [
      "404, the draft is gone",
      "sent, draft asked for again, new session, attached again",
      refuse(404, { type: "ErrorItemNotFound" }),
    ],
    ["413", "failed: message-too-large (copyAdminCommand); then sent", refuse(413)],
    ["429", "sent, attached again", refuse(429)],
    ["503", "sent, attached again", refuse(503)],
  ]);
  lines(at("4 send", small), "send", [
    ["reset before the body", "sent, looked up, sent again", { fault: "resetBeforeBody" }],
    ["answer lost after the mail went out", "sent, looked up", { fault: "dropReplyAfterCommit" }],
    [
      "no answer ever arrives, the mail is out",
      "sent, looked up",
      { fault: "dropReplyAfterCommit", ...always },
    ],
    [
      "no request ever arrives",
      "unconfirmed: send-unconfirmed (sendAgain), looked up, sent again; then sent",
      { fault: "resetBeforeBody", ...always },
    ],
    [
      "400, a bad recipient",
      "failed: request-refused (retry); then sent",
      refuse(400, { type: "ErrorInvalidRecipients" }),
    ],
    ["a sign-in page, 200, the mail is out", "sent, looked up", { fault: "htmlBody", status: 200 }],
    ["400, a gateway", "unconfirmed: send-unconfirmed (sendAgain), looked up; then sent", refuse(400, page)],
    ["400, a gateway, the mail is out", "sent, looked up", refuse(400, { ...page, afterCommit: true })],
    ["403, a gateway, the mail is out", "sent, looked up", refuse(403, { ...page, afterCommit: true })],
    [
      "400, a gateway, and nothing can be looked up",
      "unconfirmed: send-unconfirmed (sendAgain), looked up; then unconfirmed: send-unconfirmed (sendAgain)",
      refuse(400, { ...page, afterCommit: true }),
      { step: "look", ...refuse(403), skip: 2, ...always },
    ],
    ["401", "sent, sent again", refuse(401)],
    ["401, each time", "failed: credential-rejected (updateKey), sent again; then sent", refuse(401, always)],
    [
      "403, send as",
      "failed: provider-refused (checkAccount); then sent",
      refuse(403, { type: "ErrorSendAsDenied" }),
    ],
    [
      "403, a mail flow rule",
      "failed: provider-refused (retry); then sent",
      refuse(403, { type: "ErrorAccessDenied", message: "Refused by the rule “Nothing to partners”." }),
    ],
    ["409", "sent, looked up, sent again", refuse(409, { type: "ErrorIrresolvableConflict" })],
    [
      "409, the mail is out",
      "sent, looked up",
      refuse(409, { type: "ErrorIrresolvableConflict", afterCommit: true }),
    ],
    ["412, a gateway", "sent, looked up, sent again", refuse(412, page)],
    ["412, a gateway, the mail is out", "sent, looked up", refuse(412, { ...page, afterCommit: true })],
    [
      "404",
      "unconfirmed: send-unconfirmed (sendAgain); then sent",
      refuse(404, { type: "ErrorItemNotFound" }),
    ],
    [
      "413",
      "failed: message-too-large (copyAdminCommand); then sent",
      refuse(413, { type: "ErrorMessageSizeExceeded" }),
    ],
    ["429, Retry-After", "sent, sent again, after 7 s", refuse(429, { retryAfter: 7 })],
    ["500", "sent, looked up, sent again", refuse(500)],
    [
      "503, again and again",
      "unconfirmed: send-unconfirmed (sendAgain), looked up, sent again; then sent",
      refuse(503, always),
    ],
    ["504, the mail is out", "sent, looked up", refuse(504, { afterCommit: true })],
  ]);
});
