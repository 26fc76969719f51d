/** A mail as a row of "Sessions", and the group that it belongs to. Pure. */
import { described, formatBytes, percent } from "../../shared/format.ts";
import { locale, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { parseRecipients, type Recipient } from "../../shared/recipients.ts";
import { shownAddress, shownName } from "../../shared/shownRecipient.ts";
import { refusals } from "../arrival/arrival.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { mailName, mailSummary } from "../record/describeMail.ts";
import { isFinished, rowFiles, standstill } from "../record/queries.ts";
import { arrivalSummary, cameBack } from "./arrivalWords.ts";
import {
  type AttachmentWords,
  describeAttachment,
  goingWords,
  isOnlyRead,
  waitWords,
} from "./describeAttachment.ts";

export interface MailGroup {
  readonly key: string;
  readonly label: string;
  /** Whether the group is expanded at first: what is unfinished or recent. */
  readonly isOpen: boolean;
  /** Groups are sorted by this, ascending. */
  readonly order: number;
}

export interface MailRow {
  readonly label: string;
  /** "uploading 43% · to Ada +2 · 3 files, 26 MB" */
  readonly description: string;
  /** Selects the icon: a file's status, "cameBack" if the mail did, null if it has no files. */
  readonly status: AttachmentWords["status"] | "cameBack" | null;
  /** Nothing moves until another try. */
  readonly waits?: boolean;
  /** Nothing is wrong: a person has to say which version of a file is meant. */
  readonly asks?: boolean;
}

export const ATTENTION = "attention";

/** True when a mail needs a person to look at it. @param now milliseconds since the epoch */
export function needsAttention(delivery: DeliveryRecord, now: number): boolean {
  const { phase, attachments } = delivery;
  if (phase === "sent") return refusals(delivery).length > 0;
  if (phase === "failed" || phase === "unconfirmed") return true;
  return (
    (phase === "composing" || phase === "waiting") &&
    attachments.some((file) => describeAttachment(delivery, file, now).status === "failed")
  );
}

/** Mails that need a person come first, then those in progress, then finished ones by day. */
export function groupOf(delivery: DeliveryRecord, now: number): MailGroup {
  if (needsAttention(delivery, now))
    return { key: ATTENTION, label: t("Needs Attention"), isOpen: true, order: 0 };
  if (!isFinished(delivery)) return { key: "underWay", label: t("In Progress"), isOpen: true, order: 1 };
  const at = new Date(delivery.finishedAt ?? delivery.createdAt);
  const key = `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
  const days = daysBetween(at, new Date(now));
  return { key, label: dayWords(at, days, new Date(now)), isOpen: days <= 1, order: 2 + Math.max(0, days) };
}

/** Calendar days: a day on which the clocks change does not have 24 hours. */
function daysBetween(day: Date, today: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (midnight(today) - midnight(day)) / 86_400_000;
}

function dayWords(day: Date, days: number, today: Date): string {
  if (days <= 0) return t("Today");
  if (days === 1) return t("Yesterday");
  if (days < 7) return day.toLocaleDateString(locale(), { weekday: "long" });
  const year = day.getFullYear() === today.getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString(locale(), { day: "numeric", month: "long", ...year });
}

/** @param now milliseconds since the epoch */
export function describeMailRow(delivery: DeliveryRecord, now: number): MailRow {
  const [file, ...others] = rowFiles(delivery);
  const name = mailName(delivery);
  if (file === undefined)
    return { label: name, description: joined(mailSummary(delivery), toWords(delivery)), status: null };
  const { words, ...state } = stateOf(delivery, now);
  const isOne = others.length === 0;
  const label = delivery.event !== null && isOne ? file.name : name;
  const size = formatBytes(rowFiles(delivery).reduce((sum, each) => sum + each.size, 0));
  const files = isOne
    ? described(label === file.name ? "" : file.name, size)
    : t("{0} files, {1}", others.length + 1, size);
  return { label, description: joined(words, toWords(delivery), files), ...state };
}

function stateOf(
  delivery: DeliveryRecord,
  now: number,
): Pick<MailRow, "status" | "waits" | "asks"> & { readonly words: string } {
  const { phase } = delivery;
  const attachments = rowFiles(delivery);
  const images = delivery.attachments.filter(
    (file) => !attachments.includes(file) && file.status === "failed",
  );
  const files = [...attachments, ...images].map((file) => ({
    file,
    ...describeAttachment(delivery, file, now),
  }));
  const [first] = files;
  const back = phase === "sent" ? cameBack(delivery) : undefined;
  if (back !== undefined) return { words: back, status: "cameBack" };
  if (first === undefined) return { words: mailSummary(delivery), status: null };
  const isAlike = files.every(({ status }) => status === first.status);
  if (phase === "sent") {
    // Once the inbox was read, there is more to say.
    const more = arrivalSummary(delivery);
    return { words: more === undefined ? first.summary : joined(more, first.since), status: first.status };
  }
  if (phase === "failed") return { words: mailSummary(delivery), status: "failed" };
  const worst =
    WORST_FIRST.flatMap((status) => {
      const such = files.filter((each) => each.status === status);
      // While one file moves, the mail does not wait; if one has failed, more is needed than an answer.
      return such.find(({ waits, asks }) => !waits && !asks) ?? such[0] ?? [];
    })[0] ?? first;
  if (files.length === 1 || (isAlike && first.status !== "uploading"))
    return { words: worst.summary, status: worst.status, waits: worst.waits, asks: worst.asks };
  const count = files.filter(({ status }) => status === worst.status).length;
  const words = worst.asks
    ? t("changed on disk: {0} of {1} files", count, files.length)
    : stoppedWords(worst.status, count, files.length);
  if (words !== undefined) return { words, status: worst.status, asks: worst.asks };
  const wait = standstill(delivery, now);
  if (wait !== undefined) return { words: waitWords(wait, now), status: worst.status, waits: true };
  const sum = (of: "accepted" | "size") => attachments.reduce((total, each) => total + each[of], 0);
  const areRead = attachments.every((attachment) => isOnlyRead(delivery, attachment));
  return { words: goingWords(percent(sum("accepted"), sum("size")), areRead), status: worst.status };
}

function stoppedWords(status: AttachmentWords["status"], count: number, all: number): string | undefined {
  if (status === "failed") return t("failed: {0} of {1} files", count, all);
  if (status === "paused") return t("paused: {0} of {1} files", count, all);
  if (status === "cancelled") return t("cancelled: {0} of {1} files", count, all);
  return status === "expired" ? t("expired: {0} of {1} files", count, all) : undefined;
}

/** If files differ in status, the first of these that one has stands for the mail. */
const WORST_FIRST: readonly AttachmentWords["status"][] = [
  "failed",
  "expired",
  "paused",
  "cancelled",
  "uploading",
  "creating",
  "completing",
  "queued",
];

/** All recipients of a mail; while it is being written, those that are valid. */
export function mailRecipients({ message, form }: DeliveryRecord): readonly Recipient[] {
  return message === null
    ? [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients)
    : everybody(message);
}

function toWords(delivery: DeliveryRecord): string {
  if (delivery.event !== null) return "";
  const [first, ...others] = mailRecipients(delivery);
  if (first === undefined) return "";
  const name = shownName(first) ?? shownAddress(first.email);
  return others.length > 0 ? t("to {0} +{1}", name, others.length) : t("to {0}", name);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}
