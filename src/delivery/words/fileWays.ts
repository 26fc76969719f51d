/** Which files of a mail go as links by default: those that do not fit in it. Pure. */
import type { Account } from "../../accounts/accountBook.ts";
import { SEND_ONLY_MAX_FILE_BYTES, SEND_ONLY_MAX_REQUEST_BYTES } from "../../services/sendOnly.ts";
import { encodedBytes } from "../../shared/message.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { fileLimit } from "./sendMethod.ts";

/** Room for everything but the files: text, recipients, file names. */
const LETTER_BYTES = 64 * 1024;

export interface WayOfFile {
  /** Bytes. */
  readonly size: number;
  readonly asLink: boolean;
  /** Set for an image of the text, which always travels with it. */
  readonly inline: unknown;
  /** Set for a part of a split file: a link would be to the whole file. */
  readonly part?: unknown;
}

/** What matters about the mail. */
export interface Mail extends Pick<DeliveryRecord, "provider" | "inMail" | "hasLinks"> {
  /** The largest mail that the mailbox can send, counted as it travels; null if not known. */
  readonly mostBytes: number | null;
}

export interface AccountLimits {
  readonly accounts: { find(id: string | null): Account | undefined };
  /** The largest mail that an account can send, counted as it travels; null or unset if not known. */
  readonly mostBytes?: (account: Account) => number | null;
}

/** The largest mail that an account can send; null if not known. */
export function mostBytesOf({ accounts, mostBytes }: AccountLimits, accountId: string | null): number | null {
  const account = accounts.find(accountId);
  return account === undefined ? null : (mostBytes?.(account) ?? null);
}

/** @param there the mail's other files, which stay as they are @returns `added`, in the same order */
export function chooseWays<File extends WayOfFile>(
  added: readonly File[],
  there: readonly WayOfFile[],
  mail: Mail,
): File[] {
  const { fileBytes, mailBytes } = roomOf(mail);
  const attached = there.filter(({ asLink }) => !asLink).map(({ size }) => size);
  return added.map((file) => {
    const sizes = [...attached, file.size];
    const isTooMuch =
      file.size > fileBytes || (mailBytes !== null && encodedBytes(sizes) + LETTER_BYTES > mailBytes);
    const asLink = canBeLink(mail, file) && isTooMuch;
    if (!asLink) attached.push(file.size);
    return { ...file, asLink };
  });
}

/** How large a file in the mail, and the whole mail, may be. */
function roomOf(mail: Mail): { readonly fileBytes: number; readonly mailBytes: number | null } {
  return mail.inMail === "sendOnly"
    ? { fileBytes: SEND_ONLY_MAX_FILE_BYTES, mailBytes: SEND_ONLY_MAX_REQUEST_BYTES }
    : { fileBytes: fileLimit({ ...mail, hasLinks: false }).bytes, mailBytes: mail.mostBytes };
}

/** Whether a file that goes as a link could be attached instead. */
export function canBeAttached(
  mail: Pick<DeliveryRecord, "provider" | "inMail">,
  { size }: Pick<WayOfFile, "size">,
): boolean {
  return size <= roomOf({ ...mail, hasLinks: false, mostBytes: null }).fileBytes;
}

/** Whether a file of a mail can go as a link at all. */
export function canBeLink(
  { hasLinks }: Pick<DeliveryRecord, "hasLinks">,
  { inline, part }: Pick<WayOfFile, "inline" | "part">,
): boolean {
  return hasLinks && inline === null && part === undefined;
}
