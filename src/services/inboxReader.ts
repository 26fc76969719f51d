/** What arrives in a mailbox: just enough to tell whether a mail came back. */
import { FreightError } from "../base/errors.ts";
import type { HttpAnswer } from "../net/http.ts";
import { t } from "../shared/l10n.ts";

export interface IncomingMail {
  readonly id: string;
  /** By the service's clock, in milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The sender's address; empty where there is none. */
  readonly from: string;
  /** `<id@host>` of each mail that this one is about. */
  readonly messageIds: readonly string[];
  readonly threadId: string | null;
  /** For example "REPORT.IPM.Note.NDR"; null where the mailbox does not classify its mail. */
  readonly messageClass: string | null;
}

/** Reads the inbox; absent for a mailbox that we may not read. */
export interface InboxReader {
  /**
   * The mail received after an instant (milliseconds since the epoch), in any order; if there is very much,
   * only the first of it.
   * @throws FreightError `scope-missing` where we may not read the mailbox
   */
  list(after: number, signal: AbortSignal): Promise<readonly IncomingMail[]>;
  /** A mail as it was transmitted: headers, an empty line, and the rest. */
  read(id: string, signal: AbortSignal): Promise<string>;
}

/** How many pages of a full inbox are read at a time, with one request each. */
export const PAGES_AT_MOST = 4;
/** The most bytes read of one mail; a bounce that repeats a huge mail is not read to its end. */
export const MAX_MAIL_BYTES = 64 * 1024 * 1024;

/** @param error what the same answer means for other requests */
export function inboxError({ status, requestId }: HttpAnswer, error: FreightError): FreightError {
  if (status !== 403) return error;
  const message = t("This account may not read its inbox.");
  return new FreightError("scope-missing", message, { cause: error, requestId, status });
}
