/**
 * The record of one mail with its attachments; `advance.ts` changes it. It never claims more than the service
 * has confirmed. That a session has expired is not recorded: it follows from `expiresAt` and the clock.
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

/** The public half of an upload session; the upload address is a secret and kept in secret storage. */
export const SessionRecord = lasting({
  /** The service's id of the attachment; null until the upload's end at a service that gives it then. */
  attachmentId: z.string().nullable(),
  /** Milliseconds since the epoch, by our clock. */
  createdAt: z.number(),
  /** Milliseconds since the epoch; null once the file stays until the mail is sent. */
  expiresAt: z.number().nullable(),
  /** The service's own last word on the session. */
  serviceStatus: z.enum(["uploading", "ready"]),
  /** A `complete` may have arrived: if the service says "already complete", only the answer was lost. */
  completeAsked: z.boolean(),
  /** The whole file goes in one request; the service has no session for it. */
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
  /** Null in older records, as is `ino`. */
  ctimeMs: z.number().nullable().default(null),
  ino: z.number().nullable().default(null),
  /** The file's name in the service's draft; null until it is put there, or without a draft. */
  sentAs: z.string().nullable().default(null),
  /** The version that a person has agreed to send; null while nobody has. */
  agreed: AgreedVersion.nullable().default(null),
  status: AttachmentStatus,
  /** Bytes that the service has confirmed. */
  accepted: z.number(),
  /** How many bytes were read for the session, and their hash; once uploaded, of the whole file. */
  checkpoint: lasting({ bytes: z.number(), sha256: z.string() }).nullable(),
  session: SessionRecord.nullable(),
  error: SavedError.nullable(),
  /** A person wants the uploaded version sent although the file has changed since. */
  versionKept: z.boolean().default(false),
  /** The file may grow: only its first `size` bytes are sent. */
  grows: z.boolean().default(false),
  /** Only `size` bytes from `start` on are sent. `of`: see `CutFile.file`; `whole`: the file's size. */
  part: lasting({ of: z.string(), start: z.number(), whole: z.number() }).optional(),
  /** The path of the file that it is a copy of, because that one keeps changing. */
  copyOf: z.string().optional(),
  /** It was sent before: no service promises to take an upload twice. */
  reused: z.boolean().default(false),
  /** It goes as a link in the mail, not as an attachment. */
  asLink: z.boolean().default(false),
  /** The link by which it can be opened, and by whom; null while there is none. */
  link: FileLink.nullable().default(null),
  /** What a person did about the link after the mail was sent, once the service has confirmed it. */
  unshared: z.enum(["stopped", "deleted"]).nullable().default(null),
  /** What it was packed from, if it is one of our archives, which are deleted once their mail was sent. */
  madeFrom: z.string().optional(),
  /** How many of its sessions were given up. Part of the name of the present one's secret. */
  abandoned: z.number().default(0),
  /** An image shown in the text, under the name used there: it comes and goes with the text. */
  inline: lasting({
    contentId: z.string(),
    name: z.string(),
    /** In pixels; null if its first bytes do not say, and in older records. */
    size: lasting({ width: z.number(), height: z.number() }).nullable().default(null),
  })
    .nullable()
    .default(null),
});
export type SavedAttachment = z.infer<typeof Attachment>;

/** State that exists only while this process uploads the file; never saved. */
export interface Flight {
  /** Bytes that were sent, confirmed or not. */
  readonly handed: number;
  readonly bytesPerSecond: number | undefined;
  /** Waiting to try again: until when, and why. */
  readonly waiting: { readonly until: number; readonly reason: ErrorCode } | undefined;
}

export interface AttachmentRecord extends SavedAttachment {
  readonly flight?: Flight;
}

export const SendRecord = lasting({
  idempotencyKey: z.string(),
  /** The exact body of the request: the same key with another body is refused. */
  body: z.string(),
  /** When the key was first used: its protection counts from then. */
  startedAt: z.number(),
  /** A request may have left; false once it is certain that none has. */
  mayBeOut: z.boolean().default(true),
  /** Who keeps a scheduled mail until it is due; null for one sent immediately. */
  keeper: Schedule.shape.keeper.nullable().default(null),
});
export type SendRecord = z.infer<typeof SendRecord>;

/** What happens to a mail as soon as its files are uploaded. */
export const Purpose = z.discriminatedUnion("type", [
  /** `inMails`: in several mails if one is too large; `inParts`: files that fit in no mail are cut */
  lasting({ type: z.literal("send"), inMails: z.boolean().optional(), inParts: z.boolean().optional() }),
  lasting({ type: z.literal("draft") }),
  /** In milliseconds since the epoch. */
  lasting({ type: z.literal("later"), at: z.number() }),
]);
export type Purpose = z.infer<typeof Purpose>;

