/** What a mail says of the others that its files go with. */
import { formatBytes } from "../../shared/format.ts";
import { type MailSet, placeInSet } from "../arrival/mailSet.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { escapeHtml } from "./bodyHtml.ts";
import { htmlWith } from "./linkCards.ts";

type MailOfSet = Pick<DeliveryRecord, "set" | "attachments">;

/** The number stands in the text: another subject would be another thread at Gmail and Outlook. */
export function textWithSet(body: string, mail: MailOfSet): string {
  if (mail.set === null) return body;
  const lines = listed(mail, mail.set).map((files, at) => `${at + 1}. ${files}`);
  const note = `${opening(mail.set)}\n\n${lines.join("\n")}\n`;
  return body.trim() === "" ? note : `${body.trimEnd()}\n\n${note}`;
}

export function htmlWithSet(body: string, mail: MailOfSet): string {
  if (mail.set === null) return body;
  const items = listed(mail, mail.set).map((files) => `<li>${escapeHtml(files)}</li>`);
  return htmlWith(body, `<p>${escapeHtml(opening(mail.set))}</p><ol>${items.join("")}</ol>`);
}

function opening(set: MailSet): string {
  return `(${placeInSet({ set })}) The files are in ${set.mails.length} mails, because together they are too large for one:`;
}

/** Of each mail its files. Of its own it knows what they are by now. */
function listed({ attachments }: MailOfSet, set: MailSet): string[] {
  const own = attachments.filter(({ inline, asLink }) => inline === null && !asLink);
  return set.mails.map((_, at) => {
    const files = at === set.at ? own : set.files.filter(({ mail }) => mail === at);
    return files.map(({ name, size }) => `${name} (${formatBytes(size)})`).join(", ");
  });
}
