/** Which files of a mail go as links unless a person wants it otherwise: those that do not fit in it. Pure. */
import type { Account } from "../../accounts/accountBook.ts";
import { SEND_ONLY_MAX_FILE_BYTES, SEND_ONLY_MAX_REQUEST_BYTES } from "../../services/sendOnly.ts";
import { encodedBytes } from "../../shared/message.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { fileLimit } from "./sendMethod.ts";

/** Text, recipients and names of files beside the files themselves. */
const LETTER_BYTES = 64 * 1024;

export interface WayOfFile {
  /** Bytes. */
  readonly size: number;
  readonly asLink: boolean;
  /** Set for an image of the text, which is part of it. */
  readonly inline: unknown;
  /** Set for a part of a file: a link would be to the whole one. */
  readonly part?: unknown;
}

/** The mail, as far as it decides. */
export interface Mail extends Pick<DeliveryRecord, "provider" | "inMail" | "hasLinks"> {
  /** The largest mail that the mailbox sends, as it travels; null where nobody knows. */
  readonly mostBytes: number | null;
}

export interface AccountLimits {
  readonly accounts: { find(id: string | null): Account | undefined };
  /** The largest mail that an account sends, as it travels, or null; unset: nobody knows. */
  readonly mostBytes?: (account: Account) => number | null;
}

/** The largest mail that an account sends; null where nobody knows. */
export function mostBytesOf({ accounts, mostBytes }: AccountLimits, accountId: string | null): number | null {
  const account = accounts.find(accountId);
  return account === undefined ? null : (mostBytes?.(account) ?? null);
}

/** @param there files that the mail has already; they stay as they are @returns `added`, in their order */
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

/** What fits into a mail. */
function roomOf(mail: Mail): { readonly fileBytes: number; readonly mailBytes: number | null } {
  return mail.inMail === "sendOnly"
    ? { fileBytes: SEND_ONLY_MAX_FILE_BYTES, mailBytes: SEND_ONLY_MAX_REQUEST_BYTES }
    : { fileBytes: fileLimit({ ...mail, hasLinks: false }).bytes, mailBytes: mail.mostBytes };
}

/** Whether a file that goes as a link could be part of the mail as well. */
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
