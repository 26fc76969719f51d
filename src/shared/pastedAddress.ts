/**
 * Reads addresses as other programs write them: what Outlook, Excel, Apple Mail, browsers and contact cards
 * put on the clipboard. Runs before the parser, which only knows the grammar of mail. Pure.
 */
import { withoutHidden } from "./foreignText.ts";

/** Substitutes for the characters of an address: from Chinese and Japanese keyboards, Word and HTML. */
const SIGNS: ReadonlyMap<string, string> = new Map(
  Object.entries({ "＠": "@", "＜": "<", "＞": ">", "：": ": ", "\u2010": "-", "\u2011": "-" })
    .concat(Object.entries({ "\u00a0": " ", "\u202f": " ", "\u3000": " " }))
    .concat(Object.entries({ "&lt;": "<", "&gt;": ">", "&quot;": '"' })),
);
const SIGN = new RegExp([...SIGNS.keys()].join("|"), "g");
/** Nobody types as many, and what reads names looks at each of them more than once. */
const LONG_BLANK = /[ \t]{100,}/g;

/** The text without invisible characters, except those that end a line or a cell. */
export function visibleText(text: string): string {
  return text
    .replace(/[^\t\r\n\v\f\u0085\u2028\u2029]+/g, (part) => withoutHidden(part))
    .replace(SIGN, (sign) => SIGNS.get(sign) ?? sign)
    .replace(LONG_BLANK, (run) => (run.includes("\t") ? "\t" : " "))
    .replace(/[。．｡](?<=@[\p{L}\p{N}.。．｡-]{1,64})/gu, ".");
}

/** Makes links addresses (RFC 6068), folded lines one, table rows cells, and other quotes plain ones. */
export function withoutMarkup(text: string): string {
  return text
    .replace(MAILTO, (link, to: string) => decoded(to) ?? link)
    .replace(FOLDED, (lines, name: string) => (/[,;]$/.test(name) ? lines : `${name} `))
    .replace(/^[ \t]*\|.*\|[ \t]*$|[ \t]\|[ \t]/gm, (row) => row.replaceAll("|", "\t"))
    .replace(HEADER, "")
    .replace(OTHER_QUOTES, '$1"$2"');
}

const MAILTO = /\bmailto:([^\s<>"'()[\]?]{1,500})(?:\?[^\s<>"'()[\]@]*)?(?![^\s<>"'()[\]])/gi;
/** A label before a name with a comma, at which the entry would otherwise be split. */
const HEADER =
  /^[ \t]*\p{L}[\p{L}\p{M}-]{0,20}:[ \t]+(?=[^<>@:;"\r\n]{1,99},[^<>@:;"\r\n]{1,99}<[^\s<>@]+@)/gmu;
/** A name, with its address on the next line. */
const FOLDED =
  /^(?:[A-Za-z]+:[ \t]*)?("[^"\r\n]*"|[\p{Lu}\p{Lo}][^@<>"\r\n]*?)[ \t]*\r?\n[ \t]*(?=<[^\s<>@]+@[^\s<>]+>)/gmu;
/** Quotes around a name with a comma, at the start of an entry. */
const OTHER_QUOTES =
  /((?:^|[,;])[ \t]*)['‘‚„“”«]([^'‘’‚„“”«»"<>@,\n]{1,99},[^'‘’‚„“”«»"<>@\n]{1,99})['‘’“”»](?=[ \t]*<)/gm;

/** The inside of `["a@b.example", …]`, or of quotes around a whole entry; undefined for anything else. */
export function insideOf(entry: string): string | undefined {
  const [, listed, quoted] = /^(?:\[([^[\]]+)\]|"([^"]+)")$/.exec(entry) ?? [];
  const inside = listed ?? quoted;
  return inside?.includes("@") ? inside : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // A percent sign that stands for itself.
  }
}

/** The line ends of any system. */
export const LINE_ENDS = /[\r\n\v\f\u0085\u2028\u2029]+/;

const CARD = /^BEGIN:VCARD\b[\s\S]*?^END:VCARD\b.*$/gim;
const CARD_NAME = /^(?:item\d+\.)?FN(?:;[^:\r\n]*)?:(.*)$/im;
const CARD_EMAIL = /^(?:item\d+\.)?EMAIL(?:;[^:\r\n]*)?:[ \t]*(.*)$/gim;

/** Replaces contact cards (RFC 6350), or a single line of one, by their addresses, each with its name. */
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
/** Labels before an address in the header of a mail, on a contact card, or in a link. */
const LABEL =
  /^(?:(?:to|cc|bcc|from|reply-to|e-?mail(?:[^:@]{0,40})?|smtp|mailto)\s*:\s*|\p{L}[\p{L}\p{M} -]{0,30}:\s+)(?=[^\s])/iu;