/** Something at a service that is no longer wanted. Kept until the service was told. */
export const CleanupTask = lasting({
  /** Of an upload: also the name of its secret, which is kept until then. */
  id: z.string(),
  /** The account whose service has it. */
  accountId: z.string().nullable(),
  /** When it was given up; milliseconds since the epoch. */
  since: z.number(),
  over: z.discriminatedUnion("type", [
    lasting({
      type: z.literal("upload"),
      size: z.number(),
      /** See `Attachment`. */
      asLink: z.boolean().default(false),
      /** The draft or event that the service has added the file to. */
      holder: Draft.nullable(),
      attachmentId: z.string().nullable(),
      /** When the service forgets it without being told; null: never. */
      expiresAt: z.number().nullable(),
    }),
    /** Null: one was asked for, and may exist. */
    lasting({ type: z.literal("draft"), draft: Draft.nullable() }),
    /** The link of a file. `attachment`: our id; `fileId`: the service's; `file`: what becomes of the file */
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

/** Who may open the files that go as links, and for how many days; null: until somebody ends the links. */
export const LinkChoice = lasting({ audience: Audience, days: z.int().min(1).nullable() });
export type LinkChoice = z.infer<typeof LinkChoice>;

/** Only those who need it, for as long as a mail is usually of use. */
export const USUAL_LINKS: LinkChoice = { audience: "recipients", days: 30 };

/** The event that files are attached to instead of a mail. */
export const EventRef = lasting({ id: z.string(), subject: z.string(), startsAt: z.number() });
export type EventRef = z.infer<typeof EventRef>;

/**
 * Why files travel in the mail itself. "refused": the service opens no upload sessions for the mailbox.
 * "sendOnly": the account may only send. "chosen": by the person.
 */
export const InMail = z.enum(["refused", "sendOnly", "chosen"]);
export type InMail = z.infer<typeof InMail>;

export const Delivery = lasting({
  version: z.literal(1),
  /** Appears in the panel's page and in file names. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  createdAt: z.number(),
  accountId: z.string().nullable(),
  /** Why its files travel in the mail itself despite upload sessions; null: as is usual at the service. */
  inMail: InMail.nullable().default(null),
  /** The mailbox's provider, such as "google"; null without an account, and in older (Microsoft) records. */
  provider: z.string().nullable().default(null),
  form: lasting(Form.shape),
  /** Fingerprint of the mail as it began, see `isUntouched`; null: filled in, touched, or an older record. */
  blank: z.string().nullable().default(null),
  /** Who filled it in; null if a person began it, or has edited it since. */
  filledBy: Provenance.nullable().default(null),
  /** The text has variables to fill in once they are known; if false, what looks like one is plain text. */
  fillsIn: z.boolean().default(false),
  /** The parts of the text that nobody typed; null: none, or in older records whatever `fillsIn` finds. */
  marks: TextMarks.nullable().default(null),
  /** Where to look for images that the text names, the same in every window; null: nowhere. */
  imageFolders: lasting({ root: z.string(), folder: z.string() }).nullable().default(null),
  /** Whether the account's files can go as links. */
  hasLinks: z.boolean().default(false),
  links: LinkChoice.default(USUAL_LINKS),
  /** The checked message, once Send was pressed. */
  message: OutgoingMessage.nullable(),
  phase: Phase,
  purpose: Purpose.default({ type: "send" }),
  /** The scheduled mail at the service, once it has taken it. */
  schedule: Schedule.nullable().default(null),
  attachments: z.array(Attachment),
  send: SendRecord.nullable(),
  /** The draft at the service, if it uses one. */
  draft: Draft.nullable().default(null),
  /** The draft that it was saved as before a person continued it, with the mail as it was then. */
  savedDraft: lasting({
    accountId: z.string().nullable(),
    id: z.string(),
    internetMessageId: z.string().nullable().default(null),
    /** Ids of the attachments that it links to. */
    links: z.array(z.string()).default([]),
    /** The person knows that it may have been sent elsewhere: the next Send does not check again. */
    isDoubtTold: z.boolean().optional(),
  })
    .nullable()
    .default(null),
  event: EventRef.nullable().default(null),
  /** Headers and other properties that the draft may have: they can be changed there, but not removed. */
  propertiesWritten: z.array(z.string()).default([]),
  /** A draft was asked for and may exist, even if the answer never arrived. */
  draftAsked: z.boolean().default(false),
  messageId: z.string().nullable(),
  requestId: z.string().nullable(),
  finishedAt: z.number().nullable(),
  error: SavedError.nullable(),
  /** What is known of it since it was sent; null before that, and in older records. */
  arrival: Arrival.nullable().default(null),
  /** The mails that it goes with; null if it goes alone. */
  set: MailSet.nullable().default(null),
  remoteCleanup: z.array(CleanupTask).default([]),
  /** A person has discarded it: it is no longer shown, and stays only until its services were told. */
  discarded: z.boolean().default(false),
});
export type SavedDelivery = z.infer<typeof Delivery>;

export interface DeliveryRecord extends Omit<SavedDelivery, "attachments"> {
  readonly attachments: readonly AttachmentRecord[];
  /** When the mail leaves unless it is taken back, in milliseconds since the epoch; never saved. */
  readonly leavesAt?: number;
  /** Why the mail cannot be saved or worked on at the moment; never saved. */
  readonly trouble?: SavedError;
  /** Set while this process sends it: true if nothing has left yet; never saved. */
  readonly recallable?: boolean;
  /** The send waits to try again: until when, and why; never saved. */
  readonly sendWait?: { readonly until: number; readonly reason: ErrorCode };
}

/** Name of the present session's secret. Each session has its own, so that cleanup finds the earlier ones. */
export function secretName({ id, abandoned }: Pick<SavedAttachment, "id" | "abandoned">): string {
  return abandoned === 0 ? id : `${id}.${abandoned}`;
}

/** The record as it is saved: without what holds only in this process. */
export function toSaved({
  leavesAt: _,
  trouble: __,
  recallable: ___,
  sendWait: ____,
  ...delivery
}: DeliveryRecord): SavedDelivery {
  return { ...delivery, attachments: delivery.attachments.map(withoutFlight) };
}

/** The same object if nothing is in flight, so that the journal need not compare unchanged files. */
function withoutFlight(attachment: AttachmentRecord): SavedAttachment {
  if (!("flight" in attachment)) return attachment;
  const { flight: _, ...saved } = attachment;
  return saved;
}
