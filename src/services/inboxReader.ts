/** What comes into a mailbox, as far as it decides whether a mail came back. */
import { FreightError } from "../base/errors.ts";
import type { HttpAnswer } from "../net/http.ts";
import { t } from "../shared/l10n.ts";

export interface IncomingMail {
  readonly id: string;
  /** By the service's clock, in milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The sender's address; empty where there is none. */
  readonly from: string;
  /** Of the mails that it is about: `<id@host>`. */
  readonly messageIds: readonly string[];
  readonly threadId: string | null;
  /** "REPORT.IPM.Note.NDR" for one; null where the mailbox does not sort its mail. */
  readonly messageClass: string | null;
}

/** Reads the inbox; absent at a mailbox that may not be read. */
export interface InboxReader {
  /**
   * What has come in after an instant, in milliseconds since the epoch; in any order, and not without end.
   * @throws FreightError `scope-missing` where the mailbox may not be read
   */
  list(after: number, signal: AbortSignal): Promise<readonly IncomingMail[]>;
  /** A mail as it travelled: headers, an empty line, and the rest. */
  read(id: string, signal: AbortSignal): Promise<string>;
}

/** Requests of one look at a full inbox: each brings a page. */
export const PAGES_AT_MOST = 4;
/** Bytes of one mail; a bounce that repeats a whole mail is not read to its end. */
export const MAX_MAIL_BYTES = 64 * 1024 * 1024;

/** @param error what the service's answer means elsewhere */
export function inboxError({ status, requestId }: HttpAnswer, error: FreightError): FreightError {
  if (status !== 403) return error;
  const message = t("This account may not read its inbox.");
  return new FreightError("scope-missing", message, { cause: error, requestId, status });
}
