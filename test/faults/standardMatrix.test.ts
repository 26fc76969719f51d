import { rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compose, type Desk, pressSend } from "../support/desk.ts";
import { google } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { cell } from "./cell.ts";
import { always, lines, page, refuse } from "./lines.ts";

const section = "Files in the mail itself";
/** A form, and JSON. */
const [large, small] = [4_500_003, 1_000_003];
const doubt = "unconfirmed: send-unconfirmed (sendAgain), same key";

describe("Every fault, where the files travel in the mail", () => {
  lines({ section, step: "send, a form", size: large, door: google }, "send", [
    ["reset before the body", "sent, same key", { fault: "resetBeforeBody" }],
    ["reset in the message", "sent, same key", { fault: "resetMidBody", afterBytes: 60 }],
    ["reset in the file", "sent, same key", { fault: "resetMidBody", afterBytes: 2_000_000 }],
    ["refused in the middle of the file", "sent, same key", refuse(503, { afterBytes: 2_000_000 })],
    ["answer lost after the mail went out", "sent, same key", { fault: "dropReplyAfterCommit" }],
    ["answer cut short", "sent, same key", { fault: "truncatedBody" }],
    ["answer cut short, each time", "sent, same key", { fault: "truncatedBody", ...always }],
    ["answer without a body, each time", "sent, same key", { fault: "emptyBody", ...always }],
    ["a sign-in page, 200", "sent, same key", { fault: "htmlBody" }],
    [
      "no answer ever arrives, the mail is out",
      `${doubt}; then unconfirmed: send-unconfirmed (sendAgain)`,
      { fault: "dropReplyAfterCommit", ...always },
    ],
    ["no request ever arrives", `${doubt}; then sent`, { fault: "resetBeforeBody", ...always }],
    ["400", "failed: request-refused (retry); then sent", refuse(400, { by: "service" })],
    ["401", "failed: grant-invalid (checkAccount); then sent", refuse(401)],
    [
      "402, some recipients may have it",
      "failed: recipients-refused (null); then sent",
      refuse(402, { by: "service" }),
    ],
    ["403, scopes", "failed: scope-missing (checkAccount); then sent", refuse(403)],
    ["404", "failed: grant-unknown (checkAccount); then sent", refuse(404)],
    ["408", "sent, same key", refuse(408)],
    ["409, still under way", "sent, same key", refuse(409, { type: "api.concurrent_idempotent_request" })],
    ["413", "failed: message-too-large (null); then sent", refuse(413, { by: "service" })],
    ["422", "failed: provider-refused (retry); then sent", refuse(422, { by: "service" })],
    ["429, Retry-After", "sent, same key, after 7 s", refuse(429, { retryAfter: 7 })],
    ["429 of the service, kept under the key", "sent, new key", refuse(429, { by: "service" })],
    ["500 at the gate", "sent, same key", refuse(500)],
    ["500 of the service, kept under the key", `${doubt}; then sent`, refuse(500, { by: "service" })],
    [
      "500 of the service, the mail is out",
      `${doubt}; then unconfirmed: send-unconfirmed (sendAgain)`,
      refuse(500, { by: "service", afterCommit: true }),
    ],
    ["502, a page", "sent, same key", refuse(502, page)],
    ["503, again and again", `${doubt}; then sent`, refuse(503, always)],
    ["504, the mail is out", "sent, same key", refuse(504, { afterCommit: true })],
    ["takes long", "sent", { fault: "delay", ms: 300 }],
  ]);
  lines({ section, step: "send, JSON", size: small, door: google }, "send", [
    ["reset before the body", "sent, same key", { fault: "resetBeforeBody" }],
    ["reset in the file", "sent, same key", { fault: "resetMidBody", afterBytes: 700_000 }],
    ["answer lost after the mail went out", "sent, same key", { fault: "dropReplyAfterCommit" }],
    ["413", "failed: message-too-large (null); then sent", refuse(413, { by: "service" })],
    ["504, the mail is out", "sent, same key", refuse(504, { afterCommit: true })],
  ]);

  const name = "build.bin";
  const other = sample(large, 7);
  const onlyOther = (desk: Desk) => {
    desk.witness.forgetFile(name);
    desk.witness.expectFile(name, other);
  };
  for (const [fault, expected, change, mend] of [
    [
      "rewritten",
      "failed: file-changed (uploadNewVersion); then sent",
      async (path: string, desk: Desk) => {
        await writeFile(path, other);
        onlyOther(desk);
      },
      undefined,
    ],
    [
      "other bytes, same size and time",
      "failed: file-changed (uploadNewVersion); then sent",
      async (path: string, desk: Desk) => {
        const { atime, mtime } = await stat(path);
        await writeFile(path, other);
        await utimes(path, atime, mtime);
        onlyOther(desk);
      },
      undefined,
    ],
    [
      "deleted, and back",
      "failed: file-missing (retry); then sent",
      (path: string) => rm(path),
      async (desk: Desk) => void (await desk.file(name, large)),
    ],
  ] as const)
    cell({
      section,
      step: "a file that changes before Send",
      fault,
      expected,
      door: google,
      ...(mend === undefined ? {} : { mend }),
      play: async (desk, options) => {
        const window = await desk.open(options);
        const path = await desk.file(name, large);
        await utimes(path, 5_000, 5_000); // A time that a forger can restore exactly.
        const id = await compose(window, path);
        await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
        await change(join(desk.files.path, name), desk);
        await pressSend(window, id);
        return { window, id };
      },
    });
});
