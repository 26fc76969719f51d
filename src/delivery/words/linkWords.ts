/** Files that go as links, in words: for their recipients, and for whoever sends them. Pure. */
import { AUDIENCES, type Audience, type AudienceRefusal } from "../../services/fileLinks.ts";
import type { AttachmentAction, PanelSnapshot } from "../../shared/contract.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { counted, formatBytes } from "../../shared/format.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isFinished, isLinkOut, isOpen, linkEnding } from "../record/queries.ts";

/** What a recipient is told of a file. */
export interface LinkCard {
  readonly name: string;
  /** "2.1 GB" */
  readonly size: string;
  readonly url: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** "Only the recipients of this mail can open it. Sign in with the address that this mail was sent to." */
  readonly who: string;
  /** "Available until 28 December 2026 (UTC)."; empty without an end. */
  readonly until: string;
}

const FOR_RECIPIENTS: Readonly<Record<Audience, string>> = {
  recipients:
    "Only the recipients of this mail can open it. Sign in with the address that this mail was sent to.",
  organization: "Everyone in the sender's organization can open it.",
  anyone: "Everyone who has this link can open it.",
};

const FOR_SENDER: Readonly<Record<Audience, string>> = {
  recipients: "only the recipients of this mail",
  organization: "everyone in your organization",
  anyone: "everyone who has the link",
};

/** Who may be let in, as rows to choose from. */
export const AUDIENCE_ROWS = AUDIENCES.map((value) => ({
  value,
  label: sentenceCase(FOR_SENDER[value]),
  description: {
    recipients: "they sign in with the address that the mail is sent to",
    organization: "also those whom the link is forwarded to",
    anyone: "without signing in, also those whom the link is forwarded to",
  }[value],
}));

/**
 * Who can open the files of a mail that go as links: "1 file goes as a link. Only the recipients of this mail can open it for 30 days."
 * @param refused what the service does not allow, as far as that is known
 */
export function linkWords(
  delivery: DeliveryRecord,
  refused: readonly AudienceRefusal[] = [],
): PanelSnapshot["links"] {
  const count = delivery.attachments.filter(({ asLink }) => asLink).length;
  if (count === 0) return null;
  const { audience, days } = delivery.links;
  const goes = count === 1 ? "1 file goes as a link" : `${counted(count, "file")} go as links`;
  const who = sentenceCase(FOR_SENDER[audience]);
  const end = days === null ? "until you delete it" : `for ${counted(days, "day")}`;
  return {
    words: `${goes}. ${who} can open ${count === 1 ? "it" : "them"} ${count === 1 ? end : end.replace("it", "them")}.`,
    editable: isOpen(delivery),
    problem: refused.find((one) => one.audience === audience)?.message ?? null,
  };
}

/** Who can open a file, and until when: "only the recipients of this mail, until 28 December 2026 (UTC)". */
export function openWords({ link }: Pick<AttachmentRecord, "link">): string | undefined {
  if (link === null) return undefined;
  const who = FOR_SENDER[link.audience];
  return link.until === null ? who : `${who}, until ${dayOf(link.until)} (UTC)`;
}

const FOR_ROW: Readonly<Record<Audience, string>> = {
  recipients: "the recipients",
  organization: "your organization",
  anyone: "everyone",
};

/**
 * How it stands with the link of a file whose mail has left: "link for the recipients until 28 December 2026"; undefined
 * for a file without one. @param now milliseconds since the epoch
 */
export function linkState(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  now: number,
): string | undefined {
  if (!attachment.asLink || !isFinished(delivery)) return undefined;
  const { link, unshared } = attachment;
  const ending = linkEnding(delivery, attachment);
  if (ending !== undefined) return ending === "deleted" ? "deleting the file…" : "ending the link…";
  if (unshared !== null) return unshared === "deleted" ? "file deleted" : "no longer shared";
  if (link === null) return undefined;
  const { until } = link;
  if (until !== null && until <= now) return `link ended ${dayOf(until)}`;
  return `link for ${FOR_ROW[link.audience]}${until === null ? "" : ` until ${dayOf(until)}`}`;
}

/** What can be done about it. */
export function linkActions(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  now: number,
): AttachmentAction[] {
  if (!isLinkOut(delivery, attachment)) return [];
  const { link } = attachment;
  if (link === null || linkEnding(delivery, attachment) !== undefined) return ["deleteLinked"];
  // One that has ended would be another link, which nobody has; by name the place stays the same.
  const isSame = link.until === null || link.until > now || link.audience === "recipients";
  return [...(isSame && link.until !== null ? ["extendLink" as const] : []), "stopSharing", "deleteLinked"];
}

/** What a person is asked before the link of a file ends. @param isDeleted the file as well */
export function endLinkQuestion(
  { name }: Pick<AttachmentRecord, "name">,
  isDeleted: boolean,
): { readonly question: string; readonly detail: string; readonly button: string } {
  const shown = `“${withoutHidden(name, "�")}”`;
  return isDeleted
    ? {
        question: `Delete ${shown} from your OneDrive?`,
        detail: "Nobody will be able to open it. The file on this machine stays.",
        button: "Delete File",
      }
    : {
        question: `Stop sharing ${shown}?`,
        detail: "The link in the mail will stop working. The file stays in your OneDrive.",
        button: "Stop Sharing",
      };
}

/** Until when a link could be opened after it was extended: "until 28 December 2026". */
export function untilWords(until: number): string {
  return `until ${dayOf(until)}`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The cards of a mail whose files can be opened. @throws Error when one cannot */
export function linkCards({ attachments }: DeliveryRecord): LinkCard[] {
  return attachments
    .filter(({ asLink }) => asLink)
    .map(({ name, size, link, checkpoint }) => {
      if (link === null || checkpoint === null)
        throw new Error("A file without a link cannot be sent as one");
      return {
        name: withoutHidden(name, "�"),
        size: formatBytes(size),
        url: link.url,
        sha256: checkpoint.sha256,
        who: FOR_RECIPIENTS[link.audience],
        until: link.until === null ? "" : `Available until ${dayOf(link.until)} (UTC).`,
      };
    });
}

/** The last whole day: a link ends with one. */
function dayOf(until: number): string {
  return new Date(until - 1).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
