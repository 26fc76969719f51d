/** The port to a mail service: what delivering a mail needs, in our words. Each service has a folder here. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import type { Http } from "../net/http.ts";
import { t } from "../shared/l10n.ts";
import type { OutgoingMessage } from "../shared/message.ts";
import type { UploadProtocol } from "../transfer/upload.ts";
import type { CalendarEvent, EventText } from "./calendar.ts";
import type { Draft, DraftKeeper, SavedDrafts } from "./drafts.ts";
import type { LinkKeeper } from "./fileLinks.ts";
import type { InboxReader } from "./inboxReader.ts";
import type { Schedule, Schedules } from "./scheduling.ts";

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
