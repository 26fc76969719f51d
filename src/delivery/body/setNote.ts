/** The note in a mail of a set: which files are in which mail, and how to put a split file together. */
import { formatBytes, noted } from "../../shared/format.ts";
import { listOf, t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { type CutFile, type MailSet, placeInSet } from "../record/mailSet.ts";
import { escapeHtml, htmlWith } from "./bodyHtml.ts";

type MailOfSet = Pick<DeliveryRecord, "set" | "attachments">;

/** The mail's number is in the text: another subject would start another thread in Gmail and Outlook. */
export function textWithSet(body: string, mail: MailOfSet): string {
  if (mail.set === null) return body;
  const lines = listed(mail, mail.set).map((files, at) => `${at + 1}. ${files}`);
  const joining = (mail.set.cut ?? []).map((whole) => {
    const steps = commands(whole).map(([system, command]) => `${system}\n${command}\n`);
    return `\n${joiningWords(whole)}\n\n${steps.join("\n")}\n${hashWords(whole)}\n`;
  });
  const note = `${opening(mail.set)}\n\n${lines.join("\n")}\n${joining.join("")}`;
  return body.trim() === "" ? note : `${body.trimEnd()}\n\n${note}`;
}

export function htmlWithSet(body: string, mail: MailOfSet): string {
  if (mail.set === null) return body;
  const items = listed(mail, mail.set).map((files) => `<li>${escapeHtml(files)}</li>`);
  const joining = (mail.set.cut ?? []).map((whole) => {
    const steps = commands(whole).map(
      ([system, command]) => `<p>${escapeHtml(system)}<br><code>${escapeHtml(command)}</code></p>`,
    );
    return `<p>${escapeHtml(joiningWords(whole))}</p>${steps.join("")}<p>${escapeHtml(hashWords(whole))}</p>`;
  });
  return htmlWith(
    body,
    `<p>${escapeHtml(opening(mail.set))}</p><ol>${items.join("")}</ol>${joining.join("")}`,
  );
}

function opening(set: MailSet): string {
  return t(
    "({0}) The files are in {1} mails, because together they are too large for one:",
    placeInSet({ set }) ?? "",
    set.mails.length,
  );
}

function joiningWords({ name, size, parts }: CutFile): string {
  return t(
    "“{0}” ({1}) comes in {2} parts. Save all of them in one folder, open a terminal in that folder, and run this command to put the file together:",
    name,
    formatBytes(size),
    parts.length,
  );
}

/** The command that joins the parts, by system. The names need no quotes: see `plainName`. */
function commands({ joined, parts }: CutFile): [system: string, command: string][] {
  const names = parts.map((part) => part.name);
  return [
    // Through cmd, because "copy" is another command in PowerShell.
    [t("On Windows:"), `cmd /c copy /b ${names.join("+")} ${joined}`],
    [t("On macOS and Linux:"), `cat ${names.join(" ")} > ${joined}`],
  ];
}

function hashWords({ joined, sha256 }: CutFile): string {
  return t("The SHA-256 of the complete {0}: {1}", joined, sha256);
}

/** The files of each mail of the set; this mail's own as they are now. */
function listed({ attachments }: MailOfSet, set: MailSet): string[] {
  const own = attachments.filter(({ inline, asLink }) => inline === null && !asLink);
  return set.mails.map((_, at) => {
    const files = at === set.at ? own : set.files.filter(({ mail }) => mail === at);
    return listOf(files.map(({ name, size }) => noted(name, formatBytes(size))));
  });
}
