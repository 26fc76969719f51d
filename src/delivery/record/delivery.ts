/**
 * The record of one mail with its attachments, and how facts change it. Pure: nothing here waits, asks or shows.
 * A record never claims more than the service has confirmed. That a session has run out is not recorded: it follows
 * from `expiresAt` and the clock.
 */
import * as z from "zod";
import { type ErrorCode, SavedError } from "../../base/errors.ts";
import type { HashCheckpoint } from "../../files/contentHash.ts";
import { type FileVersion, versionOf } from "../../files/fileVersion.ts";
import { Draft, Schedule } from "../../services/mailService.ts";
import { Form, Phase } from "../../shared/contract.ts";
import { emptyForm, isSameText } from "../../shared/formTexts.ts";
import { lasting } from "../../shared/lasting.ts";
import { OutgoingMessage } from "../../shared/message.ts";
import { AgreedVersion, agreedTo, uploadedVersion } from "./agreement.ts";
import { Provenance } from "./provenance.ts";

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
  /** It went out with another mail already: no service promises that it goes twice. */
  reused: z.boolean().default(false),
  /** What it was packed from, where it is an archive of ours: those are deleted once their mail has left. */
  madeFrom: z.string().optional(),
  /** How many of its sessions were given up: the present one's secret is kept under a name of its own. */
  abandoned: z.number().default(0),
  /** Shown in the text, where that names it so: it comes and goes with the text. */
  inline: lasting({ contentId: z.string(), name: z.string() }).nullable().default(null),
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
  lasting({ type: z.literal("send") }),
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
      /** What the service has added the file to. */
      holder: Draft.nullable(),
      attachmentId: z.string().nullable(),
      /** From then on the service has forgotten it without being told; null: never. */
      expiresAt: z.number().nullable(),
    }),
    /** Null: one was asked for, and whether there is one is not known. */
    lasting({ type: z.literal("draft"), draft: Draft.nullable() }),
  ]),
});
export type CleanupTask = z.infer<typeof CleanupTask>;

/** The event that files are attached to, in the place of a mail. */
export const EventRef = lasting({ id: z.string(), subject: z.string(), startsAt: z.number() });
export type EventRef = z.infer<typeof EventRef>;

