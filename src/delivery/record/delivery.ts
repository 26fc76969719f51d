/**
 * The record of one mail with its attachments; `advance.ts` says how facts change it. A record never claims more than
 * the service has confirmed. That a session has run out is not recorded: it follows from `expiresAt` and the clock.
 */
import * as z from "zod";
import { type ErrorCode, SavedError } from "../../base/errors.ts";
import { Draft } from "../../services/drafts.ts";
import { Audience, FileLink } from "../../services/fileLinks.ts";
import { Schedule } from "../../services/scheduling.ts";
import { Form } from "../../shared/contract/form.ts";
import { Phase } from "../../shared/contract/snapshot.ts";
import { lasting } from "../../shared/lasting.ts";
import { OutgoingMessage } from "../../shared/message.ts";
import { Arrival } from "../arrival/arrival.ts";
import { AgreedVersion } from "./agreement.ts";
import { MailSet } from "./mailSet.ts";
import { Provenance, TextMarks } from "./provenance.ts";

export const AttachmentStatus = z.enum([
  "queued",
  "creating",
  "uploading",
  "completing",
  "ready",
  "paused",
  "failed",
  "cancelled",
]);
export type AttachmentStatus = z.infer<typeof AttachmentStatus>;

/** The public half of an upload session; where the bytes go is a secret and lives in secret storage. */
export const SessionRecord = lasting({
  /** The service's name for the attachment; null at a service that gives it at the upload's end. */
  attachmentId: z.string().nullable(),
  /** Milliseconds since the epoch, by our clock. */
  createdAt: z.number(),
  /** Null once the file stays until the mail is sent. */
  expiresAt: z.number().nullable(),
  /** What the service itself last called the session. */
  serviceStatus: z.enum(["uploading", "ready"]),
  /** A `complete` was sent and may have arrived: "already complete" would be its lost answer. */
  completeAsked: z.boolean(),
  /** The whole file goes in one request, without a session of the service. */
  atOnce: z.boolean().default(false),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

export const Attachment = lasting({
  id: z.string(),
  path: z.string(),
  /** What the recipient sees. */
  name: z.string(),
  contentType: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
  /** Null in records of before, as the next one. */
  ctimeMs: z.number().nullable().default(null),
  ino: z.number().nullable().default(null),
  /** What the file is called in the service's draft, where it has one; null until it is put there. */
  sentAs: z.string().nullable().default(null),
  /** The version that a person has agreed to send; null while nobody has. */
  agreed: AgreedVersion.nullable().default(null),
  status: AttachmentStatus,
  /** Bytes that the service has confirmed. */
  accepted: z.number(),
  /** What was read of the file for the session; of the whole file once it is uploaded. */
  checkpoint: lasting({ bytes: z.number(), sha256: z.string() }).nullable(),
  session: SessionRecord.nullable(),
  error: SavedError.nullable(),
  /** A person has said to send what was uploaded although the file has changed since. */
  versionKept: z.boolean().default(false),
  /** Only its first `size` bytes are sent: what programs write behind them is none of the mail's. */
  grows: z.boolean().default(false),
  /** Only this part of its file is sent: `size` bytes from `start` on. `of`: see `CutFile.file`; `whole`: bytes of all of it. */
  part: lasting({ of: z.string(), start: z.number(), whole: z.number() }).optional(),
  /** What it is a copy of: a file that did not hold still. */
  copyOf: z.string().optional(),
  /** It went out with another mail already: no service promises that it goes twice. */
  reused: z.boolean().default(false),
  /** It goes as a link: the mail says where it is. */
  asLink: z.boolean().default(false),
  /** Where it is opened by now, and by whom. */
  link: FileLink.nullable().default(null),
  /** A person has had the link ended after the mail left, or deleted the file as well, and the service has confirmed it. */
  unshared: z.enum(["stopped", "deleted"]).nullable().default(null),
  /** What it was packed from, where it is an archive of ours: those are deleted once their mail has left. */
  madeFrom: z.string().optional(),
  /** How many of its sessions were given up: the present one's secret is kept under a name of its own. */
  abandoned: z.number().default(0),
  /** Shown in the text, where that names it so: it comes and goes with the text. */
  inline: lasting({
    contentId: z.string(),
    name: z.string(),
    /** What it measures, in pixels; null where its first bytes do not say so, and in records of before. */
    size: lasting({ width: z.number(), height: z.number() }).nullable().default(null),
  })
    .nullable()
    .default(null),
});
export type SavedAttachment = z.infer<typeof Attachment>;

/** What is true only while bytes move in this process; never saved. */
export interface Flight {
  /** Bytes that have left, confirmed or not. */
  readonly handed: number;
  readonly bytesPerSecond: number | undefined;
  /** Waiting to try again: since when this is known, until when, and why. */
  readonly waiting: { readonly until: number; readonly reason: ErrorCode } | undefined;
}

export interface AttachmentRecord extends SavedAttachment {
  readonly flight?: Flight;
}

export const SendRecord = lasting({
  idempotencyKey: z.string(),
  /** The exact bytes of the request: the same key with other bytes is refused. */
  body: z.string(),
  /** When the key was first used; its protection is counted from here. */
  startedAt: z.number(),
  /** A request of it may have left; false once it is certain that none has. */
  mayBeOut: z.boolean().default(true),
  /** Who keeps the mail until its time; null for one that does not wait. */
  keeper: Schedule.shape.keeper.nullable().default(null),
});
export type SendRecord = z.infer<typeof SendRecord>;

/** What becomes of a mail as soon as its files are there. */
export const Purpose = z.discriminatedUnion("type", [
  /** `inMails`: in several, where one would be too large; `inParts`: and what fits in none is cut */
  lasting({ type: z.literal("send"), inMails: z.boolean().optional(), inParts: z.boolean().optional() }),
  lasting({ type: z.literal("draft") }),
  /** In milliseconds since the epoch. */
  lasting({ type: z.literal("later"), at: z.number() }),
]);
export type Purpose = z.infer<typeof Purpose>;

/** What a service must be told still: that something of a mail is over. Kept until it was said. */
export const CleanupTask = lasting({
  /** Under this name the secret of an upload is kept until then. */
  id: z.string(),
  /** The mailbox that has it. */
  accountId: z.string().nullable(),
  /** When it was given up; milliseconds since the epoch. */
  since: z.number(),
  over: z.discriminatedUnion("type", [
    lasting({
      type: z.literal("upload"),
      size: z.number(),
      /** See `Attachment`. */
      asLink: z.boolean().default(false),
      /** What the service has added the file to. */
      holder: Draft.nullable(),
      attachmentId: z.string().nullable(),
      /** From then on the service has forgotten it without being told; null: never. */
      expiresAt: z.number().nullable(),
    }),
    /** Null: one was asked for, and whether there is one is not known. */
    lasting({ type: z.literal("draft"), draft: Draft.nullable() }),
    /** The link of a file, by the id of its attachment; `fileId` is the service's. */
    lasting({
      type: z.literal("link"),
      attachment: z.string(),
      fileId: z.string(),
      size: z.number(),
      file: z.enum(["stays", "deleted"]),
    }),
  ]),
});
export type CleanupTask = z.infer<typeof CleanupTask>;

/** Whom the files of a mail are open to that go as links, and for how many days; null: until they are taken away. */
export const LinkChoice = lasting({ audience: Audience, days: z.int().min(1).nullable() });
export type LinkChoice = z.infer<typeof LinkChoice>;

/** The fewest who need it, for as long as a mail is usually of use. */
export const USUAL_LINKS: LinkChoice = { audience: "recipients", days: 30 };

/** The event that files are attached to, in the place of a mail. */
export const EventRef = lasting({ id: z.string(), subject: z.string(), startsAt: z.number() });
export type EventRef = z.infer<typeof EventRef>;

/**
 * "refused": the service opens no upload sessions for the mailbox. "sendOnly": the account may do nothing but send.
 * "chosen": the person wants it so.
 */
export const InMail = z.enum(["refused", "sendOnly", "chosen"]);
export type InMail = z.infer<typeof InMail>;

export const Delivery = lasting({
  version: z.literal(1),
  /** Stands in the panel's page and in names of files. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  createdAt: z.number(),
  accountId: z.string().nullable(),
  /** Its files travel in the mail itself although its service has upload sessions, and why; null: as the service does it. */
  inMail: InMail.nullable().default(null),
  /** Whose mailbox the account's is, "google" for one; null without an account, and in records of before, when all were Microsoft's. */
  provider: z.string().nullable().default(null),
  form: lasting(Form.shape),
  /** The fingerprint of the form and the files as the mail began; null where somebody has filled it, and in records of before. */
  blank: z.string().nullable().default(null),
  /** Null for a mail of a person's own, and for one that a person has edited since. */
  filledBy: Provenance.nullable().default(null),
  /** The text holds variables that are filled in when they are known; else what looks like one is just text. */
  fillsIn: z.boolean().default(false),
  /** What of the text was not typed; null: nothing, and in records of before all that looks like a variable, where it fills in. */
  marks: TextMarks.nullable().default(null),
  /** Where the images that the text names are looked for, whichever window asks; null: nowhere. */
  imageFolders: lasting({ root: z.string(), folder: z.string() }).nullable().default(null),
  /** Files of the account can go as links, and what is to become of those that do. */
  hasLinks: z.boolean().default(false),
  links: LinkChoice.default(USUAL_LINKS),
  /** The checked message, once Send was pressed. */
  message: OutgoingMessage.nullable(),
  phase: Phase,
  purpose: Purpose.default({ type: "send" }),
  /** Where the mail waits for its time, once the service has taken it. */
  schedule: Schedule.nullable().default(null),
  attachments: z.array(Attachment),
  send: SendRecord.nullable(),
  /** The service's draft, where it keeps one. */
  draft: Draft.nullable().default(null),
  /** The draft that it was saved as before a person went on with it, and whose: it holds the mail as it was then. */
  savedDraft: lasting({
    accountId: z.string().nullable(),
    id: z.string(),
    internetMessageId: z.string().nullable().default(null),
    /** Attachments to which it has links. */
    links: z.array(z.string()).default([]),
    /** A person was told that nobody can say whether it was sent elsewhere: the next Send does not look again. */
    isDoubtTold: z.boolean().optional(),
  })
    .nullable()
    .default(null),
  event: EventRef.nullable().default(null),
  /** Headers, and other properties, that the draft may have by now: they can be changed there, but not taken out again. */
  propertiesWritten: z.array(z.string()).default([]),
  /** A draft was asked for and may be there, whether its answer has arrived or not. */
  draftAsked: z.boolean().default(false),
  messageId: z.string().nullable(),
  requestId: z.string().nullable(),
  finishedAt: z.number().nullable(),
  error: SavedError.nullable(),
  /** What is known of it since it was sent; null before, and in records of before. */
  arrival: Arrival.nullable().default(null),
  /** The mails that it goes with; null where it goes alone. */
  set: MailSet.nullable().default(null),
  remoteCleanup: z.array(CleanupTask).default([]),
  /** A person has discarded it: nobody sees it any more, and it stays only until its services were told. */
  discarded: z.boolean().default(false),
});
export type SavedDelivery = z.infer<typeof Delivery>;

export interface DeliveryRecord extends Omit<SavedDelivery, "attachments"> {
  readonly attachments: readonly AttachmentRecord[];
  /** When the mail leaves unless it is taken back; never saved. Milliseconds since the epoch. */
  readonly leavesAt?: number;
  /** Why the mail cannot be saved, or worked on, at the moment; never saved. */
  readonly trouble?: SavedError;
  /** Of a sending in this process, whether none of it has left yet; never saved. */
  readonly recallable?: boolean;
  /** The sending waits to try again: until when, and why; never saved. */
  readonly sendWait?: { readonly until: number; readonly reason: ErrorCode };
}

/** The name under which the secret of an attachment's present session is kept: none is written over before it is used up. */
export function secretName({ id, abandoned }: Pick<SavedAttachment, "id" | "abandoned">): string {
  return abandoned === 0 ? id : `${id}.${abandoned}`;
}

/** The record as it is saved: without what is true only in this process. */
export function toSaved({
  leavesAt: _,
  trouble: __,
  recallable: ___,
  sendWait: ____,
  ...delivery
}: DeliveryRecord): SavedDelivery {
  return { ...delivery, attachments: delivery.attachments.map(withoutFlight) };
}

/** The very same where nothing moves: of many files the journal compares only those that have changed. */
function withoutFlight(attachment: AttachmentRecord): SavedAttachment {
  if (!("flight" in attachment)) return attachment;
  const { flight: _, ...saved } = attachment;
  return saved;
}
