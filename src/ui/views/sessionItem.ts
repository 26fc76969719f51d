/** A row of the "Sessions" tree, worded by `mailRow.ts` and `describeAttachment.ts`. */
import * as vscode from "vscode";
import { openWords } from "../../delivery/links/linkWords.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import { mailName } from "../../delivery/record/describeMail.ts";
import { isPracticeMail } from "../../delivery/record/practiceWords.ts";
import { isFinished, rowFiles } from "../../delivery/record/queries.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { returnProblem } from "../../delivery/words/arrivalWords.ts";
import { type AttachmentWords, describeAttachment } from "../../delivery/words/describeAttachment.ts";
import { describeMailRow, type MailRow, mailRecipients } from "../../delivery/words/mailRow.ts";
import { rowMenuKeys } from "../../delivery/words/rowMenuKeys.ts";
import { travelsInMail } from "../../delivery/words/sendMethod.ts";
import {
  described,
  formatBytes,
  formatCountdown,
  formatMoment,
  moreRecipients,
  someOf,
} from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import { greyUri } from "./greyedRows.ts";

/** What a row stands for; its commands receive this. */
export interface SessionRow {
  readonly deliveryId: string;
  /** Null: a mail with no file, or several. The row of a mail with one file stands for that as well. */
  readonly attachmentId: string | null;
  /** False for the row of a file below its mail. */
  readonly isMail: boolean;
}

/** @param now milliseconds since the epoch */
export function sessionItem(store: DeliveryStore, row: SessionRow, now: number): vscode.TreeItem {
  if (row.isMail) return mailItem(store.find(row.deliveryId), row, now);
  const found = find(store, row);
  const item = new vscode.TreeItem(found?.attachment.name ?? "");
  item.id = `${row.deliveryId}/${row.attachmentId}`;
  if (found === undefined) return item; // Removed while the tree was being drawn.
  const words = describeAttachment(found.delivery, found.attachment, now);
  item.description = words.summary;
  setGrey(item, words.status);
  item.iconPath = icon(words, isPracticeMail(found.delivery));
  item.contextValue = rowMenuKeys(found.delivery, found.attachment, now, false).join(" ");
  item.accessibilityInformation = { label: described(found.attachment.name, words.summary) };
  return item;
}

function mailItem(delivery: DeliveryRecord | undefined, row: SessionRow, now: number): vscode.TreeItem {
  const words = delivery && describeMailRow(delivery, now);
  const item = new vscode.TreeItem(words?.label ?? "");
  item.id = row.deliveryId;
  if (delivery === undefined || words === undefined) return item; // Removed while the tree was being drawn.
  const files = rowFiles(delivery);
  if (files.length > 1) item.collapsibleState = isFinished(delivery) ? Collapsed : Expanded;
  item.description = words.description;
  item.iconPath = mailIcon(words, isPracticeMail(delivery));
  if (words.status !== "cameBack" && words.status !== null) setGrey(item, words.status);
  const only = files.find(({ id }) => id === row.attachmentId);
  item.contextValue = rowMenuKeys(delivery, only, now).join(" ");
  item.accessibilityInformation = { label: described(words.label, words.description) };
  return item;
}

function setGrey(item: vscode.TreeItem, status: AttachmentWords["status"]): void {
  const uri = greyUri(status);
  if (uri !== undefined) item.resourceUri = uri;
}

const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

function mailIcon({ status, waits = false, asks = false }: MailRow, isPractice: boolean): vscode.ThemeIcon {
  if (status === null) return new vscode.ThemeIcon(isPractice ? PRACTICE_ICON : "mail");
  if (status !== "cameBack") return icon({ status, waits, asks }, isPractice);
  return warning();
}

function find(store: DeliveryStore, { deliveryId, attachmentId }: SessionRow) {
  const delivery = store.find(deliveryId);
  const attachment = delivery?.attachments.find(({ id }) => id === attachmentId);
  return delivery === undefined || attachment === undefined ? undefined : { delivery, attachment };
}

