/** Reads addresses. The panel and the host share it, so both judge an address alike. */

import emailAddresses from "email-addresses";
import * as z from "zod";
import { t } from "./l10n.ts";
import { lasting } from "./lasting.ts";
import {
  addressesApart,
  insideOf,
  LINE_ENDS,
  readPasted,
  readRow,
  surnamesFirst,
  visibleText,
  withoutCards,
  withoutMarkup,
  withoutQuotes,
} from "./pastedAddress.ts";
import { cleanName } from "./shownRecipient.ts";

export const Recipient = lasting({ name: z.string().nullable(), email: z.string() });
export type Recipient = z.infer<typeof Recipient>;

/** One entry of a list of recipients: an address that mail can go to, or a text and why it is not one. */
export type RecipientEntry =
  | { readonly text: string; readonly recipient: Recipient; readonly problem: null }
  | { readonly text: string; readonly recipient: null; readonly problem: string };

export interface RecipientList {
  readonly recipients: readonly Recipient[];
  /** A sentence for each entry that mail cannot go to, in the order typed. */
  readonly problems: readonly string[];
}

/** What can precede the @ without quotes: a dot-atom. https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3 */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
/** A name of at least two parts; not a machine's address in brackets. */
const DOMAIN = /^[\w-]+(\.[\w-]+)+$/;

/** Longer than any address with its name, and short enough for a recursive parser. */
const LONGEST_ENTRY = 500;
/** The parser's time grows with the square of their depth. */
const MOST_COMMENTS = 10;

/**
 * Reads `Name <a@b.example>, c@d.example; …`. Commas, semicolons and line breaks separate entries; one that
 * is not an address becomes a problem, and the others still count.
 */
export function parseRecipients(text: string): RecipientList {
  const entries = unique(readEntries(text));
  return {
    recipients: entries.flatMap(({ recipient }) => recipient ?? []),
    problems: entries.flatMap(({ problem }) => problem ?? []),
  };
}

/** Keeps the first entry of each address, and every entry that is not an address. */
export function unique(entries: readonly RecipientEntry[]): RecipientEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ recipient }) => {
    if (recipient === null) return true;
    const key = addressKey(recipient.email);
    return !seen.has(key) && seen.add(key);
  });
}

/** True for one address and nothing else: no name, nothing that a shell or a header could misread. */
export function isMailAddress(text: string): boolean {
  const { recipients, problems } = parseRecipients(text);
  return recipients.length === 1 && problems.length === 0 && recipients[0]?.email === text;
}

/** The same for addresses of one mailbox: no service in use is case-sensitive, not even before the @. */
export function addressKey(email: string): string {
  return email.toLowerCase();
}

/** How many entries a list may have. Exchange Online sends to at most 1,000, and parsing takes its time. */
const MOST_ENTRIES = 1_000;

/** The entries of a list as typed; a group becomes its members, and those beyond the limit one problem. */
export function readEntries(text: string): RecipientEntry[] {
  const texts = splitEntries(text);
  const read = texts.slice(0, MOST_ENTRIES).flatMap(readEntry);
  if (texts.length <= MOST_ENTRIES) return read;
  const problem = t("A field can have at most {0} recipients.", MOST_ENTRIES);
  return [...read, { text: texts.slice(MOST_ENTRIES).join(", "), recipient: null, problem }];
}

function readEntry(text: string): RecipientEntry[] {
  const read = readWritten(text);
  if (read.every(({ recipient }) => recipient !== null)) return read;
  // Other programs write forms that the grammar of mail does not have.
  const pasted = text.length > LONGEST_ENTRY ? undefined : readPasted(text);
  const [meant, ...more] = pasted === undefined ? [] : readWritten(formatRecipient(pasted));
  return meant?.recipient == null || more.length > 0 ? read : [{ ...meant, text }];
}

function readWritten(text: string): RecipientEntry[] {
  const refused = (problem: string, of = text): RecipientEntry => ({ text: of, recipient: null, problem });
  if (text.length > LONGEST_ENTRY)
    return [refused(t("“{0}” is too long for an e-mail address.", `${text.slice(0, 50)}…`))];
  // Saves the parser's time: without @ or colon there is no address or group, and nobody nests comments.
  const isWorthReading = /[@:]/.test(text) && text.split("(").length <= MOST_COMMENTS;
  const parsed = isWorthReading ? emailAddresses.parseOneAddress(text) : null;
  if (parsed === null) return [refused(t("“{0}” is not an e-mail address.", text))];
  const isGroup = parsed.type === "group";
  return (isGroup ? parsed.addresses : [parsed]).map(({ name, address, local, domain }) => {
    const entry = isGroup ? formatRecipient({ name, email: `${quoted(local)}@${domain}` }) : text;
    const email = `${local}@${asciiDomain(domain)}`;
    // Services refuse addresses outside ASCII (Nylas answers 402); it is better to say so while typing.
    if (!/^[\x21-\x7e]+$/.test(email))
      return refused(
        t("“{0}” contains letters that mail services do not accept in an address.", address),
        entry,
      );
    // It needs quotes, which not every service keeps: without them it may be two addresses, or another one.
    if (!LOCAL_PART.test(local))
      return refused(
        t("“{0}” needs quotes, which mail services misread.", `${quoted(local)}@${domain}`),
        entry,
      );
    // Mail programs decode what looks like this, some of them before they look for the @ and the brackets.
    if (/=\?[^?]+\?[bq]\?/i.test(local))
      return refused(t("“{0}” contains encoded text, which mail services misread.", address), entry);
    if (!DOMAIN.test(asciiDomain(domain)))
      return refused(t("“{0}” has no complete domain, such as example.com.", address), entry);
    // As we show it: a name that passes for another address would mislead the other recipients as well.
    const person = cleanName(name === null ? null : withoutQuotes(name));
    return { text: entry, recipient: { name: person, email }, problem: null };
  });
}

