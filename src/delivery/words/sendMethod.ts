/** The method by which a mail's files are sent, depending on mailbox and sizes: its name, and why. Pure. */
import type { Account } from "../../accounts/accountBook.ts";
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { providerMailboxes, providerName } from "../../services/nylas/nylasGrants.ts";
import { NYLAS_MAX_FILE_BYTES } from "../../services/nylas/nylasSessions.ts";
import { JSON_MAX_BYTES, MULTIPART_MAX_BYTES } from "../../services/nylas/standardLimits.ts";
import { SEND_ONLY_MAX_FILE_BYTES, SEND_ONLY_MAX_REQUEST_BYTES } from "../../services/sendOnly.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

export interface Load {
  /** The mailbox's provider: "microsoft", "google", …; null without an account. */
  readonly provider: string | null;
  /** See `Delivery`. */
  readonly inMail: DeliveryRecord["inMail"];
  /** Bytes of each file. */
  readonly sizes: readonly number[];
  /** Bytes of the text. */
  readonly textBytes: number;
  /** The service has taken each file in one request, without a session. */
  readonly areSmall: boolean;
  readonly isForEvent: boolean;
  /** For the practice mailbox, which plays one of Microsoft's. */
  readonly isPractice: boolean;
}

/** Room for recipients, file names and what separates the parts. */
const FRAME_BYTES = 4_096;
/**
 * Largest file that a draft takes at once: "attach large files to Outlook messages" on learn.microsoft.com.
 */
const WHOLE_FILE_BYTES = 3 * 1024 * 1024;

/** What a mail's record keeps of its account. */
export function mailboxOf(
  account: Account | undefined,
): Pick<DeliveryRecord, "provider" | "inMail" | "hasLinks"> {
  return {
    provider: account?.provider ?? null,
    inMail: account?.sendOnly === true ? "sendOnly" : null,
    hasLinks: account?.hasLinks === true,
  };
}

/** True if files are not uploaded by themselves but are part of the request that sends the mail. */
export function travelsInMail({ provider, inMail }: Pick<DeliveryRecord, "provider" | "inMail">): boolean {
  return inMail !== null || isCarriedByMail(provider);
}

/** Whether files can only travel with the mail in this mailbox. */
function isCarriedByMail(provider: string | null): boolean {
  return provider !== null && provider !== "microsoft";
}

/** Whether Nylas accepts these files inside the mail. @param otherBytes size of the text */
export function fitsInMail(sizes: readonly number[], otherBytes: number): boolean {
  return sizes.reduce((sum, size) => sum + size, otherBytes + FRAME_BYTES) <= MULTIPART_MAX_BYTES;
}

/** Null while there are no files, or there is no account. */
export function methodOf({
  provider,
  inMail,
  sizes,
  textBytes,
  areSmall,
  isForEvent,
  isPractice,
}: Load): PanelSnapshot["method"] {
  if (provider === null || sizes.length === 0) return null;
  if (!travelsInMail({ provider, inMail })) {
    const why = isPractice ? t("like a Microsoft mailbox") : t("Microsoft mailbox");
    if (!areSmall) return { label: t("Upload session"), reason: why };
    return {
      label: isForEvent ? t("With the event") : t("With the draft"),
      reason: t("under {0}", formatBytes(WHOLE_FILE_BYTES)),
    };
  }
  const asBase64 = sizes.reduce((sum, size) => sum + 4 * Math.ceil(size / 3), 0);
  if (inMail === "sendOnly") {
    const fits = asBase64 + textBytes + FRAME_BYTES <= SEND_ONLY_MAX_REQUEST_BYTES;
    return { label: fits ? t("In the message") : t("Too large"), reason: t("this account may only send") };
  }
  // Say why the method is not the usual one.
  const why = (reason: string) =>
    inMail === null ? reason : inMail === "chosen" ? t("your choice") : t("Nylas opens no upload session");
  if (asBase64 + textBytes + FRAME_BYTES <= JSON_MAX_BYTES)
    return { label: t("In the message"), reason: why(t("under {0}", formatBytes(JSON_MAX_BYTES))) };
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    label: total + textBytes > MULTIPART_MAX_BYTES ? t("Too large") : t("In the message"),
    reason: why(t("{0} mailbox, up to {1}", providerName(provider), formatBytes(MULTIPART_MAX_BYTES))),
  };
}

/** The largest file that an account can send, and whose limit that is if it is not the same for all. */
export interface FileLimit {
  /** Bytes. */
  readonly bytes: number;
  /** What follows "the limit for": "Google mailboxes". */
  readonly limitOf?: string;
}

/** @param mailbox see `mailboxOf` */
export function fileLimit({ provider, hasLinks }: Pick<DeliveryRecord, "provider" | "hasLinks">): FileLimit {
  if (hasLinks) return { bytes: MAX_LINKED_BYTES, limitOf: t("links") };
  if (provider === null || !isCarriedByMail(provider)) return { bytes: NYLAS_MAX_FILE_BYTES };
  return { bytes: MULTIPART_MAX_BYTES, limitOf: providerMailboxes(provider) };
}

/** What can be sent from a mailbox: "large attachments", "files of up to 25 MB in a mail". */
export function capacity({
  provider,
  sendOnly,
  hasLinks,
}: Pick<Account, "provider" | "sendOnly" | "hasLinks">): string {
  if (sendOnly !== true && !isCarriedByMail(provider))
    return hasLinks === true ? t("large attachments, and larger files as links") : t("large attachments");
  const bytes = formatBytes(sendOnly === true ? SEND_ONLY_MAX_FILE_BYTES : MULTIPART_MAX_BYTES);
  return hasLinks === true
    ? t("files of up to {0} in a mail, and larger files as links", bytes)
    : t("files of up to {0} in a mail", bytes);
}
