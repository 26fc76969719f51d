/** Files sent as links, in words: for their recipients and for the sender. Pure. */
import { AUDIENCES, type Audience, type AudienceRefusal } from "../../services/fileLinks.ts";
import type { AttachmentAction, PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { formatBytes } from "../../shared/format.ts";
import { locale, plural, sentences, t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isFinished, isLinkOut, isOpen, linkEnding } from "../record/queries.ts";

/** What a recipient is told about a file. */
export interface LinkCard {
  readonly name: string;
  /** "2.1 GB" */
  readonly size: string;
  readonly url: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** "Only the recipients of this mail can open it. Sign in with the address that this mail was sent to." */
  readonly who: string;
  /** "Available until 28 December 2026 (UTC)."; empty if it has no end. */
  readonly until: string;
}

/** Of a mail, or of the event that the files are attached to. */
type Linked = Pick<DeliveryRecord, "event">;

/** In the sender's language: the recipients' is unknown. */
function whoForRecipients(audience: Audience, { event }: Linked): string {
  switch (audience) {
    case "recipients":
      return event === null
        ? t(
            "Only the recipients of this mail can open it. Sign in with the address that this mail was sent to.",
          )
        : t("Only the people invited to this event can open it. Sign in with the address that was invited.");
    case "organization":
      return t("Everyone in the sender's organization can open it.");
    case "anyone":
      return t("Everyone who has this link can open it.");
  }
}

function whoForSender(audience: Audience, { event }: Linked): string {
  switch (audience) {
    case "recipients":
      return event === null
        ? t("only the recipients of this mail")
        : t("only the people invited to this event");
    case "organization":
      return t("everyone in your organization");
    case "anyone":
      return t("everyone who has the link");
  }
}

/** Who can open a mail's files, and for how long after Send. */
function accessWords(audience: Audience, days: number | null, { event }: Linked): string {
  switch (audience) {
    case "recipients":
      if (event !== null)
        return days === null
          ? t("Only the people invited to this event have access until you delete the file.")
          : plural(
              days,
              "Only the people invited to this event have access for {0} day.",
              "Only the people invited to this event have access for {0} days.",
            );
      return days === null
        ? t("Only the recipients of this mail have access until you delete the file.")
        : plural(
            days,
            "Only the recipients of this mail have access for {0} day.",
            "Only the recipients of this mail have access for {0} days.",
          );
    case "organization":
      return days === null
        ? t("Everyone in your organization has access until you delete the file.")
        : plural(
            days,
            "Everyone in your organization has access for {0} day.",
            "Everyone in your organization has access for {0} days.",
          );
    case "anyone":
      return days === null
        ? t("Everyone who has the link has access until you delete the file.")
        : plural(
            days,
            "Everyone who has the link has access for {0} day.",
            "Everyone who has the link has access for {0} days.",
          );
  }
}

/** The audiences, as rows to choose from. */
export function audienceRows() {
  const rows: Readonly<Record<Audience, readonly [string, string]>> = {
    recipients: [t("Only the recipients"), t("they sign in with the address that it is sent to")],
    organization: [t("Everyone in your organization"), t("including people the link is forwarded to")],
    anyone: [
      t("Everyone who has the link"),
      t("without signing in, including people the link is forwarded to"),
    ],
  };
  return AUDIENCES.map((value) => ({ value, label: rows[value][0], description: rows[value][1] }));
}

/**
 * Who can open a mail's linked files: "1 file goes as a link. Only the recipients of this mail have access for 30 days."
 * @param refused what the service is known not to allow
 */
export function linkWords(
  delivery: DeliveryRecord,
  refused: readonly AudienceRefusal[] = [],
): PanelSnapshot["links"] {
  const count = delivery.attachments.filter(({ asLink }) => asLink).length;
  if (count === 0) return null;
  const { audience, days } = delivery.links;
  return {
    words: sentences(
      plural(count, "{0} file goes as a link.", "{0} files go as links."),
      accessWords(audience, days, delivery),
    ),
    editable: isOpen(delivery),
    problem: refused.find((one) => one.audience === audience)?.message ?? null,
  };
}

/** Who can open a file, and until when: "only the recipients of this mail, until 28 December 2026 (UTC)". */
export function openWords(delivery: Linked, { link }: Pick<AttachmentRecord, "link">): string | undefined {
  if (link === null) return undefined;
  const who = whoForSender(link.audience, delivery);
  return link.until === null ? who : t("{0}, until {1} (UTC)", who, dayOf(link.until));
}

function linkFor(audience: Audience, { event }: Linked): string {
  switch (audience) {
    case "recipients":
      return event === null ? t("link for the recipients") : t("link for the people invited");
    case "organization":
      return t("link for your organization");
    case "anyone":
      return t("link for everyone");
  }
}

/**
 * The state of a sent file's link: "link for the recipients until 28 December 2026"; undefined for a file without one.
 * @param now milliseconds since the epoch
 */
export function linkState(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  now: number,
): string | undefined {
  if (!attachment.asLink || !isFinished(delivery)) return undefined;
  const { link, unshared } = attachment;
  const ending = linkEnding(delivery, attachment);
  if (ending !== undefined) return ending === "deleted" ? t("deleting the file…") : t("ending the link…");
  if (unshared !== null) return unshared === "deleted" ? t("file deleted") : t("no longer shared");
  if (link === null) return undefined;
  const { until } = link;
  if (until !== null && until <= now) return t("link ended {0}", dayOf(until));
  const words = linkFor(link.audience, delivery);
  return until === null ? words : t("{0} until {1}", words, dayOf(until));
}

/** What can be done about a sent file's link. */
export function linkActions(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  now: number,
): AttachmentAction[] {
  if (!isLinkOut(delivery, attachment)) return [];
  const { link } = attachment;
  if (link === null || linkEnding(delivery, attachment) !== undefined) return ["deleteLinked"];
  // Extending a link that has ended would make a new one, which nobody has. Access given by name keeps its address.
  const isSame = link.until === null || link.until > now || link.audience === "recipients";
  return [...(isSame && link.until !== null ? ["extendLink" as const] : []), "stopSharing", "deleteLinked"];
}

/** What a person is asked before a file's link ends. @param isDeleted whether the file is deleted, too */
export function endLinkQuestion(
  { name }: Pick<AttachmentRecord, "name">,
  isDeleted: boolean,
): { readonly question: string; readonly detail: string; readonly button: string } {
  const shown = withoutHidden(name, "�");
  return isDeleted
    ? {
        question: t("Delete “{0}” from your OneDrive?", shown),
        detail: t("Nobody will be able to open it. The file on this machine stays."),
        button: t("Delete File"),
      }
    : {
        question: t("Stop sharing “{0}”?", shown),
        detail: t("The link that you sent will stop working. The file stays in your OneDrive."),
        button: t("Stop Sharing"),
      };
}

/** Until when an extended link can be opened: "until 28 December 2026". */
export function untilWords(until: number): string {
  return t("until {0}", dayOf(until));
}

/** The cards of a mail's files. @throws Error if one has no link yet */
export function linkCards(delivery: DeliveryRecord): LinkCard[] {
  return delivery.attachments
    .filter(({ asLink }) => asLink)
    .map(({ name, size, link, checkpoint }) => {
      if (link === null || checkpoint === null)
        throw new Error("A file without a link cannot be sent as one");
      return {
        name: withoutHidden(name, "�"),
        size: formatBytes(size),
        url: link.url,
        sha256: checkpoint.sha256,
        who: whoForRecipients(link.audience, delivery),
        until: link.until === null ? "" : t("Available until {0} (UTC).", dayOf(link.until)),
      };
    });
}

/** The last full day: links end with a day. */
function dayOf(until: number): string {
  return new Date(until - 1).toLocaleDateString(locale(), {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
