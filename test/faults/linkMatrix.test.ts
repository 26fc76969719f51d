import { graphAsLinks } from "../support/doors.ts";
import { always, lines, page, refuse } from "./lines.ts";

/** Of two ranges. */
const SIZE = 12_000_003;
const at = (step: string) => ({ section: "Microsoft Graph, a link", step, size: SIZE, door: graphAsLinks });

describe("Every fault, of a file that goes as a link", () => {
  lines(at("1 create"), "create", [
    ["reset before the body", "sent, asked again", { fault: "resetBeforeBody" }],
    ["answer lost after the service acted", "sent, asked again", { fault: "dropReplyAfterCommit" }],
    ["answer without a body", "failed: bad-answer (retry); then sent", { fault: "emptyBody" }],
    ["401", "sent, asked again", refuse(401)],
    ["403", "failed: scope-missing (checkAccount); then sent", refuse(403)],
    ["429, Retry-After", "sent, asked again, after 7 s", refuse(429, { retryAfter: 7 })],
    ["503", "sent, asked again", refuse(503)],
    ["507, no room", "failed: no-room (retry); then sent", refuse(507, { type: "quotaLimitReached" })],
  ]);
  lines(at("2 bytes"), "upload", [
    ["reset in the body", "sent, probed", { fault: "resetMidBody", afterBytes: 700_000 }],
    ["answer lost after the range was stored", "sent, probed", { fault: "dropReplyAfterCommit" }],
    ["answer to the last range lost", "sent, probed", { fault: "dropReplyAfterCommit", skip: 1 }],
    ["answer cut short", "sent, probed", { fault: "truncatedBody" }],
    ["fewer bytes kept than sent", "sent", { fault: "keepFewerBytes", bytes: 600_000 }],
    ["a sign-in page, 200", "sent, probed", { fault: "htmlBody", status: 200 }],
    ["401", "sent, new session", refuse(401)],
    ["404", "sent, probed", refuse(404)],
    ["409, the name exists", "sent, new session", refuse(409, { type: "nameAlreadyExists" })],
    [
      "409, the name exists, each time",
      "failed: upload-refused (retry), new session; then sent",
      refuse(409, { type: "nameAlreadyExists", ...always }),
    ],
    ["416", "sent, probed", refuse(416)],
    ["416, each time", "failed: service-fault (retry), probed; then sent", refuse(416, always)],
    ["429, Retry-After", "sent, probed, after 7 s", refuse(429, { retryAfter: 7 })],
    ["503, again and again", "failed: service-fault (retry), probed; then sent", refuse(503, always)],
    ["507, no room", "failed: no-room (retry); then sent", refuse(507, { type: "quotaLimitReached" })],
    [
      "the session runs out half-way",
      "sent, new session",
      { fault: "timePasses", ms: 8 * 24 * 3_600_000, skip: 1 },
    ],
  ]);
  lines(at("3 link"), "share", [
    ["reset before the body", "sent", { fault: "resetBeforeBody" }],
    ["answer lost after it was made", "sent", { fault: "dropReplyAfterCommit" }],
    ["no answer ever arrives", "sent", { fault: "dropReplyAfterCommit", ...always }],
    ["a sign-in page, 200", "failed: bad-answer (retry); then sent", { fault: "htmlBody", status: 200 }],
    ["401", "sent", refuse(401)],
    [
      "403, sharing is off",
      "failed: link-refused (retry); then sent",
      refuse(403, { type: "sharingDisabled" }),
    ],
    ["429, Retry-After", "sent, after 7 s", refuse(429, { retryAfter: 7 })],
    ["503", "sent", refuse(503)],
    ["504, although it was made", "sent", refuse(504, { ...page, afterCommit: true })],
  ]);
  lines(at("4 send"), "send", [
    ["answer lost after the mail went out", "sent, looked up", { fault: "dropReplyAfterCommit" }],
    ["503", "sent, looked up, sent again", refuse(503)],
    ["400", "failed: request-refused (retry); then sent", refuse(400, { type: "ErrorInvalidRecipients" })],
  ]);
});
