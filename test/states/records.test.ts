import assert from "node:assert/strict";
import { newArrival } from "../../src/delivery/arrival/arrival.ts";
import { advance, type DeliveryEvent } from "../../src/delivery/record/advance.ts";
import type { AttachmentEvent } from "../../src/delivery/record/advanceAttachment.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { FileLink } from "../../src/services/fileLinks.ts";
import type { OutgoingMessage } from "../../src/shared/message.ts";
import { attachment, delivery, emptyForm, minute, now, savedError, session } from "../support/records.ts";
import { cellKey, grid } from "./table.ts";
import { content, fileLabel, mailLabel } from "./verdicts.ts";

const form = { ...emptyForm, revision: 1, to: "reader@example.com" };
const person = { name: null, email: "reader@example.com" };
const message: OutgoingMessage = {
  to: [person],
  cc: [],
  bcc: [],
  replyTo: [],
  headers: [],
  subject: "x",
  body: "x",
  format: "text",
};
const send = { idempotencyKey: "key", body: "{}", startedAt: now, mayBeOut: true, keeper: null };
const schedule = { id: "schedule", sendAt: now + 60 * minute, keeper: "service" } as const;
const draft = { kind: "message", id: "draft", internetMessageId: null } as const;
const over = { messageId: "message", requestId: "request", at: now };
const readyFile = attachment({
  status: "ready",
  accepted: 1000,
  session: session({ serviceStatus: "ready", completeAsked: true }),
  checkpoint: { bytes: 1000, sha256: "a" },
});
const task = {
  id: "file-1",
  accountId: "account",
  since: now,
  over: { type: "draft", draft },
} as const;
const link: FileLink = { url: "https://files.example/1", audience: "anyone", people: [], until: null };
const linkedFile = attachment({ ...readyFile, id: "linked-1", asLink: true, link });
const asked = { message, attachments: [readyFile, linkedFile] };
const set = { mails: ["delivery", "b", "c"], at: 0, files: [], moving: [["file-1"], []], answers: null };

const mails: Readonly<Record<string, DeliveryRecord>> = {
  composing: delivery({ attachments: [readyFile], draft, remoteCleanup: [task] }),
  waiting: delivery({ ...asked, phase: "waiting" }),
  leaving: delivery({ ...asked, phase: "waiting", leavesAt: now + 5_000 }),
  "sending, recallable": delivery({ ...asked, phase: "sending", send, recallable: true }),
  sending: delivery({ ...asked, phase: "sending", send, recallable: false }),
  scheduled: delivery({
    ...asked,
    phase: "scheduled",
    send,
    schedule,
    purpose: { type: "later", at: schedule.sendAt },
  }),
  failed: delivery({ ...asked, phase: "failed", error: savedError }),
  unconfirmed: delivery({ ...asked, phase: "unconfirmed", send, error: savedError }),
  sent: delivery({
    ...asked,
    phase: "sent",
    send,
    finishedAt: now,
    remoteCleanup: [task],
    arrival: newArrival(now, {}),
  }),
  saved: delivery({ ...asked, phase: "saved", purpose: { type: "draft" }, send, finishedAt: now }),
  "waiting for its set": delivery({ ...asked, phase: "waiting", set }),
  discarded: advance(delivery({ remoteCleanup: [task] }), { type: "discarded" }),
};

/** This does not compile when there is a fact that has no row here. */
const facts: { readonly [T in DeliveryEvent["type"]]: DeliveryEvent & { readonly type: T } } = {
  edited: { type: "edited", form },
  touched: { type: "touched" },
  accountChosen: {
    type: "accountChosen",
    accountId: "other",
    provider: "microsoft",
    inMail: null,
    hasLinks: false,
  },
  linksChosen: { type: "linksChosen", links: { audience: "anyone", days: 7 } },
  inMailTaken: { type: "inMailTaken", why: "refused" },
  attached: { type: "attached", attachments: [attachment({ id: "file-2" })] },
  removed: { type: "removed", attachmentId: "file-1" },
  attachment: { type: "attachment", attachmentId: "file-1", event: { type: "failed", error: savedError } },
  versionsAgreed: { type: "versionsAgreed", seen: new Map() },
  draftAsked: { type: "draftAsked" },
  draftOpened: { type: "draftOpened", draft },
  draftDropped: { type: "draftDropped" },
  uploadAbandoned: { type: "uploadAbandoned", attachmentId: "file-1", at: now },
  draftAbandoned: { type: "draftAbandoned", at: now },
  linkExtended: {
    type: "linkExtended",
    attachmentId: "linked-1",
    link: { ...link, until: now + 60 * minute },
  },
  linkEnding: { type: "linkEnding", attachmentId: "linked-1", file: "stays", at: now },
  cleanupDone: { type: "cleanupDone", id: "file-1" },
  discarded: { type: "discarded" },
  sendRequested: { type: "sendRequested", message: asked.message },
  handedOn: { type: "handedOn", parts: [] },
  setBegun: { type: "setBegun", answers: { messageId: "m-1", internetMessageId: "<1@example.com>" } },
  setEnded: { type: "setEnded", attachments: [attachment({ id: "file-2" })] },
  sendWithdrawn: { type: "sendWithdrawn" },
  departing: { type: "departing", at: now + 5_000 },
  sendStarted: { type: "sendStarted", send, recallable: true },
  sendLeft: { type: "sendLeft" },
  sendWaits: { type: "sendWaits", mayBeOut: false, until: now + 1_000, reason: "offline" },
  sendKept: { type: "sendKept" },
  sendHindered: { type: "sendHindered", error: { ...savedError, message: "The key cannot be read." } },
  sendHalted: { type: "sendHalted" },
  reusedDropped: { type: "reusedDropped" },
  sent: { type: "sent", ...over },
  inboxRead: { type: "inboxRead", read: { at: now, readTo: now, barred: false, returns: [] } },
  saved: { type: "saved", ...over },
  reopened: { type: "reopened" },
  savedDraftLost: { type: "savedDraftLost" },
  savedDraftDoubted: { type: "savedDraftDoubted" },
  scheduled: { type: "scheduled", schedule, requestId: null, at: 0 },
  scheduleCancelled: { type: "scheduleCancelled" },
  sendFailed: { type: "sendFailed", error: savedError },
  sendUnconfirmed: { type: "sendUnconfirmed", error: savedError },
};

