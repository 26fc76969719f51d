/** What a mail server says of a mail that it could not deliver, or has. Pure; its words come from strangers. */
import { oneLine } from "../../shared/foreignText.ts";
import { header, type MimePart, parameter, readHeaders, readMime } from "./mimeParts.ts";

/** https://www.rfc-editor.org/rfc/rfc3464#section-2.3.3 */
export type DeliveryAction = "failed" | "delayed" | "delivered" | "relayed";

export interface ReportedRecipient {
  /** Null where the report does not name anybody. */
  readonly email: string | null;
  /** As the mail named them, where that is another one: mail was forwarded. */
  readonly originally: string | null;
  readonly action: DeliveryAction;
  /** "5.3.4"; empty where there is none. */
  readonly status: string;
  /** What the server said, in one line. */
  readonly words: string;
}

export interface ReturnReport {
  readonly recipients: readonly ReportedRecipient[];
  /** By which the mail is told that it is about, in whatever place: `<id@host>`. */
  readonly messageIds: readonly string[];
}

const MOST_RECIPIENTS = 500;
const MOST_IDS = 50;
const MAX_WORDS = 400;
const STATUS = /\b[245]\.\d{1,3}\.\d{1,3}\b/;
const ADDRESS = /[^\s<>"(),;:]{1,64}@[^\s<>"(),;:]{1,255}/;

/** Where a server's answer begins: other numbers stand in the middle of a sentence. */
const CODE = /(^|[:(>"“]|\bsaid\b|\berror\b)[ \t]*5\d\d[ -](#?5\.|[a-z<])|\b5\.\d{1,3}\.\d{1,3}\b/im;

/** @returns undefined for what is no such report: an answer, an absence notice, a newsletter */
export function readReport(mime: string): ReturnReport | undefined {
  const mail = readMime(mime);
  const parts = leaves(mail);
  const recipients = statusParts(mail, parts).flatMap(reported);
  const found = recipients.length > 0 ? recipients : inPlainWords(mail, parts);
  if (found.length === 0) return undefined;
  return { recipients: found.slice(0, MOST_RECIPIENTS), messageIds: namedIds(mail, parts) };
}

/** Whether a sender's address is one that reports come from. @param address empty for the sender of reports themselves */
export function isPostmaster(address: string): boolean {
  const local = address.slice(0, Math.max(0, address.lastIndexOf("@")));
  return (
    address === "" ||
    /^(mailer-?daemon|postmaster|mail-?daemon|bounces?|mail-?delivery[\w-]*|microsoftexchange[0-9a-f]{8,})(\+.*)?$/i.test(
      local,
    )
  );
}

/** The parts that say something; what a mail carries as another mail is not looked into. */
function leaves(part: MimePart): MimePart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leaves);
}

/** Some programs call the status plain text. */
function statusParts(mail: MimePart, parts: readonly MimePart[]): string[] {
  // Somebody may have attached one that they have got.
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

/** Groups of lines with empty ones between them: the first is about the message, each other one about a recipient. */
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
    case "expanded": // A list has it: nobody knows of its members.
      return "relayed";
    default:
      return status.startsWith("5") ? "failed" : status.startsWith("4") ? "delayed" : undefined;
  }
}

/** "rfc822; <ann@x.example>" */
function addressIn(value: string): string | null {
  return ADDRESS.exec(value.replace(/^\s*[\w-]+\s*;/, ""))?.[0]?.toLowerCase() ?? null;
}

/** What programs write that know nothing of reports: qmail, older Exim, some gateways. */
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
  // Nothing but words: only a postmaster that sends the mail back with a code is believed. Reports of other kinds do that.
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

/** Where the copy of the mail begins, which somebody else has written. */
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

/** `<id@host>`, as often as it stands there. */
export function idsIn(text: string): string[] {
  return text.match(/<[^<>\s]{1,900}>/g) ?? [];
}

function shortened(text: string): string {
  return oneLine(text.slice(0, MAX_WORDS * 4)).slice(0, MAX_WORDS);
}
