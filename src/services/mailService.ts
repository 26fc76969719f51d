/** The port to a mail service: what the delivery of a mail needs, in our words. One folder beside this one per service. */
import * as z from "zod";
import { type ErrorDetails, FreightError } from "../base/errors.ts";
import type { Http } from "../net/http.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";
import type { OutgoingMessage } from "../shared/message.ts";
import type { UploadProtocol } from "../transfer/upload.ts";
import type { LinkKeeper } from "./fileLinks.ts";
import type { InboxReader } from "./inboxReader.ts";

/**
 * What a service calls something. It becomes part of a path: text that cannot be encoded, and steps to another place,
 * are no names.
 */
export const ServiceId = z
  .string()
  .min(1)
  .max(2_000)
  .refine((id) => !/\p{Cs}/u.test(id) && !/^\.{1,2}$/.test(id));

export interface ServiceLimits {
  /** Largest file in bytes. */
  readonly maxFileBytes: number;
  /** What the limit is for, where it is not the service's own: "Google mailboxes". */
  readonly limitOf?: string;
  /** Uploads side by side in one mailbox. */
  readonly parallelUploads: number;
  /** How long before a session's end nothing new is started with it: the send itself must still fit, in milliseconds. */
  readonly expiryMarginMs: number;
  /** How long after its first try a send may be repeated without reaching anybody twice, in milliseconds. */
  readonly safeRepeatMs: number;
}

/** What a service tells of the mailbox behind an account. */
export interface Mailbox {
  /** The service's id of the mailbox. */
  readonly id: string;
  readonly email: string | null;
  /** "microsoft", "google", … */
  readonly provider: string;
  /** What may keep it from sending files, in a sentence; absent when nothing is known. */
  readonly doubt?: string;
  /** The sign-in lets mail be sent and nothing else: no drafts, and no large files. */
  readonly sendOnly?: boolean;
  /** Files can go as links. */
  readonly hasLinks?: boolean;
}

export interface FileToUpload {
  /** As the recipient sees it: no folders, any Unicode. */
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** The letter shows it where it names this id: letters and digits only. */
  readonly inline?: { readonly contentId: string } | undefined;
}

/** Where the bytes go. A bearer capability: kept in secret storage, never in a record, a message or the log. */
export const UploadTarget = z.object({
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  /** Where the file will be, at a service that can be asked for it. */
  place: z.string().optional(),
});
export type UploadTarget = z.infer<typeof UploadTarget>;

/** What some services keep while files are added to it: an unsent message, or an event in a calendar. */
export const Draft = lasting({
  kind: z.enum(["message", "event"]).default("message"),
  id: z.string(),
  /** Under which every mail program knows the mail: proof of its sending when `id` leads nowhere any more. */
  internetMessageId: z.string().nullable(),
});
export type Draft = z.infer<typeof Draft>;

/** Where a mail waits for its time. */
export const Schedule = lasting({
  /** The service's name for it; null when it gave none: then it cannot be taken back. */
  id: z.string().nullable(),
  /** In milliseconds since the epoch. */
  sendAt: z.number(),
  /** "provider": it lies among the drafts of the mailbox until then. */
  keeper: z.enum(["service", "provider"]),
});
export type Schedule = z.infer<typeof Schedule>;

/** What a service tells of a mail that was to wait. */
export interface ScheduleState {
  readonly state: "pending" | "sent" | "failed" | "unknown";
  /** The service's words, of a failure. */
  readonly reason?: string | undefined;
  /** The service's clock when it told this, in milliseconds since the epoch: ours may be wrong. */
  readonly now?: number | undefined;
}

/** A mail that waits at the service, whoever has scheduled it. */
export interface ListedSchedule extends ScheduleState {
  readonly id: string;
  /** In milliseconds since the epoch; null when the service does not tell. */
  readonly sendAt: number | null;
}

/** A mail that is to wait, as far as it decides who keeps it. */
export interface Wait {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly now: number;
  /** When the service drops the first of the files; null: not before it is sent, or not known yet. */
  readonly filesUntil: number | null;
}

/** Mails that leave later by themselves. */
export interface Schedules {
  /** Who can keep a mail so long. @throws FreightError `schedule-refused` with the reason */
  keeperOf(wait: Wait): Schedule["keeper"];
  /** Absent where only our own records know of them. */
  list?(signal: AbortSignal): Promise<readonly ListedSchedule[]>;
  look(schedule: Schedule, draft: Draft | null, signal: AbortSignal): Promise<ScheduleState>;
  /**
   * Takes a mail back, and its draft where there is one; resolves also when it is gone already, by an earlier call.
   * @param mark what its `Departure` had
   * @param gate asked in the turn in which the request that cancels leaves
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it has left
   */
  cancel(
    schedule: Schedule,
    mark: string | null,
    draft: Draft | null,
    signal: AbortSignal,
    gate?: () => void,
  ): Promise<boolean>;
}

