/**
 * What other programs make of an address: what Outlook, Excel, Apple Mail, browsers and contact cards put on the clipboard.
 * One step before the parser, which knows the grammar of mails only. Pure.
 */
import { withoutHidden } from "./foreignText.ts";

/** The text without what cannot be seen, but for what ends a line or a cell. */
export function visibleText(text: string): string {
  return text
    .replace(/[^\t\r\n\v\f\u0085\u2028\u2029]+/g, (part) => withoutHidden(part))
    .replace(/[\u00a0\u202f\u3000]/g, " ")
    .replaceAll("＠", "@");
}

/** What stands between two lines, whoever has written them. */
export const LINE_ENDS = /[\r\n\v\f\u0085\u2028\u2029]+/;

const CARD = /^BEGIN:VCARD\b[\s\S]*?^END:VCARD\b.*$/gim;
const CARD_NAME = /^(?:item\d+\.)?FN(?:;[^:\r\n]*)?:(.*)$/im;
const CARD_EMAIL = /^(?:item\d+\.)?EMAIL(?:;[^:\r\n]*)?:[ \t]*(.*)$/gim;

/** A text in which contact cards (RFC 6350), whole or a line of one, are their addresses, each with its name. */
export function withoutCards(text: string): string {
  const cards = text.replace(CARD, (card) => {
    const lines = card.replace(/\r?\n[ \t]/g, "");
    const name = (CARD_NAME.exec(lines)?.[1] ?? "").replace(/\\(.)/g, "$1").trim();
    const emails = [...lines.matchAll(CARD_EMAIL)].map(([, email = ""]) => email.trim());
    return emails.map((email) => (name === "" ? email : named(name, email))).join("\n");
  });
  return cards.replace(CARD_EMAIL, "$1");
}

function named(name: string, email: string): string {
  return `"${name.replace(/["\\]/g, "\\$&")}" <${email}>`;
}

const ADDRESS = String.raw`[^\s<>()[\]"'‘’“”,;:@]+@[^\s<>()[\]"'‘’“”,;:@]+`;
const QUOTES = `["'‘’‚‛“”„«»\`]*`;
/** Words that stand before an address in the head of a mail, on a contact card, or in a link. */
const LABEL = /^(?:to|cc|bcc|from|reply-to|e-?mail(?:[^:@]{0,40})?|smtp|mailto)\s*:\s*(?=[^\s])/i;
/** `Name <a@b>`, `Name [mailto:a@b]`, `Name (a@b)`, `[Name](mailto:a@b)`, each also in quotes. */
const NAMED = new RegExp(
  String.raw`^(.*?)\s*[<[(]+\s*${QUOTES}(?:mailto:|smtp:)?(${ADDRESS}?)(?:\?[^<>\s]*)?${QUOTES}\s*[>\])]+[.]?$`,
  "iu",
);
const BARE = new RegExp(`^${QUOTES}(${ADDRESS}?)[.]*${QUOTES}[.]?$`, "u");

const PLAIN = new RegExp(`^${ADDRESS}$`, "u");
const BRACKETED = new RegExp(`^<${ADDRESS}>$`, "u");

/** An entry that the parser does not take, as name and address; undefined when it is no form that programs write. */
export function readPasted(
  entry: string,
): { readonly name: string | null; readonly email: string } | undefined {
  const text = entry.trim().replace(LABEL, "");
  const bare = BARE.exec(text)?.[1]?.replace(/\.+$/, "");
  if (bare !== undefined) return { name: null, email: bare };
  const [, name = "", email] = NAMED.exec(text) ?? [];
  // A quote that nothing ends: whoever types has not finished.
  if (email === undefined || name.split('"').length % 2 === 0) return undefined;
  const own = withoutQuotes(name.replace(/^\[(.*)\]$/, "$1"));
  return { name: own === "" ? null : own, email: email.replace(/\.+$/, "") };
}

/** A name without the quotes around it that Outlook adds. */
export function withoutQuotes(name: string): string {
  return name
    .trim()
    .replace(/^(["'‘“„«])(.*)["'’”“»]$/su, "$2")
    .trim();
}

/** Addresses with nothing but blanks between them; undefined where anything else, as a name, stands there. */
export function addressesApart(entry: string): readonly string[] | undefined {
  const words = entry.split(/\s+/);
  const isList = [PLAIN, BRACKETED].some((form) => words.every((word) => form.test(word)));
  return words.length > 1 && isList ? words : undefined;
}

/** The cells of a row of a table as entries: names stand in the cells before their address. */
export function readRow(row: string): readonly string[] {
  const entries: string[] = [];
  let before: string[] = [];
  for (const cell of row.split("\t").map((text) => text.trim().replace(/[,;]+$/, ""))) {
    if (cell === "") continue;
    const bare = BARE.exec(cell.replace(LABEL, ""))?.[1];
    if (bare !== undefined && before.length > 0 && !before.some((name) => name.includes("@"))) {
      entries.push(named(before.join(" "), bare));
      before = [];
    } else if (cell.includes("@")) {
      for (const name of before) entries.push(name);
      entries.push(cell);
      before = [];
    } else before.push(cell);
  }
  return [...entries, ...before];
}