/** What stands before the @, with quotes where it needs them. */
function quoted(local: string): string {
  return LOCAL_PART.test(local) || /[^\0-\x7f]/.test(local) ? local : `"${local.replace(/["\\]/g, "\\$&")}"`;
}

/** `münchen.example` → `xn--mnchen-3ya.example`, the name that mail travels under. */
export function asciiDomain(domain: string): string {
  if (!/[^\0-\x7f]/.test(domain) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return domain;
  return URL.parse(`http://${domain}`)?.hostname ?? domain;
}

/** `Ann Lee <ann@x.example>`, with quotes where the name needs them; the address alone without a name. */
export function formatRecipient({ name, email }: Recipient): string {
  if (name === null || name === "") return email;
  const plain = /^\p{L}[\p{L}\p{M}\p{N}'-]*\.?( \p{L}[\p{L}\p{M}\p{N}'-]*\.?)*$/u.test(name);
  return `${plain ? name : `"${name.replace(/["\\]/g, "\\$&")}"`} <${email}>`;
}

/** Joins the list to a text in which `readEntries` finds the same entries; `open` is still being typed. */
export function joinEntries(entries: readonly RecipientEntry[], open: string): string {
  const texts = entries.map(({ text }) => text);
  // An open quote, or a semicolon, changes how the rest of its line is read; a name may go on in the next line, but not after an empty one.
  const separator = isSame(splitEntries([...texts, "x;"].join(", ")), [...texts, "x"]) ? ", " : "\n\n";
  const text = texts.map((entry) => entry + separator).join("");
  if (open !== "") return text + open;
  // A wrong entry keeps its separator, which tells it from one that is only half typed.
  return text.replace(entries.at(-1)?.recipient === null ? /\s$/ : /(, |\n\n)$/, "");
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, i) => text === others[i]);
}

/** The inverse of `joinEntries`: a last entry that has no separator and is not valid is still being typed. */
export function splitList(text: string): { readonly entries: RecipientEntry[]; readonly open: string } {
  const entries = readEntries(text);
  const last = entries.at(-1);
  const typed = text.trimEnd();
  const isEnded = /[,;]$/.test(typed) || /[\r\n]/.test(text.slice(typed.length));
  if (last?.recipient !== null || isEnded) return { entries, open: "" };
  return { entries: entries.slice(0, -1), open: last.text };
}

/** Splits what is being typed after its last separator; undefined when it has none. */
export function takeFinished(
  typed: string,
): { readonly finished: string; readonly open: string } | undefined {
  const entries = splitEntries(typed);
  const isEnded = splitEntries(`${typed}x`).length > entries.length;
  const start = typed.lastIndexOf(entries.at(-1) ?? "");
  // An entry that is not found as typed was complete enough to be read in another form.
  const at = isEnded || start === -1 ? typed.length : start;
  const finished = typed.slice(0, at);
  return finished.trim() === "" ? undefined : { finished, open: typed.slice(at) };
}

/** Separates entries; includes the characters of Chinese, Japanese and Arabic keyboards. */
const SEPARATORS = /[,;，；、،؛]/;
const SEMICOLON = /[;；؛]/;
/** Where commas separate people, too, a surname must begin as names do: half-typed text is not one. */
const NAME = /^[\p{Lu}\p{Lo}]/u;

/** How often an entry is split again: of what programs write, nothing needs more than two. */
const MOST_SPLITS = 5;

/** Splits until every entry, read alone, is itself: a form may stand inside another, as quotes inside a list's brackets. */
function splitEntries(text: string, left = MOST_SPLITS): string[] {
  const entries = splitOnce(text);
  const isWhole = left === 0 || isSame(entries, [text]);
  return isWhole ? entries : entries.flatMap((entry) => splitEntries(entry, left - 1));
}

function splitOnce(text: string): string[] {
  return withoutMarkup(withoutCards(visibleText(text)))
    .split(LINE_ENDS)
    .flatMap((line) => (line.includes("\t") ? readRow(line) : [line]))
    .flatMap((line) => {
      const parts = splitLine(line, SEMICOLON);
      if (parts.length === 1 && !/[;；؛]$/.test(line.trimEnd())) return splitNames(line, NAME);
      return parts.flatMap((part) => splitNames(part, /^/));
    })
    .flatMap((entry) => {
      const inside = insideOf(entry);
      return inside === undefined ? [entry] : splitNames(inside, NAME);
    })
    .flatMap(addressesApart);
}

function splitNames(text: string, surname: RegExp): string[] {
  return surnamesFirst(splitLine(text, SEPARATORS), surname);
}

/** Splits at separators outside quotes, brackets, comments and groups (`Team: a@b.example, c@d.example;`). */
function splitLine(line: string, separator: RegExp): string[] {
  const entries: string[] = [];
  const lastSemicolon = line.lastIndexOf(";");
  let start = 0;
  let quoted = false;
  let depth = 0;
  let grouped = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === "\\" && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && /[<([]/.test(char)) depth++;
    else if (!quoted && /[>)\]]/.test(char)) depth = Math.max(0, depth - 1);
    else if (!quoted && depth === 0 && char === ":") grouped = i < lastSemicolon;
    if (quoted || depth > 0 || !(grouped ? /;/ : separator).test(char)) continue;
    // A group's own semicolon belongs to it.
    entries.push(line.slice(start, grouped ? i + 1 : i));
    start = i + 1;
    grouped = false;
  }
  entries.push(line.slice(start));
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
}