/** How a mail leaves that is not just sent. */
export interface Departure {
  /** By which what the service keeps of it is found again; the same for all tries of one mail. */
  readonly mark: string;
  /** Unset for a draft. */
  readonly schedule?: Pick<Schedule, "sendAt" | "keeper"> | undefined;
}

/** A draft as it goes over the wire: identical on each try. */
export interface FrozenDraft {
  readonly body: string;
  readonly mark: string;
  /** When the first try began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Where the files are, at a service that adds them to a draft only: that becomes the one. */
  readonly draft: Draft | null;
  /** An earlier try may have made it, by this process or by one that is gone. */
  readonly mayBeThere: boolean;
  /** The draft that the mail was saved as before: it becomes this one. */
  readonly saved?: string | undefined;
  /** See `FrozenSend`. */
  readonly gate?: (() => void) | undefined;
}

/** An event that files can be attached to. */
export interface CalendarEvent {
  readonly id: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
}

/** Reads and writes events of a calendar. */
export interface EventText {
  /** The addresses of those who are invited, without the account's own where it invites them. */
  people(eventId: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Changes the text of an event, and nothing where it stays the same.
   * @param write called with what it is now, once more for each try
   * @throws FreightError also when somebody has changed it meanwhile: then a repetition helps
   */
  change(eventId: string, write: (html: string) => string, signal: AbortSignal): Promise<void>;
}

/** Opens and discards drafts, at a service that adds files to nothing else. */
export interface DraftKeeper {
  /**
   * @param mark finds the draft again; the same for each call that is for the same mail
   * @param asked true when an earlier call may have opened it: then it is looked for first
   * @param gate asked in the turn in which the request that opens it leaves
   */
  open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft>;
  /** @throws FreightError `saved-draft-lost` when somebody may have sent a draft that was saved */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** Deletes a draft that is not sent; one that is gone already is fine. */
  discard(draft: Draft, signal: AbortSignal): Promise<void>;
  /**
   * Deletes the drafts that were opened with a mark, but not those that are sent.
   * @param except is wanted still
   * @returns how many there were
   */
  discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number>;
}

/** Drafts that mails were saved as, where what is sent is another message. */
export interface SavedDrafts {
  /** See `DraftKeeper`. */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** One that is gone already is fine. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** The service's short-lived permission to upload one file. */
export interface UploadSession {
  /** Null while the service has no name for the attachment: then the upload's end brings it. */
  readonly attachmentId: string | null;
  /** Null where files are only read until the mail is sent. */
  readonly target: UploadTarget | null;
  /** By our clock, in milliseconds since the epoch; a difference between the clocks is taken out. Null: never. */
  readonly expiresAt: number | null;
  /** The whole file goes in one request: it needs no session of its own. */
  readonly atOnce?: boolean;
}

/** An upload as far as the service must know it to go on with it, or to end it. */
export interface UploadPlace {
  readonly file: FileToUpload;
  readonly target: UploadTarget | null;
  readonly draft: Draft | null;
}

/** What is left of an upload that is not wanted any more. */
export interface Leftover {
  /** Bytes. */
  readonly size: number;
  /** Undefined once everything was uploaded. */
  readonly target: UploadTarget | undefined;
  readonly attachmentId: string | null;
  readonly draft: Draft | null;
}

/** A message whose text is final: what was written in something else has become HTML. */
export interface FinalMessage extends Omit<OutgoingMessage, "format"> {
  readonly format: "text" | "html";
  /** A mail of this mailbox that it stands in one thread with: by the service's name, and by its `Message-ID`. */
  readonly answers?: { readonly messageId: string | null; readonly internetMessageId: string | null };
}

/** A file on this machine, as it was when it was read. */
export interface LocalFile {
  readonly path: string;
  /** Where in the file it begins; at its first byte unless told. */
  readonly start?: number;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A file of a mail. */
export interface AttachmentRef {
  /** As the service knows it; empty where it travels with the mail. */
  readonly id: string;
  readonly file: LocalFile;
  /** Set when the text names it as `cid:…`. */
  readonly contentId?: string | undefined;
}

/** A send as it goes over the wire: identical on each try. */
export interface FrozenSend {
  readonly idempotencyKey: string;
  readonly body: string;
  readonly draft?: Draft | null;
  /** An earlier try may have reached the recipients, by this process or by one that is gone. */
  readonly mayBeOut?: boolean;
  /** The draft that it was saved as before, this one or another: somebody may have sent that. */
  readonly saved?: Draft | undefined;
  /** Asked in the turn in which the request that sends leaves; what it throws keeps that here. */
  readonly gate?: (() => void) | undefined;
}

export interface Receipt {
  /** The service's id of the sent message; null when it gave none. */
  readonly messageId: string | null;
  readonly requestId: string | null;
  /** Set when the mail waits for its time: the service's name for that. */
  readonly scheduleId?: string | undefined;
  /** Under which every mail program knows the mail, `<id@host>`, and the mailbox its thread; unset where neither is told. */
  readonly internetMessageId?: string | undefined;
  readonly threadId?: string | undefined;
  /** By the service's clock, in milliseconds since the epoch; unset where it does not tell that. */
  readonly sentAt?: number | undefined;
}

/** The service opens no upload sessions for this mailbox at all: the message says so to whoever cannot do without. */
export class SessionsRefused extends FreightError {}

/** The service in the way in which a mail takes it. */
export function carrierOf(service: MailService, { inMail }: { readonly inMail: unknown }): MailService {
  return inMail === null ? service : (service.inMail ?? service);
}

/** Nobody could tell what became of the draft that a mail was saved as. */
export class SavedDraftUnknown extends FreightError {
  constructor(cause?: unknown) {
    super(
      "saved-draft-lost",
      t(
        "We could not check whether the saved draft of this mail was sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
      ),
      { cause, remedy: "retry" },
    );
  }
}

/** What a mail was saved as is gone, and nobody can tell from here whether it was sent. */
export function savedDraftLost(details: ErrorDetails = {}): FreightError {
  return new FreightError(
    "saved-draft-lost",
    t(
      "The draft of this mail is no longer in Drafts: it was deleted, or sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
    ),
    { ...details, remedy: "retry" },
  );
}

/** What carries one file, in whatever way it goes. */
export type FileCarrier = Pick<
  MailService,
  | "limits"
  | "carriesFiles"
  | "keepsFiles"
  | "inMail"
  | "drafts"
  | "createSession"
  | "protocol"
  | "complete"
  | "cancel"
>;

/** A place for files that go as links: they are uploaded there, and opened from there. */
export type FileLinks = FileCarrier & LinkKeeper;

/** What carries a file of a mail that goes through a service. @throws FreightError where none of its files can be a link */
export function fileCarrierOf(
  service: MailService,
  mail: { readonly inMail: unknown },
  { asLink }: { readonly asLink: boolean },
): FileCarrier {
  return asLink ? linksOf(service) : carrierOf(service, mail);
}

/** @throws FreightError where there are none */
export function linksOf({ links }: MailService): FileLinks {
  if (links !== undefined) return links;
  throw new FreightError(
    "link-refused",
    t("This account cannot send files as links. Choose another account, or send the file as an attachment."),
    { remedy: "checkAccount" },
  );
}

/** What sends the mail of one account. Every call throws a FreightError that says what to do, or an AbortError when cancelled. */
export interface MailService {
  readonly limits: ServiceLimits;
  /** Reads the mailbox and proves that large attachments can be sent from it. */
  check(signal: AbortSignal): Promise<Mailbox>;
  /** Files travel in the request that sends the mail: until then they are read only, and must still be there then. */
  readonly carriesFiles?: boolean;
  /** A file stays where it was uploaded, whatever becomes of the mail. */
  readonly keepsFiles?: boolean;
  /** Present where files can go as links. */
  readonly links?: FileLinks;
  /** The same mailbox with the files in the request that sends the mail, for when no session can be had. */
  readonly inMail?: MailService;
  /** Present when files can be added to a draft only. */
  readonly drafts?: DraftKeeper;
  /** Absent where the draft of a mail is the one that is sent. */
  readonly savedDrafts?: SavedDrafts;
  /** The events of the coming weeks, the next one first; absent at a service without a calendar. */
  comingEvents?(signal: AbortSignal): Promise<readonly CalendarEvent[]>;
  /** Present where the texts of events can say where files are. */
  readonly eventText?: EventText;
  /** @param draft null when the service has no `drafts` */
  createSession(file: FileToUpload, draft: Draft | null, signal: AbortSignal): Promise<UploadSession>;
  /** @param line connections of this upload alone, closed by the caller */
  protocol(place: UploadPlace, line: Http): UploadProtocol;
  /** @param asked true when an earlier call may have reached the service: then "already complete" is success */
  complete(attachmentId: string, asked: boolean, signal: AbortSignal): Promise<void>;
  /** Ends a session that is not needed any more and takes its file away, as far as the service can be told. */
  cancel(leftover: Leftover, signal: AbortSignal): Promise<void>;
  /** The exact bytes of a send, or with a departure of what else becomes of the mail. */
  freeze(message: FinalMessage, attachments: readonly AttachmentRef[], departure?: Departure): string;
  send(frozen: FrozenSend, signal: AbortSignal): Promise<Receipt>;
  /**
   * Keeps the mail among the drafts of the mailbox, once however often it is tried.
   * @throws FreightError `saved-draft-lost` when the one that it is to become is gone, or was sent
   */
  saveDraft(frozen: FrozenDraft, signal: AbortSignal): Promise<Receipt>;
  /** Absent at a service that only sends immediately. */
  readonly schedules?: Schedules;
  /** Absent where nobody may read what comes back. */
  readonly inbox?: InboxReader;
}
