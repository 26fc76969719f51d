/** The port to a mail service: what delivering a mail needs, in our words. Each service has a folder here. */
import * as z from "zod";
import { type ErrorDetails, FreightError } from "../base/errors.ts";
import type { Http } from "../net/http.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";
import type { OutgoingMessage } from "../shared/message.ts";
import type { UploadProtocol } from "../transfer/upload.ts";
import type { LinkKeeper } from "./fileLinks.ts";
import type { InboxReader } from "./inboxReader.ts";

/** An id given by a service. It becomes part of a path: ".", ".." and what cannot be encoded are refused. */
export const ServiceId = z
  .string()
  .min(1)
  .max(2_000)
  .refine((id) => !/\p{Cs}/u.test(id) && !/^\.{1,2}$/.test(id));

export interface ServiceLimits {
  /** Largest file in bytes. */
  readonly maxFileBytes: number;
  /** Who sets the limit if not the service itself: "Google mailboxes". */
  readonly limitOf?: string;
  /** How many uploads run at once in one mailbox. */
  readonly parallelUploads: number;
  /** A session that expires within this many milliseconds is no longer used, so that the send still fits. */
  readonly expiryMarginMs: number;
  /** For how many milliseconds after its first try a send can be repeated and nobody gets the mail twice. */
  readonly safeRepeatMs: number;
}

/** What a service says about the mailbox behind an account. */
export interface Mailbox {
  /** The service's id of the mailbox. */
  readonly id: string;
  readonly email: string | null;
  /** "microsoft", "google", … */
  readonly provider: string;
  /** What may keep it from sending files, in a sentence; absent when nothing is known of that. */
  readonly doubt?: string;
  /** The sign-in only allows sending: no drafts, and no large files. */
  readonly sendOnly?: boolean;
  /** Files can be sent as links. */
  readonly hasLinks?: boolean;
}

export interface FileToUpload {
  /** As the recipient sees it: no folders, any Unicode. */
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** The mail's HTML shows the file where it refers to this id: letters and digits only. */
  readonly inline?: { readonly contentId: string } | undefined;
}

/** Where the bytes go. Whoever has it can upload: only in secret storage, never in a record or the log. */
export const UploadTarget = z.object({
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  /** Where the file will be, at a service that can be asked whether it is there. */
  place: z.string().optional(),
});
export type UploadTarget = z.infer<typeof UploadTarget>;

/** What some services need to exist before files are added: an unsent message, or an event in a calendar. */
export const Draft = lasting({
  kind: z.enum(["message", "event"]).default("message"),
  id: z.string(),
  /** The `Message-ID` in every mail program: proof that the mail was sent when `id` is no longer valid. */
  internetMessageId: z.string().nullable(),
});
export type Draft = z.infer<typeof Draft>;

/** Where a scheduled mail waits. */
export const Schedule = lasting({
  /** The service's id for it; null when it gave none: then the mail cannot be cancelled. */
  id: z.string().nullable(),
  /** In milliseconds since the epoch. */
  sendAt: z.number(),
  /** "provider": the mail is among the drafts of the mailbox until then. */
  keeper: z.enum(["service", "provider"]),
});
export type Schedule = z.infer<typeof Schedule>;

/** What a service says about a scheduled mail. */
export interface ScheduleState {
  readonly state: "pending" | "sent" | "failed" | "unknown";
  /** Why it failed, in the service's words. */
  readonly reason?: string | undefined;
  /** The service's clock at that moment, in milliseconds since the epoch: ours may be wrong. */
  readonly now?: number | undefined;
}

/** A mail that is scheduled at the service, by us or by anybody else. */
export interface ListedSchedule extends ScheduleState {
  readonly id: string;
  /** In milliseconds since the epoch; null when the service does not say. */
  readonly sendAt: number | null;
}

/** A mail that should wait: what decides who keeps it until then. */
export interface Wait {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly now: number;
  /** When the service deletes the first of its files; null: not before it is sent, or not known yet. */
  readonly filesUntil: number | null;
}

/** Mail that is sent later. */
export interface Schedules {
  /** Who can keep a mail for that long. @throws FreightError `schedule-refused` with the reason */
  keeperOf(wait: Wait): Schedule["keeper"];
  /** Absent where only our own records know what is scheduled. */
  list?(signal: AbortSignal): Promise<readonly ListedSchedule[]>;
  look(schedule: Schedule, draft: Draft | null, signal: AbortSignal): Promise<ScheduleState>;
  /**
   * Cancels a scheduled mail and deletes its draft if it has one; resolves also when an earlier call already
   * did.
   * @param mark that of its `Departure`
   * @param gate called synchronously right before the request that cancels leaves; may throw
   * @returns true when a draft of it may still be in the mailbox
   * @throws FreightError `schedule-late` when it has been sent
   */
  cancel(
    schedule: Schedule,
    mark: string | null,
    draft: Draft | null,
    signal: AbortSignal,
    gate?: () => void,
  ): Promise<boolean>;
}