export const Delivery = lasting({
  version: z.literal(1),
  /** Stands in the panel's page and in names of files. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  createdAt: z.number(),
  accountId: z.string().nullable(),
  /** Whose mailbox the account's is, "google" for one; null without an account, and in records of before, when all were Microsoft's. */
  provider: z.string().nullable().default(null),
  form: lasting(Form.shape),
  /** The fingerprint of the form as the settings alone began it; null where somebody has filled it, and in records of before. */
  blank: z.string().nullable().default(null),
  /** Null for a mail of a person's own, and for one that a person has edited since. */
  filledBy: Provenance.nullable().default(null),
  /** The text holds variables that are filled in when they are known; else what looks like one is just text. */
  fillsIn: z.boolean().default(false),
  /** Where the images that the text names are looked for, whichever window asks; null: nowhere. */
  imageFolders: lasting({ root: z.string(), folder: z.string() }).nullable().default(null),
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
  event: EventRef.nullable().default(null),
  /** Headers, and other properties, that the draft may have by now: they can be changed there, but not taken out again. */
  propertiesWritten: z.array(z.string()).default([]),
  /** A draft was asked for and may be there, whether its answer has arrived or not. */
  draftAsked: z.boolean().default(false),
  messageId: z.string().nullable(),
  requestId: z.string().nullable(),
  finishedAt: z.number().nullable(),
  error: SavedError.nullable(),
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

export type AttachmentEvent =
  /** `reused`: it may have gone out already, with this mail or another one */
  | { readonly type: "queued"; readonly reused?: boolean }
  /** `sentAs`: what the file will be called in the service's draft */
  | { readonly type: "sessionRequested"; readonly sentAs: string | null }
  | {
      readonly type: "sessionCreated";
      readonly attachmentId: string | null;
      readonly at: number;
      readonly expiresAt: number | null;
      readonly atOnce: boolean;
    }
  /** Everything is there, and has a name now. */
  | { readonly type: "stored"; readonly attachmentId: string }
  | { readonly type: "resumed" }
  | {
      readonly type: "progressed";
      readonly accepted: number;
      readonly handed: number;
      readonly bytesPerSecond: number | undefined;
      readonly checkpoint: HashCheckpoint | undefined;
    }
  | { readonly type: "waited"; readonly until: number; readonly reason: ErrorCode }
  | { readonly type: "completeAsked" }
  /** `stays`: the service keeps it from now on until the mail is sent. */
  | { readonly type: "completed"; readonly stays: boolean }
  | { readonly type: "sessionDropped" }
  | { readonly type: "paused" }
  | { readonly type: "failed"; readonly error: SavedError }
  | { readonly type: "cancelled" }
  | { readonly type: "renamed"; readonly name: string; readonly contentType: string }
  | { readonly type: "versionKept" }
  /** A person wants another version than before: this one, or whichever there is when its upload begins. */
  | { readonly type: "versionWanted"; readonly version: FileVersion | undefined }
  | { readonly type: "versionTaken"; readonly version: FileVersion };

export type DeliveryEvent =
  | { readonly type: "edited"; readonly form: Form }
  /** A person has done something in a mail that others had filled. */
  | { readonly type: "touched" }
  | { readonly type: "accountChosen"; readonly accountId: string; readonly provider: string | null }
  | { readonly type: "attached"; readonly attachments: readonly SavedAttachment[] }
  | { readonly type: "removed"; readonly attachmentId: string }
  | { readonly type: "attachment"; readonly attachmentId: string; readonly event: AttachmentEvent }
  /** Send was pressed: the files go as they are. `seen`: how those were that are not uploaded yet, by their id */
  | { readonly type: "versionsAgreed"; readonly seen: ReadonlyMap<string, FileVersion> }
  | { readonly type: "draftAsked" }
  | { readonly type: "draftOpened"; readonly draft: Draft }
  /** The draft is gone, and every file in it: they are needed again. */
  | { readonly type: "draftDropped" }
  /** What was uploaded of a file is not wanted any more, and the service is told. */
  | { readonly type: "uploadAbandoned"; readonly attachmentId: string; readonly at: number }
  /** The same of the draft. */
  | { readonly type: "draftAbandoned"; readonly at: number }
  /** A service was told, or there is nobody to tell. */
  | { readonly type: "cleanupDone"; readonly id: string }
  | { readonly type: "discarded" }
  /** `purpose`: to send it immediately, unless told */
  | { readonly type: "sendRequested"; readonly message: OutgoingMessage; readonly purpose?: Purpose }
  | { readonly type: "sendWithdrawn" }
  /** Everything is ready; until then it can be taken back. */
  | { readonly type: "departing"; readonly at: number }
  /** The request is about to leave. `recallable`: it is certain that nothing of an earlier try has */
  | { readonly type: "sendStarted"; readonly send: SendRecord; readonly recallable?: boolean }
  /** Its first byte leaves. */
  | { readonly type: "sendLeft" }
  /** A try has failed and another one comes, unless it is taken back. */
  | {
      readonly type: "sendWaits";
      readonly mayBeOut: boolean;
      readonly until: number;
      readonly reason: ErrorCode;
    }
  /** It was broken off, and none of it has left. */
  | { readonly type: "sendKept" }
  /** It cannot go on for now; it is looked at again. */
  | { readonly type: "sendHindered"; readonly error: SavedError }
  | {
      readonly type: "sent";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
    }
  /** Before anything of it was out: a file has to be looked at first. */
  | { readonly type: "sendHalted" }
  /** The service has refused files that were used before: they are uploaded again, and then it is sent. */
  | { readonly type: "reusedDropped" }
  /** The service has it as a draft of its own. */
  | {
      readonly type: "saved";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
    }
  | { readonly type: "scheduled"; readonly schedule: Schedule; readonly requestId: string | null }
  /** It does not leave; its files are needed again when it does. */
  | { readonly type: "scheduleCancelled" }
  | { readonly type: "sendFailed"; readonly error: SavedError }
  | { readonly type: "sendUnconfirmed"; readonly error: SavedError };

/** The record after a fact. Returns the same object when the fact changes nothing. */
export function advance(delivery: DeliveryRecord, event: DeliveryEvent): DeliveryRecord {
  // What is out stays so, and what is gone stays gone, whatever a late answer says.
  const isOver = delivery.discarded || (isFinished(delivery) && event.type !== "discarded");
  if (isOver && event.type !== "cleanupDone") return delivery;
  if (event.type === "departing") return { ...delivery, leavesAt: event.at };
  // What is told to services beside the mail changes nothing about it.
  if (event.type === "cleanupDone")
    return { ...delivery, remoteCleanup: delivery.remoteCleanup.filter(({ id }) => id !== event.id) };
  const { sendWait, recallable, ...saved } = delivery;
  const inHand = recallable === undefined ? {} : { recallable };
  switch (event.type) {
    case "sendStarted":
      return { ...advanceMail(saved, event), recallable: event.recallable ?? false };
    case "sendLeft":
      return { ...saved, recallable: false };
    case "sendWaits":
      return {
        ...advanceMail(saved, event),
        recallable: !event.mayBeOut,
        sendWait: { until: event.until, reason: event.reason },
      };
  }
  const after = advanceMail(delivery, event);
  if (after === delivery) return delivery;
  // Whatever changes the mail ends the moment in which it was about to leave.
  const { leavesAt: _, recallable: __, sendWait: ___, ...staying } = after;
  return after.phase === "sending" ? { ...staying, ...inHand } : staying;
}

type MailEvent = Exclude<DeliveryEvent, { type: "departing" | "cleanupDone" | "sendLeft" }>;

function advanceMail(delivery: DeliveryRecord, event: MailEvent): DeliveryRecord {
  switch (event.type) {
    case "edited":
      // An edit that another one has overtaken, or the panel's echo of what is known.
      if (event.form.revision <= delivery.form.revision) return delivery;
      return {
        ...delivery,
        form: { ...delivery.form, ...event.form },
        filledBy: isSameText(delivery.form, event.form) ? delivery.filledBy : null,
      };
    case "touched":
      return delivery.filledBy === null
        ? delivery
        : { ...delivery, filledBy: { ...delivery.filledBy, touched: true } };
    case "accountChosen":
      return { ...delivery, accountId: event.accountId, provider: event.provider };
    case "attached": {
      // To a mail that was sent on its way already.
      const isAgreed = delivery.phase === "waiting";
      const added = isAgreed
        ? event.attachments.map((attachment) => agreedTo(attachment))
        : event.attachments;
      return { ...delivery, attachments: [...delivery.attachments, ...added] };
    }
    case "removed":
      return { ...delivery, attachments: delivery.attachments.filter(({ id }) => id !== event.attachmentId) };
    case "attachment":
      return {
        ...delivery,
        attachments: delivery.attachments.map((attachment) =>
          attachment.id === event.attachmentId ? advanceAttachment(attachment, event.event) : attachment,
        ),
      };
    case "versionsAgreed":
      return {
        ...delivery,
        attachments: delivery.attachments.map((attachment) =>
          agreedTo(attachment, event.seen.get(attachment.id)),
        ),
      };
    case "draftAsked":
      return { ...delivery, draftAsked: true };
    case "draftOpened":
      return { ...delivery, draft: event.draft };
    case "draftDropped":
      return {
        ...delivery,
        phase: delivery.phase === "sending" ? "waiting" : delivery.phase,
        send: null,
        draft: null,
        draftAsked: false,
        propertiesWritten: [],
        attachments: delivery.attachments.map(withoutSession),
      };
    case "uploadAbandoned":
      return abandonUpload(delivery, event.attachmentId, event.at);
    case "draftAbandoned":
      return abandonDraft(delivery, event.at);
    case "discarded":
      return emptied(delivery);
    case "sendRequested":
      return {
        ...delivery,
        phase: "waiting",
        message: event.message,
        purpose: event.purpose ?? { type: "send" },
        schedule: null,
        error: null,
        send: null,
      };
    case "sendWithdrawn":
      return { ...delivery, phase: "composing", message: null, purpose: { type: "send" } };
    case "sendStarted":
      return { ...delivery, phase: "sending", send: event.send, error: null, ...writing(delivery) };
    case "sendWaits":
      return withDoubt(delivery, event.mayBeOut);
    case "sendKept":
      return withDoubt(delivery, false);
    case "sendHindered":
      return isSameError(delivery.error, event.error) ? delivery : { ...delivery, error: event.error };
    case "scheduled":
      return {
        ...delivery,
        phase: "scheduled",
        schedule: event.schedule,
        requestId: event.requestId,
        error: null,
      };
    case "scheduleCancelled":
      return {
        ...delivery,
        phase: "composing",
        purpose: { type: "send" },
        schedule: null,
        message: null,
        send: null,
        error: null,
        // The service has taken them over once: that it takes them again is not promised.
        attachments: delivery.attachments.map((attachment) =>
          attachment.session === null ? attachment : { ...attachment, reused: true },
        ),
      };
    case "saved":
    case "sent":
      return {
        ...delivery,
        phase: event.type,
        messageId: event.messageId,
        requestId: event.requestId,
        finishedAt: event.at,
        error: null,
      };
    case "sendHalted":
      return { ...delivery, phase: "waiting", send: null, error: null };
    case "reusedDropped":
      return {
        ...delivery,
        phase: "waiting",
        send: null,
        error: null,
        attachments: delivery.attachments.map((attachment) =>
          attachment.reused ? { ...withoutSession(attachment), reused: false } : attachment,
        ),
      };
    case "sendFailed":
      return { ...delivery, phase: "failed", error: event.error, send: null };
    case "sendUnconfirmed":
      return { ...delivery, phase: "unconfirmed", error: event.error };
    default:
      return unreachable(event);
  }
}

function withDoubt(delivery: DeliveryRecord, mayBeOut: boolean): DeliveryRecord {
  const { send } = delivery;
  return send === null ? delivery : { ...delivery, send: { ...send, mayBeOut } };
}

function isSameError(one: SavedError | null, other: SavedError): boolean {
  return one !== null && one.code === other.code && one.message === other.message;
}

/** The name under which the secret of an attachment's present session is kept: none is written over before it is used up. */
export function secretName({ id, abandoned }: Pick<SavedAttachment, "id" | "abandoned">): string {
  return abandoned === 0 ? id : `${id}.${abandoned}`;
}

function abandonUpload(delivery: DeliveryRecord, attachmentId: string, since: number): DeliveryRecord {
  const attachment = delivery.attachments.find(({ id }) => id === attachmentId);
  // Without a session that was asked for there is nothing at the service.
  if (attachment === undefined || (attachment.session === null && attachment.status !== "creating"))
    return delivery;
  const { session, size } = attachment;
  const task: CleanupTask = {
    id: secretName(attachment),
    accountId: delivery.accountId,
    since,
    over: {
      type: "upload",
      size,
      holder: holderOf(delivery),
      attachmentId: session?.attachmentId ?? null,
      expiresAt: session?.expiresAt ?? null,
    },
  };
  return {
    ...delivery,
    // One that went out with another mail is that mail's.
    remoteCleanup: attachment.reused ? delivery.remoteCleanup : [...delivery.remoteCleanup, task],
    attachments: delivery.attachments.map((each) =>
      each.id === attachmentId
        ? { ...advanceAttachment(each, { type: "sessionDropped" }), abandoned: each.abandoned + 1 }
        : each,
    ),
  };
}

function abandonDraft(delivery: DeliveryRecord, since: number): DeliveryRecord {
  const { draft, draftAsked, accountId, remoteCleanup } = delivery;
  if (draft === null && !draftAsked) return delivery;
  const task: CleanupTask = {
    id: `draft.${draft?.id ?? since}`,
    accountId,
    since,
    over: { type: "draft", draft },
  };
  return { ...advanceMail(delivery, { type: "draftDropped" }), remoteCleanup: [...remoteCleanup, task] };
}

/** Nothing of a mail but what services must be told still. */
function emptied({ id, createdAt, accountId, provider, remoteCleanup }: DeliveryRecord): DeliveryRecord {
  return {
    ...newDelivery({ id, createdAt, accountId, provider, form: emptyForm, attachments: [] }),
    remoteCleanup,
    discarded: true,
  };
}

/** What the request that is about to leave writes into a draft. */
function writing(delivery: DeliveryRecord): Pick<DeliveryRecord, "propertiesWritten"> {
  const { draft, propertiesWritten, message, purpose } = delivery;
  if (draft === null || message === null) return { propertiesWritten };
  return { propertiesWritten: [...new Set([...propertiesWritten, ...lastingProperties(message, purpose)])] };
}

/** What stays in a draft for good once it is written there. */
export function lastingProperties({ headers }: OutgoingMessage, { type }: Purpose): string[] {
  return [
    ...headers.map(({ name }) => name.toLowerCase()),
    ...(type === "later" ? ["deferred send time"] : []),
  ];
}

function advanceAttachment(attachment: AttachmentRecord, event: AttachmentEvent): AttachmentRecord {
  // Facts of the upload end what was true in flight; only the two that describe the flight set it.
  const { flight, ...saved } = attachment;
  switch (event.type) {
    case "queued":
      return { ...saved, status: "queued", error: null, reused: event.reused ?? saved.reused };
    case "sessionRequested":
      return {
        ...saved,
        status: "creating",
        sentAs: event.sentAs,
        accepted: 0,
        checkpoint: null,
        session: null,
        error: null,
      };
    case "sessionCreated":
      return {
        ...saved,
        status: "uploading",
        session: {
          attachmentId: event.attachmentId,
          createdAt: event.at,
          expiresAt: event.expiresAt,
          serviceStatus: "uploading",
          completeAsked: false,
          atOnce: event.atOnce,
        },
      };
    case "stored":
      return {
        ...saved,
        session: saved.session === null ? null : { ...saved.session, attachmentId: event.attachmentId },
      };
    case "resumed":
      return { ...saved, status: "uploading", error: null };
    case "progressed": {
      const { bytesPerSecond } = event;
      const accepted = Math.min(event.accepted, saved.size);
      const checkpoint = event.checkpoint ?? saved.checkpoint;
      const handed = Math.max(accepted, event.handed);
      return { ...saved, accepted, checkpoint, flight: { handed, bytesPerSecond, waiting: undefined } };
    }
    case "waited": {
      const waiting = { until: event.until, reason: event.reason };
      return { ...saved, flight: { handed: saved.accepted, bytesPerSecond: undefined, waiting } };
    }
    case "completeAsked":
      return {
        ...saved,
        status: "completing",
        accepted: saved.size,
        session: saved.session === null ? null : { ...saved.session, completeAsked: true },
      };
    case "completed":
      return {
        ...(saved.agreed === null ? saved : agreedTo(saved)),
        status: "ready",
        session:
          saved.session === null
            ? null
            : {
                ...saved.session,
                serviceStatus: "ready",
                expiresAt: event.stays ? null : saved.session.expiresAt,
              },
      };
    case "sessionDropped":
      return { ...saved, sentAs: null, accepted: 0, checkpoint: null, session: null, reused: false };
    case "paused":
      return { ...saved, status: "paused" };
    case "failed":
      return { ...saved, status: "failed", error: event.error };
    case "cancelled":
      return {
        ...saved,
        status: "cancelled",
        sentAs: null,
        accepted: 0,
        checkpoint: null,
        session: null,
        error: null,
      };
    case "renamed":
      return { ...attachment, name: event.name, contentType: event.contentType };
    case "versionKept":
      return {
        ...saved,
        status: "queued",
        error: null,
        versionKept: true,
        agreed: uploadedVersion(saved) ?? saved.agreed,
      };
    case "versionWanted": {
      const agreed = event.version === undefined ? null : { ...event.version, sha256: null };
      return { ...saved, agreed, versionKept: false };
    }
    case "versionTaken":
      return {
        ...saved,
        ...versionOf(event.version),
        accepted: 0,
        checkpoint: null,
        versionKept: false,
      };
    default:
      return unreachable(event);
  }
}

/** An attachment whose bytes the service no longer has; what was ready or under way starts again. */
function withoutSession({ flight: _, ...saved }: AttachmentRecord): AttachmentRecord {
  const isWanted = saved.status === "ready" || isUnderWay(saved.status);
  return {
    ...saved,
    status: isWanted ? "queued" : saved.status,
    sentAs: null,
    accepted: 0,
    checkpoint: null,
    session: null,
  };
}

export interface NewDelivery {
  readonly id: string;
  readonly createdAt: number;
  readonly accountId: string | null;
  readonly provider?: string | null;
  readonly form: Form;
  readonly blank?: string | null;
  readonly fillsIn?: boolean;
  readonly filledBy?: Provenance | null;
  readonly imageFolders?: SavedDelivery["imageFolders"];
  readonly attachments: readonly SavedAttachment[];
  readonly event?: EventRef | null;
}

export function newDelivery({ event = null, attachments, ...from }: NewDelivery): DeliveryRecord {
  return {
    version: 1,
    provider: null,
    blank: null,
    filledBy: null,
    fillsIn: false,
    imageFolders: null,
    ...from,
    // Files for an event are on their way immediately, as those of a mail after Send.
    attachments: event === null ? attachments : attachments.map((attachment) => agreedTo(attachment)),
    event,
    message: null,
    // There is no letter to write: it is done once everything is uploaded.
    phase: event === null ? "composing" : "waiting",
    send: null,
    draft: null,
    draftAsked: false,
    propertiesWritten: [],
    purpose: { type: "send" },
    schedule: null,
    messageId: null,
    requestId: null,
    finishedAt: null,
    error: null,
    remoteCleanup: [],
    discarded: false,
  };
}

/** The record as it is saved: without what is true only in this process. */
export function toSaved({
  leavesAt: _,
  trouble: __,
  recallable: ___,
  sendWait: ____,
  ...delivery
}: DeliveryRecord): SavedDelivery {
  return { ...delivery, attachments: delivery.attachments.map(({ flight: _____, ...saved }) => saved) };
}

/** True while the service still keeps the session for at least `marginMs`. */
export function isAlive(session: SessionRecord | null, now: number, marginMs = 0): session is SessionRecord {
  return session !== null && (session.expiresAt === null || session.expiresAt - marginMs > now);
}

/** What the service adds files to: the draft of a mail, or an event; null while, or where, there is none. */
export function holderOf({ event, draft }: DeliveryRecord): Draft | null {
  return event === null ? draft : { kind: "event", id: event.id, internetMessageId: null };
}

/** True when work of this process could go on with the attachment. */
export function isUnderWay(status: AttachmentStatus): boolean {
  return status === "queued" || status === "creating" || status === "uploading" || status === "completing";
}

/** True when work could go on with the attachment, and does not because of the mail's trouble. */
export function isHeldUp({ trouble }: DeliveryRecord, { status, flight }: AttachmentRecord): boolean {
  return trouble !== undefined && flight === undefined && isUnderWay(status);
}

/** True while the text and the account can be changed. While it waits to be sent, what was checked stays as it is. */
export function isEditable({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "composing" || phase === "failed";
}

/** True while files can still be added, removed and uploaded. */
export function isOpen(delivery: DeliveryRecord): boolean {
  return isEditable(delivery) || delivery.phase === "waiting";
}

/** True while a mail that is being sent can still be taken back: none of it has left this machine. */
export function isRecallable({ phase, recallable, send }: DeliveryRecord): boolean {
  return phase === "sending" && (recallable ?? send?.mayBeOut === false);
}

/** True while a person can discard the mail, or take it out of the history. */
export function isDiscardable(delivery: DeliveryRecord): boolean {
  return delivery.phase !== "sending" || isRecallable(delivery);
}

/** True when nothing will happen to the mail any more. */
export function isFinished({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "sent" || phase === "saved";
}

/** True when work is left that needs no decision of a person. */
export function isUnfinished({ phase, attachments, remoteCleanup, event }: DeliveryRecord): boolean {
  if (phase === "waiting" || phase === "sending" || remoteCleanup.length > 0) return true;
  // Files for an event need nobody to press Send; an earlier version let them fail for good.
  if (event !== null && phase === "failed") return true;
  return (
    (phase === "composing" || phase === "failed") && attachments.some(({ status }) => isUnderWay(status))
  );
}

/** Long enough to finish a letter, short enough to be true. */
const EXPIRY_WARNING_MS = 10 * 60_000;

/** A session that the service will drop. */
export interface EndingSession {
  /** Ours, of the attachment. */
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sessions of files that wait for a person to press Send and that the service will soon drop; the first to go first. */
export function expiringSoon({ phase, attachments }: DeliveryRecord, now: number): EndingSession[] {
  if (phase !== "composing" && phase !== "failed") return [];
  return attachments
    .flatMap(({ id, status, session }) =>
      status === "ready" && session !== null && session.expiresAt !== null
        ? [{ id, createdAt: session.createdAt, expiresAt: session.expiresAt }]
        : [],
    )
    .filter(({ expiresAt }) => expiresAt > now && expiresAt - EXPIRY_WARNING_MS <= now)
    .sort((a, b) => a.expiresAt - b.expiresAt);
}

export function unreachable(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`);
}