const files: Readonly<Record<string, AttachmentRecord>> = {
  queued: attachment(),
  creating: attachment({ status: "creating" }),
  uploading: attachment({ status: "uploading", session: session(), accepted: 400 }),
  "uploading, waits": attachment({
    status: "uploading",
    session: session(),
    flight: { handed: 400, bytesPerSecond: undefined, waiting: { until: now + 1_000, reason: "network" } },
  }),
  completing: attachment({ status: "completing", accepted: 1000, session: session({ completeAsked: true }) }),
  ready: readyFile,
  expired: { ...readyFile, session: session({ expiresAt: now - minute }) },
  paused: attachment({ status: "paused", session: session(), accepted: 400 }),
  failed: attachment({ status: "failed", error: savedError }),
  cancelled: attachment({ status: "cancelled" }),
};

const fileFacts: { readonly [T in AttachmentEvent["type"]]: AttachmentEvent & { readonly type: T } } = {
  queued: { type: "queued" },
  sessionRequested: { type: "sessionRequested", sentAs: "report.pdf" },
  sessionCreated: {
    type: "sessionCreated",
    attachmentId: "remote-2",
    at: now,
    expiresAt: now + 60 * minute,
    atOnce: false,
  },
  stored: { type: "stored", attachmentId: "remote-2" },
  resumed: { type: "resumed" },
  progressed: { type: "progressed", accepted: 500, handed: 500, bytesPerSecond: 1, checkpoint: undefined },
  waited: { type: "waited", until: now + 2_000, reason: "offline" },
  completeAsked: { type: "completeAsked" },
  completed: { type: "completed", stays: false },
  sessionDropped: { type: "sessionDropped" },
  paused: { type: "paused" },
  failed: { type: "failed", error: savedError },
  cancelled: { type: "cancelled" },
  renamed: { type: "renamed", name: "other.pdf", contentType: "application/pdf" },
  wayChosen: { type: "wayChosen", asLink: true },
  linked: { type: "linked", link },
  unlinked: { type: "unlinked", file: "stays" },
  versionKept: { type: "versionKept" },
  versionWanted: { type: "versionWanted", version: undefined },
  versionTaken: { type: "versionTaken", version: { size: 2000, mtimeMs: now, ctimeMs: now, ino: 1 } },
  heldStill: {
    type: "heldStill",
    path: "/data/report.pdf",
    version: { size: 2000, mtimeMs: now, ctimeMs: now, ino: 1 },
    sha256: "11",
    grows: true,
    contentType: "text/plain; charset=utf-8",
  },
};

describe("A record", () => {
  const table = grid(
    "A mail's record, and a fact",
    "What `advance` makes of it.",
    Object.keys(mails),
    Object.keys(facts),
  );
  for (const [state, record] of Object.entries(mails))
    it(`that is ${state} has a verdict on each fact`, () => {
      assert.equal(mailLabel(record), state === "discarded" ? "gone" : state);
      for (const [name, fact] of Object.entries(facts)) {
        const after = advance(record, fact);
        const text = verdict(mailLabel(record), mailLabel(after), record, after);
        table.cells.set(cellKey(state, name), { text });
        // What is out stays so, whatever comes late.
        const isPersons = name === "discarded" || (state === "saved" && name === "reopened");
        if (["sent", "saved"].includes(state) && !isPersons) assert.equal(mailLabel(after), state, name);
        if (state === "discarded") assert.ok(after.discarded, name);
        // And nobody is told that it can be taken back once it may have left.
        if (state === "sending" && mailLabel(after) === "sending, recallable")
          assert.ok(["sendWaits", "sendStarted", "sendKept"].includes(name), name);
      }
    });
});

describe("A file's record", () => {
  const table = grid(
    "A file's record, and a fact",
    "What `advance` makes of it.",
    Object.keys(files),
    Object.keys(fileFacts),
  );
  for (const [state, file] of Object.entries(files))
    it(`that is ${state} has a verdict on each fact`, () => {
      const before = delivery({ attachments: [file] });
      for (const [name, event] of Object.entries(fileFacts)) {
        const after = advance(before, { type: "attachment", attachmentId: file.id, event });
        const [changed] = after.attachments;
        const label = (record: DeliveryRecord, each = record.attachments[0]) =>
          each?.flight?.waiting === undefined
            ? fileStatus(record, each)
            : `${fileStatus(record, each)}, waits`;
        const text = verdict(label(before), label(after, changed), before, after);
        table.cells.set(cellKey(state, name), { text });
      }
    });
});

const fileStatus = (record: DeliveryRecord, file: AttachmentRecord | undefined) => {
  const label = fileLabel(record, file, now);
  return label === "under way" ? (file?.status ?? label) : label;
};

function verdict(before: string, next: string, record: DeliveryRecord, after: DeliveryRecord): string {
  if (next !== before) return next;
  if (after === record) return "ignored";
  const isSame =
    content(after) === content(record) && after.remoteCleanup.length === record.remoteCleanup.length;
  const isFleeting = JSON.stringify(after) !== JSON.stringify(record);
  return isSame && !isFleeting ? "ignored" : "noted";
}