/** How a mail leaves, if it is not simply sent now. */
export interface Departure {
  /** Finds again what the service keeps of the mail; the same for all tries of one mail. */
  readonly mark: string;
  /** Absent for a draft. */
  readonly schedule?: Pick<Schedule, "sendAt" | "keeper"> | undefined;
}

/** A draft as it goes over the wire: identical on each try. */
export interface FrozenDraft {
  readonly body: string;
  readonly mark: string;
  /** When the first try began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The draft with the files, at a service that adds files to drafts only: it becomes the saved one. */
  readonly draft: Draft | null;
  /** An earlier try, by this process or a previous one, may have created it. */
  readonly mayBeThere: boolean;
  /** The id of the draft that the mail was saved as before, which is overwritten. */
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

/** Reads and changes events in a calendar. */
export interface EventText {
  /** The addresses of everyone invited, without the account's own where the account is the organizer. */
  people(eventId: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Changes the text of an event; makes no request when the text stays the same.
   * @param write gets the current text, afresh on each try
   * @throws FreightError also when somebody has changed the event meanwhile: then trying again helps
   */
  change(eventId: string, write: (html: string) => string, signal: AbortSignal): Promise<void>;
}

/** Opens and discards drafts, for a service that adds files to drafts only. */
export interface DraftKeeper {
  /**
   * @param mark finds the draft again; the same for every call for the same mail
   * @param asked true when an earlier call may have opened it: then it is looked up first
   * @param gate called synchronously right before the request that opens it leaves; may throw
   */
  open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft>;
  /** @throws FreightError `saved-draft-lost` when somebody may have sent a draft that a mail was saved as */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** Deletes a draft that was not sent; it may be gone already. */
  discard(draft: Draft, signal: AbortSignal): Promise<void>;
  /**
   * Deletes the drafts that were opened with a mark, except those that were sent.
   * @param except a draft that is still wanted
   * @returns how many there were
   */
  discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number>;
}

/** Drafts that mails were saved as, for a service where the mail that is sent is another message. */
export interface SavedDrafts {
  /** See `DraftKeeper`. */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** The draft may be gone already. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** The service's short-lived permission to upload one file. */
export interface UploadSession {
  /** Null while the service has not named the attachment; the end of the upload brings its id. */
  readonly attachmentId: string | null;
  /** Null where files are only read when the mail is sent. */
  readonly target: UploadTarget | null;
  /** By our clock, corrected for the service's, in milliseconds since the epoch. Null: never. */
  readonly expiresAt: number | null;
  /** The whole file is sent in one request, without a session of its own. */
  readonly atOnce?: boolean;
}

/** What the service needs to know of an upload to resume or end it. */
export interface UploadPlace {
  readonly file: FileToUpload;
  readonly target: UploadTarget | null;
  readonly draft: Draft | null;
}

/** What is left of an upload that is no longer wanted. */
export interface Leftover {
  /** Bytes. */
  readonly size: number;
  /** Undefined once everything was uploaded. */
  readonly target: UploadTarget | undefined;
  readonly attachmentId: string | null;
  readonly draft: Draft | null;
}

/** A message whose text is final: Markdown and the like have become HTML. */
export interface FinalMessage extends Omit<OutgoingMessage, "format"> {
  readonly format: "text" | "html";
  /** The mail in this mailbox whose thread this one joins: its id at the service, and its `Message-ID`. */
  readonly answers?: { readonly messageId: string | null; readonly internetMessageId: string | null };
}

/** A file on this machine, as it was when it was read. */
export interface LocalFile {
  readonly path: string;
  /** The offset at which it starts in the file, in bytes (default: 0). */
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
  /** The service's id for it; empty where the file travels with the mail. */
  readonly id: string;
  readonly file: LocalFile;
  /** Set when the text refers to it as `cid:…`. */
  readonly contentId?: string | undefined;
}

/** A send as it goes over the wire: identical on each try. */
export interface FrozenSend {
  readonly idempotencyKey: string;
  readonly body: string;
  readonly draft?: Draft | null;
  /** An earlier try, by this process or a previous one, may have reached the recipients. */
  readonly mayBeOut?: boolean;
  /** The draft that the mail was saved as before, this one or another: somebody may have sent it. */
  readonly saved?: Draft | undefined;
  /** Called synchronously right before the request that sends leaves; if it throws, nothing is sent. */
  readonly gate?: (() => void) | undefined;
}

export interface Receipt {
  /** The service's id of the sent message; null when it gave none. */
  readonly messageId: string | null;
  readonly requestId: string | null;
  /** Set when the mail is scheduled: the service's id for that. */
  readonly scheduleId?: string | undefined;
  /** The `Message-ID` (`<id@host>`) in every mail program, and the mailbox's thread; unset where unknown. */
  readonly internetMessageId?: string | undefined;
  readonly threadId?: string | undefined;
  /** By the service's clock, in milliseconds since the epoch; unset where the service does not say. */
  readonly sentAt?: number | undefined;
}

/** The service opens no upload sessions for this mailbox; the message is for a mail that needs one. */
export class SessionsRefused extends FreightError {}

/** The service as this mail uses it: with its files in the send request, or through upload sessions. */
export function carrierOf(service: MailService, { inMail }: { readonly inMail: unknown }): MailService {
  return inMail === null ? service : (service.inMail ?? service);
}

/** We could not find out what became of the draft that a mail was saved as. */
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

/** The draft that a mail was saved as is gone, and we cannot tell whether it was sent. */
export function savedDraftLost(details: ErrorDetails = {}): FreightError {
  return new FreightError(
    "saved-draft-lost",
    t(
      "The draft of this mail is no longer in Drafts: it was deleted, or sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
    ),
    { ...details, remedy: "retry" },
  );
}

/** What carries one file, whichever way it travels. */
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

/** Storage for files sent as links: they are uploaded there and opened from there. */
export type FileLinks = FileCarrier & LinkKeeper;

/** What carries a file of this mail. @throws FreightError where files cannot be sent as links */
export function fileCarrierOf(
  service: MailService,
  mail: { readonly inMail: unknown },
  { asLink }: { readonly asLink: boolean },
): FileCarrier {
  return asLink ? linksOf(service) : carrierOf(service, mail);
}

/** @throws FreightError where files cannot be sent as links */
export function linksOf({ links }: MailService): FileLinks {
  if (links !== undefined) return links;
  throw new FreightError(
    "link-refused",
    t("This account cannot send files as links. Choose another account, or send the file as an attachment."),
    { remedy: "checkAccount" },
  );
}

/** Sends the mail of one account. Calls throw a FreightError that says what to do, or an AbortError. */
export interface MailService {
  readonly limits: ServiceLimits;
  /** Reads the mailbox and checks that large attachments can be sent from it. */
  check(signal: AbortSignal): Promise<Mailbox>;
  /** Files travel in the request that sends the mail: they are only read then, and must still be there. */
  readonly carriesFiles?: boolean;
  /** An uploaded file stays where it is, whatever becomes of the mail. */
  readonly keepsFiles?: boolean;
  /** Present where files can be sent as links. */
  readonly links?: FileLinks;
  /** The same mailbox with the files in the request that sends the mail, for when there are no sessions. */
  readonly inMail?: MailService;
  /** Present when files can only be added to a draft. */
  readonly drafts?: DraftKeeper;
  /** Absent where the saved draft is the message that is sent. */
  readonly savedDrafts?: SavedDrafts;
  /** The events of the next weeks, earliest first; absent for a service without a calendar. */
  comingEvents?(signal: AbortSignal): Promise<readonly CalendarEvent[]>;
  /** Present where links can be written into the text of an event. */
  readonly eventText?: EventText;
  /** @param draft null unless the service has `drafts` */
  createSession(file: FileToUpload, draft: Draft | null, signal: AbortSignal): Promise<UploadSession>;
  /** @param line the connections of this upload alone; the caller closes them */
  protocol(place: UploadPlace, line: Http): UploadProtocol;
  /** @param asked true when an earlier call may have got through: then "already complete" is success */
  complete(attachmentId: string, asked: boolean, signal: AbortSignal): Promise<void>;
  /** Ends a session that is no longer needed and deletes its file, where the service offers that. */
  cancel(leftover: Leftover, signal: AbortSignal): Promise<void>;
  /** The exact body of the request that sends the mail or, with a departure, schedules or saves it. */
  freeze(message: FinalMessage, attachments: readonly AttachmentRef[], departure?: Departure): string;
  send(frozen: FrozenSend, signal: AbortSignal): Promise<Receipt>;
  /**
   * Saves the mail as a draft in the mailbox: only one, however often it is tried.
   * @throws FreightError `saved-draft-lost` when the draft that it should overwrite is gone, or was sent
   */
  saveDraft(frozen: FrozenDraft, signal: AbortSignal): Promise<Receipt>;
  /** Absent at a service that only sends immediately. */
  readonly schedules?: Schedules;
  /** Absent where we may not read the inbox. */
  readonly inbox?: InboxReader;
}
