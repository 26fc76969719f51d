/** Reads what a mail server reports about delivering a mail. Pure; the words come from strangers. */
import { oneLine } from "../../shared/foreignText.ts";
import { header, type MimePart, parameter, readHeaders, readMime } from "./mimeParts.ts";

/** https://www.rfc-editor.org/rfc/rfc3464#section-2.3.3 */
export type DeliveryAction = "failed" | "delayed" | "delivered" | "relayed";

export interface ReportedRecipient {
  /** Null if the report names nobody. */
  readonly email: string | null;
  /** The address in the mail, if the report says it: another one if the mail was forwarded. */
  readonly originally: string | null;
  readonly action: DeliveryAction;
  /** "5.3.4"; empty if there is none. */
  readonly status: string;
  /** What the server said, in one line. */
  readonly words: string;
}

export interface ReturnReport {
  readonly recipients: readonly ReportedRecipient[];
  /** Every id (`<id@host>`) by which the report may name the mail that it is about. */
  readonly messageIds: readonly string[];
}

const MOST_RECIPIENTS = 500;
const MOST_IDS = 50;
const MAX_WORDS = 400;
const STATUS = /\b[245]\.\d{1,3}\.\d{1,3}\b/;
const ADDRESS = /[^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{1,255}/;

/** A code where a server's answer may begin: elsewhere in a sentence it would be just a number. */
const CODE = /(^|[:(>"“]|\bsaid\b|\berror\b)[ \t]*5\d\d[ -](#?5\.|[a-z<])|\b5\.\d{1,3}\.\d{1,3}\b/im;

/** @returns undefined for any other mail: a reply, an absence notice, a newsletter */
export function readReport(mime: string): ReturnReport | undefined {
  const mail = readMime(mime);
  const parts = leaves(mail);
  const recipients = statusParts(mail, parts).flatMap(reported);
  const found = recipients.length > 0 ? recipients : inPlainWords(mail, parts);
  if (found.length === 0) return undefined;
  return { recipients: found.slice(0, MOST_RECIPIENTS), messageIds: namedIds(mail, parts) };
}

/** Whether reports come from this sender. @param address empty for the null sender, as reports may have */
export function isPostmaster(address: string): boolean {
  const local = address.slice(0, Math.max(0, address.lastIndexOf("@")));
  return (
    address === "" ||
    /^(mailer-?daemon|postmaster|mail-?daemon|bounces?|mail-?delivery[\w-]*|microsoftexchange[0-9a-f]{8,})(\+.*)?$/i.test(
      local,
    )
  );
}

/** The parts that contain text; mails that are attached to the mail are not looked into. */
function leaves(part: MimePart): MimePart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leaves);
}

/** Some programs send the status part as plain text. */
function statusParts(mail: MimePart, parts: readonly MimePart[]): string[] {
  // A person may have attached a report that they got.
  if (!isReport(mail) && !isPostmaster(senderOf(mail))) return [];
  const named = parts.filter(({ type }) => /^message\/(global-)?delivery-status$/.test(type));
  if (named.length > 0) return named.map(({ text }) => text);
  if (!isReport(mail)) return [];
  return parts.filter(({ text }) => /^(final|original)-recipient:/im.test(text)).map(({ text }) => text);
}

function isReport(mail: MimePart): boolean {
  const contentType = header(mail, "content-type");
  return (
    mail.type === "multipart/report" && /^(delivery-status)?$/i.test(parameter(contentType, "report-type"))
  );
}

function senderOf(mail: MimePart): string {
  return ADDRESS.exec(header(mail, "from"))?.[0] ?? "";
}

/** Empty lines separate groups of fields: the first is about the message, each other about one recipient. */
function reported(text: string): ReportedRecipient[] {
  const found: ReportedRecipient[] = [];
  for (const group of text.split(/\n[ \t]*\n/)) {
    const fields = readHeaders(group.replace(/^\n+/, "").split("\n"));
    const final = addressIn(header(fields, "final-recipient"));
    const original = addressIn(header(fields, "original-recipient"));
    if (final === null && original === null) continue;
    const words = shortened(header(fields, "diagnostic-code").replace(/^\s*[\w-]+\s*;/, ""));
    const status = STATUS.exec(header(fields, "status"))?.[0] ?? STATUS.exec(words)?.[0] ?? "";
    const action = actionOf(header(fields, "action"), status);
    if (action === undefined) continue;
    found.push({ email: final ?? original, originally: original, action, status, words });
    if (found.length >= MOST_RECIPIENTS) break;
  }
  return found;
}

function actionOf(text: string, status: string): DeliveryAction | undefined {
  const [word = ""] = text.toLowerCase().match(/[a-z]+/) ?? [];
  switch (word) {
    case "failed":
    case "delayed":
    case "delivered":
    case "relayed":
      return word;
    case "expanded": // A mailing list got it; what became of it at its members is not known.
      return "relayed";
    default:
      return status.startsWith("5") ? "failed" : status.startsWith("4") ? "delayed" : undefined;
  }
}

/** "rfc822; <ann@x.example>" */
function addressIn(value: string): string | null {
  return ADDRESS.exec(value.replace(/^\s*[\w-]+\s*;/, ""))?.[0]?.toLowerCase() ?? null;
}

/** Bounces of programs that do not write standard reports: qmail, older Exim, some gateways. */
function inPlainWords(mail: MimePart, parts: readonly MimePart[]): ReportedRecipient[] {
  const own = parts.find(({ type }) => type.startsWith("text/"))?.text ?? "";
  const text = withoutCopy(own);
  const failed = header(mail, "x-failed-recipients")
    .split(",")
    .flatMap((entry) => addressIn(entry) ?? []);
  const isQmail = /^hi\. this is (the qmail-send program|the [\w-]+ program) at /i.test(text.trimStart());
  if (failed.length > 0) return failed.map((email) => plainly(email, text));
  if (isQmail)
    return [...text.matchAll(/^<([^<>\n]{3,320})>:[ \t]*\n((?:.*\n?){0,20})/gm)].map(
      ([, email = "", words = ""]) => plainly(addressIn(email), words.split(/\n[ \t]*\n/)[0] ?? ""),
    );
  // Just words: believe only a postmaster that returns the mail with a code, and no report of another kind.
  const isOther = mail.type === "multipart/report" && !isReport(mail);
  const isOfList = /^bounces?\b/i.test(senderOf(mail)) || mail.headers.has("list-unsubscribe");
  const hasCopy = parts.some(isCopy) || own !== text;
  if (isOther || isOfList || !isPostmaster(senderOf(mail)) || !hasCopy || !CODE.test(text)) return [];
  return [plainly(addressIn(text.slice(0, 10_000)), text)];
}

function plainly(email: string | null, text: string): ReportedRecipient {
  const codes = text.split("\n").filter((line) => /\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b/.test(line));
  const words = shortened((codes.length > 0 ? codes : [text]).join(" "));
  const status = STATUS.exec(words)?.[0] ?? "";
  const action =
    status.startsWith("4") && /delay|will (be )?retr|still (be )?trying/i.test(text) ? "delayed" : "failed";
  return { email, originally: null, action, status, words };
}

/** Where the copy of the returned mail begins, whose words are not the server's. */
const COPY =
  /^-{2,} ?(below this line is a copy of the message|this is a copy of (the|your) message|original message|the following is a copy|the header of the original message).*$/im;

function withoutCopy(text: string): string {
  const at = COPY.exec(text)?.index;
  return at === undefined ? text : text.slice(0, at);
}

function isCopy({ type }: MimePart): boolean {
  return /^(message\/(rfc822|global)|text\/rfc822-headers|message\/global-headers)$/.test(type);
}

function namedIds(mail: MimePart, parts: readonly MimePart[]): string[] {
  const copies = parts.filter(isCopy).map(({ text }) => readHeaders(text.replace(/^\n+/, "").split("\n")));
  const inText = parts
    .filter(({ type, text }) => type.startsWith("text/") && COPY.test(text))
    .map(({ text }) => text.slice(withoutCopy(text).length).match(/^message-id:.*$/im)?.[0] ?? "");
  const named = [
    ...copies.map((copy) => header(copy, "message-id")),
    ...inText,
    header(mail, "in-reply-to"),
    header(mail, "references"),
    header(mail, "original-message-id"),
    header(mail, "x-original-message-id"),
  ];
  return [...new Set(named.flatMap(idsIn))].slice(0, MOST_IDS);
}

/** All ids (`<id@host>`) in a text. */
export function idsIn(text: string): string[] {
  return text.match(/<[^<>\s]{1,900}>/g) ?? [];
}

function shortened(text: string): string {
  return oneLine(text.slice(0, MAX_WORDS * 4)).slice(0, MAX_WORDS);
}