const ICONS: Readonly<Record<AttachmentWords["status"], readonly [icon: string, color?: string]>> = {
  queued: ["clock"],
  creating: ["sync~spin"],
  uploading: ["sync~spin"],
  completing: ["sync~spin"],
  ready: ["check", "testing.iconPassed"],
  sending: ["sync~spin"],
  sent: ["mail", "charts.blue"],
  saved: ["edit", "charts.blue"],
  scheduled: ["calendar", "charts.blue"],
  unconfirmed: ["question", "list.warningForeground"],
  paused: ["debug-pause"],
  failed: ["error", "list.errorForeground"],
  expired: ["history", "list.warningForeground"],
  cancelled: ["circle-slash"],
};

/** For a row where nothing is happening or wrong. */
const PRACTICE_ICON = "beaker";

function warning(): vscode.ThemeIcon {
  return new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
}

function icon(
  { status, waits, asks }: Pick<AttachmentWords, "status" | "waits" | "asks">,
  isPractice: boolean,
): vscode.ThemeIcon {
  if (waits || asks) return warning();
  const [usual, color] = ICONS[status];
  const isAtRest = ["ready", "sent", "saved", "scheduled"].includes(status);
  const name = isPractice && isAtRest ? PRACTICE_ICON : usual;
  return new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
}

function sizeWords(delivery: DeliveryRecord, { size, accepted }: AttachmentRecord): string {
  return travelsInMail(delivery) || accepted === size
    ? formatBytes(size)
    : t("{0}, {1} confirmed by the service", formatBytes(size), formatBytes(accepted));
}

/** The row's tooltip. @param now milliseconds since the epoch */
export function sessionTooltip(store: DeliveryStore, row: SessionRow, now: number): vscode.MarkdownString {
  const found = find(store, row);
  if (row.attachmentId === null) return mailTooltip(store.find(row.deliveryId), now);
  if (found === undefined) return new vscode.MarkdownString();
  const { delivery, attachment } = found;
  const words = describeAttachment(delivery, attachment, now);
  const lines: readonly TooltipLine[] = [
    [t("Status"), words.statusText],
    [t("Came back"), returnProblem(delivery)?.message],
    [t("Size"), sizeWords(delivery, attachment)],
    [t("Type"), attachment.contentType],
    [
      t("Scheduled for"),
      delivery.schedule === null ? undefined : formatMoment(delivery.schedule.sendAt, now),
    ],
    [t("Session ends in"), words.expiresAt === null ? undefined : formatCountdown(words.expiresAt - now)],
    [t("Can be opened by"), openWords(delivery, attachment)],
    [t("Attachment ID"), attachment.session?.attachmentId ?? undefined],
    [t("To"), recipientsOf(delivery)],
    [t("Subject"), delivery.form.subject === "" ? undefined : delivery.form.subject],
    [t("Problem"), words.status === "failed" ? attachment.error?.message : undefined],
    [t("Request ID"), words.status === "failed" ? (attachment.error?.requestId ?? undefined) : undefined],
    [t("File"), attachment.path],
  ];
  return tooltip(attachment.name, lines);
}

function mailTooltip(delivery: DeliveryRecord | undefined, now: number): vscode.MarkdownString {
  if (delivery === undefined) return new vscode.MarkdownString();
  const { schedule } = delivery;
  return tooltip(mailName(delivery), [
    [t("Status"), describeMailRow(delivery, now).description],
    [t("Came back"), returnProblem(delivery)?.message],
    [t("Scheduled for"), schedule === null ? undefined : formatMoment(schedule.sendAt, now)],
    [t("To"), recipientsOf(delivery)],
  ]);
}

/** How many recipients a tooltip names: nobody reads sixty addresses in it. */
const NAMED = 5;

/** Undefined while the mail has no recipients. */
function recipientsOf(delivery: DeliveryRecord): string | undefined {
  const recipients = mailRecipients(delivery);
  if (recipients.length === 0) return undefined;
  return someOf(recipients.map(shownRecipient), NAMED, moreRecipients);
}

type TooltipLine = readonly [label: string, value: string | undefined];

function tooltip(title: string, lines: readonly TooltipLine[]): vscode.MarkdownString {
  // Names and texts come from files and services: added as text, never as Markdown.
  const markdown = new vscode.MarkdownString().appendText(title).appendMarkdown("\n\n");
  for (const [label, value] of lines)
    if (value !== undefined)
      markdown.appendMarkdown(`**${label}:** `).appendText(value).appendMarkdown("  \n");
  return markdown;
}
