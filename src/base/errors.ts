/**
 * Errors that people read. The code that knows what happened writes the sentence and names the remedy; the UI only
 * shows it. Anything that is not a FreightError is a bug: it is not retried, and it is logged with its stack.
 */
import * as z from "zod";
import { Remedy } from "../shared/contract/snapshot.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";

/** Stable in saved records and logs; tests and code branch on these, never on a message. */
export const ErrorCode = z.enum([
  // what a command or a tool was given
  "bad-arguments",
  // the file
  "file-missing",
  "file-empty",
  "file-is-folder",
  "file-unreadable",
  "file-too-large",
  "file-changed",
  "file-not-local",
  "file-unsaved",
  "file-secret",
  "file-not-image",
  // what is made of a folder or of a file that is too large
  "folder-empty",
  "folder-too-many-files",
  "ignore-file-refused",
  "archive-too-large",
  "disk-full",
  "patch-impossible",
  // the way to the service
  "network",
  "offline",
  "certificate",
  "proxy-auth",
  "proxy-unusable",
  "timeout",
  "rate-limited",
  "service-fault",
  "unsettled",
  "bad-answer",
  // the account
  "no-account",
  "credential-missing",
  "credential-rejected",
  "grant-unknown",
  "grant-invalid",
  "wrong-region",
  "provider-unsupported",
  "scope-missing",
  "address-refused",
  "secrets-unavailable",
  // the session
  "session-lost",
  "draft-lost",
  "saved-draft-lost",
  "session-expired",
  "upload-refused",
  "upload-mismatch",
  // a file that goes as a link
  "file-lost",
  "no-room",
  "link-refused",
  // the mail
  "request-refused",
  "recipients-refused",
  "provider-refused",
  "message-too-large",
  "send-unconfirmed",
  "schedule-refused",
  "schedule-late",
  "send-late",
  "journal-unwritable",
  "driven-elsewhere",
  // what an organization has decided
  "policy-refused",
  "policy-unusable",
  "audit-unwritable",
  "unexpected",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** An error as it is kept in a record: enough to show it again after a reload. */
export const SavedError = lasting({
  code: ErrorCode,
  message: z.string(),
  remedy: Remedy.nullable(),
  requestId: z.string().nullable(),
});
export type SavedError = z.infer<typeof SavedError>;

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly remedy?: Remedy | undefined;
  /** The service's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** HTTP status, when an answer arrived. */
  readonly status?: number | undefined;
  /** The answer was in the service's own words, not a gateway's, which knows nothing of the service. */
  readonly isOwnWord?: boolean | undefined;
  /** The shortest wait that the service asked for (`Retry-After`), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /**
   * False when it is certain that the service did not act on the request; true when it may have. Decides whether a
   * request that must not happen twice may be repeated.
   */
  readonly mayHaveActed?: boolean | undefined;
  /** The service has stored this answer under the idempotency key: only a new key can get another one. */
  readonly keySpent?: boolean | undefined;
  /** The file on this machine that is to blame. */
  readonly path?: string | undefined;
  /** What the mailbox's own service said when it refused the mail's size; a gateway knows nothing of that. */
  readonly ofSize?: string | undefined;
}

export class FreightError extends Error {
  readonly code: ErrorCode;
  readonly remedy: Remedy | undefined;
  readonly requestId: string | undefined;
  readonly status: number | undefined;
  readonly isOwnWord: boolean;
  readonly retryAfterMs: number | undefined;
  readonly mayHaveActed: boolean;
  readonly keySpent: boolean;
  readonly path: string | undefined;
  readonly ofSize: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "FreightError";
    this.code = code;
    this.remedy = details.remedy;
    this.requestId = details.requestId;
    this.status = details.status;
    this.isOwnWord = details.isOwnWord ?? false;
    this.retryAfterMs = details.retryAfterMs;
    this.mayHaveActed = details.mayHaveActed ?? false;
    this.keySpent = details.keySpent ?? false;
    this.path = details.path;
    this.ofSize = details.ofSize;
  }

  /** True for any of these codes. */
  is(...codes: readonly ErrorCode[]): boolean {
    return codes.includes(this.code);
  }
}

/** Makes errors of one answer, or of one failure; another try helps unless told. */
export function errorsOf(details: ErrorDetails) {
  return (code: ErrorCode, message: string, remedy: Remedy = "retry") =>
    new FreightError(code, message, { ...details, remedy });
}

/**
 * The mailbox refuses a mail of this size. Exchange Online's limit is 35 MB unless an administrator allows more.
 * https://learn.microsoft.com/exchange/mail-flow-best-practices/message-size-limits
 */
export function messageTooLarge(details: ErrorDetails): FreightError {
  return new FreightError(
    "message-too-large",
    t(
      "The mail is larger than the mailbox can send: 35 MB, unless an administrator allows more (up to 150 MB).",
    ),
    { ...details, remedy: "copyAdminCommand" },
  );
}

/** Exchange's codes, SMTP's (RFC 3463), and mail servers' usual wording. */
const TOO_LARGE =
  /\bError(MessageSizeExceeded|AttachmentSizeLimitExceeded)\b|\b5\.3\.4\b|\bexceeds the maximum\b[^."]{0,80}\bsize\b|\bmessage (?:is )?too (?:large|big)\b|\bmessage size exceeds\b/i;

/**
 * Whether a service's answer says that the mail is too large: it may pass on its provider's own refusal, in
 * any form and under any status.
 */
export function saysTooLarge(text: string): boolean {
  return TOO_LARGE.test(text);
}

/**
 * Awaits a request that precedes the one in question: if it fails, that one was never made, and so the error
 * is without `mayHaveActed`.
 */
export async function withoutDoubt<T>(before: Promise<T>): Promise<T> {
  return before.catch((reason: unknown) => {
    throw isDoubtful(reason) ? settled(reason) : reason;
  });
}

function isDoubtful(reason: unknown): reason is FreightError {
  return reason instanceof FreightError && reason.mayHaveActed;
}

function settled(reason: FreightError): FreightError {
  return new FreightError(reason.code, reason.message, { ...reason, cause: reason, mayHaveActed: false });
}

/** True when the operation ended because somebody cancelled it: not an error, and never shown. */
export function isCancellation(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "AbortError";
}

/** The reason as a FreightError; an unknown one becomes `unexpected`, with the remedy to read the log. */
export function asFreightError(reason: unknown): FreightError {
  if (reason instanceof FreightError) return reason;
  return new FreightError(
    "unexpected",
    t("Something went wrong inside Freight Mail. The log has the details."),
    { cause: reason, remedy: "showLog" },
  );
}

export function toSavedError(reason: unknown): SavedError {
  const error = asFreightError(reason);
  return {
    code: error.code,
    message: error.message,
    remedy: error.remedy ?? null,
    requestId: error.requestId ?? null,
  };
}

/** Ends a `switch` with a case for everything: without one for a new value, it does not compile. */
export function unreachable(value: never): never {
  throw new Error(`Not handled: ${JSON.stringify(value)}`);
}