/** `Name <a@b>`, `Name [mailto:a@b]`, `Name (a@b)`, `[Name](mailto:a@b)`, each also in quotes. */
const NAMED = new RegExp(
  String.raw`^(.*?)\s*[<[(]+\s*${QUOTES}(?:mailto:|smtp:)?(${ADDRESS}?)(?:\?[^<>\s]*)?${QUOTES}\s*[>\])]+[.]?$`,
  "iu",
);
const BARE = new RegExp(`^${QUOTES}(${ADDRESS}?)[.]*${QUOTES}[.]?$`, "u");

/** `Ann Lee a@b.example`, `Ann Lee - a@b.example`; a name begins as names do, to exclude half-typed words. */
const NAME_BEFORE = new RegExp(
  String.raw`^((?=["'“]*[\p{Lu}\p{Lo}])[^@<>]+?)\s*[-–—:=]?\s+${QUOTES}(${ADDRESS}?)[.]*${QUOTES}$`,
  "u",
);

const PLAIN = new RegExp(`^${ADDRESS}$`, "u");
const BRACKETED = new RegExp(`^<${ADDRESS}>$`, "u");

/** The name and address in an entry that the parser rejects; undefined when no program writes such a form. */
export function readPasted(
  entry: string,
): { readonly name: string | null; readonly email: string } | undefined {
  const text = entry
    .trim()
    .replace(LABEL, "")
    .replace(/^'(.*<[^<>]*>)'$/, "$1");
  const bare = BARE.exec(text)?.[1]?.replace(/\.+$/, "");
  if (bare !== undefined) return { name: null, email: bare };
  const [, name = "", email] = NAMED.exec(text) ?? NAME_BEFORE.exec(text) ?? [];
  // A quote that is not closed: the person is still typing.
  if (email === undefined || name.split('"').length % 2 === 0) return undefined;
  const own = withoutQuotes(name.replace(/^\[(.*)\]$/, "$1"));
  return { name: own === "" ? null : own, email: email.replace(/\.+$/, "") };
}

/** A name without the quotes that Outlook puts around it. */
export function withoutQuotes(name: string): string {
  return name
    .trim()
    .replace(/^(["'‘“„«])(.*)["'’”“»]$/su, "$2")
    .trim();
}

/** Stands before the last item of a pasted list. */
const AND = "(?:and|und|et|y|e)";
/** Stands before an item of a list, its last item, or a quoted line of a mail. */
const MARK = new RegExp(String.raw`^(?:(?:[-*+•‣▪◦>&]|${AND}|\d{1,3}[.)])\s+)+`, "u");
const BETWEEN = new RegExp(String.raw`\s+(?:(?:[/&+]|${AND})\s+)?`, "u");

/** Splits entries with only blanks or a sign between: addresses, or people with addresses in brackets. */
export function addressesApart(text: string): readonly string[] {
  const entry = text.replace(MARK, "");
  const words = entry.split(BETWEEN);
  if ([PLAIN, BRACKETED].some((form) => words.every((word) => form.test(word)))) return words;
  const people = entry.includes('"')
    ? []
    : entry.split(/(?<=<[^\s<>@]{1,64}@[^\s<>@]{1,255}>)(?=\s*[^<>@()]*<)\s*(?:[/&+]\s*)?/);
  return people.length > 1 ? people : [entry];
}

/**
 * Rejoins entries that were split at the comma in a name without quotes, as Outlook and directories write it:
 * `Lee, Ann <a@b.example>`. @param begins how both halves must begin
 */
export function surnamesFirst(entries: readonly string[], begins: RegExp): string[] {
  const whole: string[] = [];
  for (const entry of entries) {
    const surname = whole.at(-1);
    const [, first, address] = /^([^"<>@:;\\]+?)\s*(<[^<>\s]+>)$/.exec(entry.slice(0, 500)) ?? [];
    const isDivided = [surname, first].every(
      (half) => /^[^"<>@:;\\]+$/.test(half ?? "") && begins.test(half ?? ""),
    );
    if (isDivided) whole.splice(-1, 1, `"${surname}, ${first}" ${address}`);
    else whole.push(entry);
  }
  return whole;
}

/** The cells of a table row as entries: a name is in the cells before its address. */
export function readRow(row: string): readonly string[] {
  const entries: string[] = [];
  let before: string[] = [];
  for (const cell of row.split("\t").map((text) => text.trim().replace(/[,;]+$/, ""))) {
    if (!/[\p{L}\p{N}]/u.test(cell)) continue;
    const bare = BARE.exec(cell.replace(LABEL, "").replace(/^<(.*)>$/, "$1"))?.[1];
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
