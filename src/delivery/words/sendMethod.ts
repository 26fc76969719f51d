/** By which method the files of a mail are sent, by its mailbox and their sizes: in a word, and why. Pure. */
import { NYLAS_MAX_FILE_BYTES } from "../../services/nylas/nylas.ts";
import { providerMailbox, providerName } from "../../services/nylas/nylasGrants.ts";
import { JSON_MAX_BYTES, MULTIPART_MAX_BYTES } from "../../services/nylas/standardLimits.ts";
import type { PanelSnapshot } from "../../shared/contract.ts";
import { formatBytes } from "../../shared/format.ts";

export interface Load {
  /** Whose mailbox it is: "microsoft", "google", …; null without an account. */
  readonly provider: string | null;
  /** Bytes of each file. */
  readonly sizes: readonly number[];
  /** Bytes of the text. */
  readonly textBytes: number;
  /** The service has taken each file at once, without a session. */
  readonly areSmall: boolean;
  readonly isForEvent: boolean;
}

/** Recipients, names of files and what stands between them. */
const FRAME_BYTES = 4_096;

/** True where files are no uploads of their own but parts of the request that sends the mail. */
export function travelsInMail(provider: string | null): boolean {
  return provider !== null && provider !== "microsoft";
}

/** Null while there is nothing to carry, or nobody to carry it. */
export function methodOf({
  provider,
  sizes,
  textBytes,
  areSmall,
  isForEvent,
}: Load): PanelSnapshot["method"] {
  if (provider === null || sizes.length === 0) return null;
  if (!travelsInMail(provider)) {
    if (!areSmall) return { label: "Upload session", reason: "Microsoft mailbox" };
    return { label: isForEvent ? "With the event" : "With the draft", reason: "under 3 MB" };
  }
  const asBase64 = sizes.reduce((sum, size) => sum + 4 * Math.ceil(size / 3), 0);
  if (asBase64 + textBytes + FRAME_BYTES <= JSON_MAX_BYTES)
    return { label: "In the message", reason: `under ${formatBytes(JSON_MAX_BYTES)}` };
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    label: total + textBytes <= MULTIPART_MAX_BYTES ? "Multipart" : "Too large",
    reason: `${providerName(provider)} mailbox, up to ${formatBytes(MULTIPART_MAX_BYTES)}`,
  };
}

/** The largest file that an account can send, and whose limit that is where it is not the same for all. */
export interface FileLimit {
  /** Bytes. */
  readonly bytes: number;
  /** "a Google mailbox" */
  readonly limitOf?: string;
}

export function fileLimit(provider: string | null): FileLimit {
  if (provider === null || !travelsInMail(provider)) return { bytes: NYLAS_MAX_FILE_BYTES };
  return { bytes: MULTIPART_MAX_BYTES, limitOf: providerMailbox(provider) };
}

/** What can be sent from a mailbox: "large attachments", "files of up to 25 MB in a mail". */
export function capacity(provider: string): string {
  return travelsInMail(provider)
    ? `files of up to ${formatBytes(MULTIPART_MAX_BYTES)} in a mail`
    : "large attachments";
}
