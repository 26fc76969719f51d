/** A mail in the practice mailbox as its recipients see it, with what happened to each file. Pure. */
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import { isPracticeMail } from "../../delivery/record/practiceWords.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { formatBytes } from "../../shared/format.ts";
import { listOf, locale, t } from "../../shared/l10n.ts";

export interface ArrivedMail {
  readonly id: string;
  readonly date: string;
  readonly from: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly subject: string;
  readonly body: string;
  readonly is_plaintext: boolean;
  /** How many times it arrived. */
  readonly deliveries: number;
  readonly attachments: readonly ArrivedFile[];
  readonly eml: string;
}
interface Address {
  readonly name?: string | null | undefined;
  readonly email: string;
}
export interface ArrivedFile {
  readonly filename: string;
  readonly size: number;
  readonly sha256: string;
  readonly is_inline: boolean;
  readonly content_id: string | null;
  readonly url: string;
}

/** A file that arrived, compared to the one on this machine. gone: nothing is known of that one any more */
export type Comparison = "identical" | "changedSince" | "different" | "gone";

function verdictWords(verdict: Comparison): string {
  switch (verdict) {
    case "identical":
      return t("✓ Identical to your file");
    case "changedSince":
      return t("✓ Identical to what you sent. Your file has changed since.");
    case "different":
      return t("✗ Not identical to your file");
    case "gone":
      return t("Your file is no longer there to compare it with.");
  }
}

/**
 * The record of a mail that arrived; undefined once removed from the history. The mailbox has IDs of its own,
 * so it is the mail with this subject and these files that was sent at about that time.
 */
export function recordOf(
  { subject, date, attachments }: Pick<ArrivedMail, "subject" | "date" | "attachments">,
  deliveries: readonly DeliveryRecord[],
): DeliveryRecord | undefined {
  const arrivedAt = Date.parse(date);
  const distance = ({ finishedAt }: DeliveryRecord) => Math.abs((finishedAt ?? 0) - arrivedAt);
  const [nearest] = deliveries
    .filter((delivery) => isPracticeMail(delivery) && delivery.phase === "sent")
    .filter(({ message, form }) => (message ?? form).subject === subject)
    .filter((sent) =>
      attachments.every(({ filename }) => sent.attachments.some(({ name }) => name === filename)),
    )
    .sort((a, b) => distance(a) - distance(b));
  return nearest;
}

/** @param onDisk SHA-256 of the file as it is now; undefined if it cannot be read */
export function compareFiles(
  arrived: ArrivedFile,
  sent: Pick<AttachmentRecord, "checkpoint" | "size"> | undefined,
  onDisk: string | undefined,
): Comparison {
  if (onDisk === arrived.sha256) return "identical";
  const { checkpoint, size } = sent ?? {};
  if (checkpoint != null && checkpoint.bytes === size)
    return checkpoint.sha256 === arrived.sha256 ? "changedSince" : "different";
  return onDisk === undefined ? "gone" : "different";
}

export interface LetterPage {
  readonly mail: ArrivedMail;
  /** In the order of the mail's files. */
  readonly compared: readonly Comparison[];
  /** URI of the page's own style sheet. */
  readonly styleSheet: string;
  /** The source in the page's policy that stands for the extension's own files. */
  readonly cspSource: string;
}

/** No script runs in it; the mail's own text is confined to a sandboxed frame. */
export function letterPage({ mail, compared, styleSheet, cspSource }: LetterPage): string {
  const origin = new URL(mail.eml).origin;
  const policy = [
    "default-src 'none'",
    // For the mail's own styles.
    `style-src ${cspSource} 'unsafe-inline'`,
    `img-src ${origin} data:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const lines = (
    [
      [t("From"), mail.from],
      [t("To"), mail.to],
      [t("Cc"), mail.cc],
      [t("Bcc"), mail.bcc],
    ] as const
  ).flatMap(([label, people]) => (people.length === 0 ? [] : [[label, listOf(people.map(person))] as const]));
  const arrivedAt = new Date(mail.date).toLocaleString(locale(), { dateStyle: "long", timeStyle: "short" });
  const head = [...lines, [t("Date"), arrivedAt] as const]
    .map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${text(value)}</dd>`)
    .join("");
  const once = mail.deliveries === 1 ? t("✓ Arrived once") : t("✗ Arrived {0} times", mail.deliveries);
  const files = mail.attachments.map((file, at) => {
    const verdict = compared[at] ?? "gone";
    const name = `<a href="${escapeHtml(file.url)}"><bdi class="file-name">${text(file.filename)}</bdi></a>`;
    return `<li class="attachment"><div class="attachment-title">${name} <span class="detail">${escapeHtml(formatBytes(file.size))}</span></div>
<div class="verdict" data-verdict="${verdict}">${escapeHtml(verdictWords(verdict))}</div><div class="detail sha">SHA-256 <code>${escapeHtml(file.sha256)}</code></div></li>`;
  });
  return `<!DOCTYPE html>
<html lang="${escapeHtml(locale())}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(styleSheet)}">
<title>${escapeHtml(t("Practice Mailbox"))}</title>
</head>
<body class="arrived">
<main class="panel">
<div class="practice"><span>${escapeHtml(t("Practice: this is what your recipients would have seen. Nothing has left this machine."))}</span></div>
<h1>${text(mail.subject === "" ? t("(no subject)") : mail.subject)}</h1>
<dl>${head}</dl>
${letter(mail)}
<section aria-label="${escapeHtml(t("What arrived"))}">
<p class="verdict" data-verdict="${mail.deliveries === 1 ? "identical" : "different"}">${escapeHtml(once)}</p>
${files.length === 0 ? "" : `<ul class="attachments">${files.join("\n")}</ul>`}
<p><a href="${escapeHtml(mail.eml)}">${escapeHtml(t("Open the whole mail in a mail program (.eml)"))}</a></p>
</section>
</main>
</body>
</html>`;
}

function letter({ body, is_plaintext, attachments }: ArrivedMail): string {
  if (is_plaintext) return `<div class="letter plain">${escapeHtml(body)}</div>`;
  const images = new Map(attachments.map(({ content_id, url }) => [content_id, url]));
  const html = body.replace(/\bcid:([\w.@+-]+)/g, (whole, id: string) => images.get(id) ?? whole);
  return `<iframe sandbox="" title="${escapeHtml(t("The mail's text"))}" srcdoc="${escapeHtml(html)}"></iframe>`;
}

function person({ name, email }: Address): string {
  return name ? `${name} <${email}>` : email;
}

function escapeHtml(words: string): string {
  return words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function text(words: string): string {
  return escapeHtml(withoutHidden(words));
}
