/** Which parts of a file are searched for secrets, and how its bytes are read as text. */
import { isAscii } from "node:buffer";
import { type Found, hasPhrase, latin1Of, SECRET_WORDS, secretIn } from "./secretSearch.ts";
import type { SecretFinding, SecretKind } from "./secretWords.ts";
import { hasStretch, lettersOf, stretches } from "./stretches.ts";
import { WordSearch } from "./wordSearch.ts";

/** If a secret begins or ends within such a part, the rest of it is at most this far. */
const ITS_OTHER_HALF = 1024;
/**
 * Keys are near the beginning; after a chain of certificates, within 64 KB. Searched in a few milliseconds.
 */
export const HEAD_BYTES = 64 * 1024 + ITS_OTHER_HALF;
/** For signatures of packages, and keys that somebody has appended: 4 KB. */
export const TAIL_BYTES = 4 * 1024 + ITS_OTHER_HALF;

/** ASCII letters with zeros between them: UTF-16 and UTF-32 in either byte order, wherever it begins. */
const WIDE = /(?:[\t\n\r -~]\0{1,3}){12,}[\t\n\r -~]?/g;
/** Letters that may be base64, how many make a run, and the lines in which a run goes on. */
const BASE64_LETTERS = lettersOf(/[A-Za-z0-9+/_-]/);
const BASE64_BEGINS = 16;
const BASE64_LINES = /(?:\r?\n[ \t]{0,40}[A-Za-z0-9+/_-]{4,})*/y;
/** The letters of the next two, and the least length of each. */
const LISTED_LETTERS = lettersOf(/[0-9A-Fa-fx,:\s]/);
const LISTED = 80;
const HEX = /(?:(?:0x)?[0-9A-Fa-f]{2}(?:\r?\n|,? |[:,])?){40,}/g;
/** Bytes as numbers in a list. */
const DECIMAL = /(?:\d{1,3},\s{0,20}){40,}\d{1,3}/g;
/** Shorter runs contain no key. */
const LEAST_RUN = 40;
/** Letters written as numbers, as in URLs, JSON, XML, C and mails. */
const ESCAPED = /(?:%(?:25)?|\\x|\\u00|\\u\{0{0,4}|&#x|=)([0-9A-Fa-f]{2})[;}]?|&#(\d{2,3});/g;
/** In UTF-8: invisible characters, blanks that do not break, and letters as wide as Chinese ones. */
const BEYOND_ASCII = /[\xc2\xe2\xef]/;
const UNSEEN = /\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad/g;
const UNBROKEN = /\xc2\xa0|\xe2\x80\xaf/g;
const FULL_WIDTH = /\xef(?:\xbc([\x81-\xbf])|\xbd([\x80-\x9e]))/g;

const HEX_DIGITS = [..."0123456789abcdef"];
const DIGITS = HEX_DIGITS.slice(0, 10);
/** A text without any of these, a phrase or a long run of the letters above has no secret to be found. */
const ANCHORS = new WordSearch([
  ...SECRET_WORDS,
  // The beginnings of letters written as numbers.
  ...HEX_DIGITS.flatMap((one) => HEX_DIGITS.flatMap((other) => [`%${one}${other}`, `=${one}${other}`])),
  ...HEX_DIGITS.map((digit) => `\\x${digit}`),
  ...["\\u0", "\\u{", "&#x", ...DIGITS.map((digit) => `&#${digit}`)],
]);

/** Keys and stores that are not text, by their first bytes in hexadecimal. */
const BEGINNINGS: readonly (readonly [what: SecretKind, bytes: RegExp])[] = [
  ["a key store", /^(?:feedfeed|cececece)0000000[12]/], // Java's
  ["a key store", /^3082....02010330(?:8.|[0-7])/], // PKCS #12
  ["a password database", /^03d9a29a/], // KeePass
  ["a private SSH key", /^6f70656e7373682d6b65792d763100/],
  ["a Kerberos ticket or key", /^050(?:4000c|2000000)/],
  ["a private key", /^30(?:82....|81..|[0-7].)020100(?:30..06|028[12])/], // PKCS #8 and #1
  ["a private key", /^30(?:82....|81..|[0-7].)30..06092a864886f70d01050[3d]/], // PKCS #8, encrypted
  ["a private key", /^30(?:82....|81..|[0-7].)02010104(?:1c|20|30|42)/], // SEC 1
  ["a private PGP key", /^(?:9[45]....|c5....)04.{8}(?:0[1-3]|1[0-9a-b])/],
];

/**
 * What looks like a secret in a file, and where; undefined when nothing does.
 * @param head the beginning, of up to `HEAD_BYTES`
 * @param tail the end, of up to `TAIL_BYTES`; empty if the beginning is everything
 */
export function secretContent(
  head: Uint8Array,
  tail: Uint8Array = new Uint8Array(),
): SecretFinding | undefined {
  const beginning = Buffer.from(head.subarray(0, 32)).toString("hex");
  const known = BEGINNINGS.find(([, bytes]) => bytes.test(beginning));
  if (known !== undefined) return { kind: known[0] };
  for (const reading of readings(head)) {
    const found = look(reading);
    if (found !== undefined) return { kind: found.what, line: lineAt(reading.text, found.at) };
  }
  for (const reading of tail.length === 0 ? [] : readings(tail)) {
    const found = look(reading);
    if (found !== undefined) return { kind: found.what, isNearEnd: true };
  }
  return undefined;
}

/** Bytes as Latin-1: secrets consist of ASCII. */
interface Reading {
  readonly text: string;
  readonly bytes: Buffer;
}

/** The text as it is; then without a mail's soft line breaks (quoted-printable), but with as many lines. */
function* readings(head: Uint8Array): Iterable<Reading> {
  const given = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  // True of most texts: then not even a string is made.
  if (isAscii(given) && !given.includes(0) && !hasBreaks(given) && !mayHold(given)) return;
  const reading = decode(given);
  yield reading;
  if (!hasBreaks(reading.bytes)) return;
  let joined = "";
  let breaks = "\n";
  for (const line of reading.text.split(/\r?\n/)) {
    const isBroken = line.endsWith("=");
    joined += isBroken ? line.slice(0, -1) : line + breaks;
    breaks = isBroken ? `${breaks}\n` : "\n";
  }
  yield { text: joined, bytes: latin1Of(joined) };
}

function hasBreaks(bytes: Buffer): boolean {
  return bytes.includes("=\n", 0, "latin1") || bytes.includes("=\r\n", 0, "latin1");
}

/** Whether `look` may find something: a quick check that is false only if it cannot. */
function mayHold(bytes: Buffer): boolean {
  return (
    ANCHORS.isIn(bytes) ||
    hasPhrase(bytes) ||
    hasStretch(bytes, BASE64_LETTERS, BASE64_BEGINS) ||
    hasStretch(bytes, LISTED_LETTERS, LISTED)
  );
}

/** @param layers how many encodings may be nested */
function look({ text, bytes }: Reading, layers = 2): Found | undefined {
  const found = secretIn(text, bytes);
  if (found !== undefined || layers === 0) return found;
  ESCAPED.lastIndex = 0;
  for (let escaped = ESCAPED.exec(text); escaped !== null; escaped = ESCAPED.exec(text)) {
    const start = text.lastIndexOf("\n", escaped.index) + 1;
    const end = (text.indexOf("\n", start) + 1 || text.length + 1) - 1;
    const inside = secretIn(text.slice(start, end).replace(ESCAPED, spelled));
    if (inside !== undefined) return { what: inside.what, at: start, end };
    ESCAPED.lastIndex = end;
  }
  for (const { run, index } of encodedRuns({ text, bytes })) {
    if (run.length < LEAST_RUN) continue;
    for (const packed of unpacked(run)) {
      const inside = look(decode(packed), layers - 1);
      if (inside !== undefined) return { what: inside.what, at: index, end: index + run.length };
    }
  }
  return undefined;
}

function* encodedRuns({ text, bytes }: Reading): Iterable<{ readonly run: string; readonly index: number }> {
  let after = 0;
  for (const { index, end } of stretches(bytes, BASE64_LETTERS, BASE64_BEGINS)) {
    if (index < after) continue;
    BASE64_LINES.lastIndex = end;
    after = end + (BASE64_LINES.exec(text)?.[0].length ?? 0);
    yield { run: text.slice(index, after), index };
  }
  const lists = [...stretches(bytes, LISTED_LETTERS, LISTED)];
  for (const shape of [HEX, DECIMAL])
    for (const { index, end } of lists)
      for (const found of text.slice(index, end).matchAll(shape))
        yield { run: found[0], index: index + found.index };
}

function spelled(_: string, hex: string | undefined, decimal: string | undefined): string {
  return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
}

/** What a run may encode. Base64 goes by groups of four letters, and the run may begin before the first. */
function* unpacked(run: string): Iterable<Buffer> {
  if (/^(?:\d{1,3},\s*)+\d{1,3}$/.test(run)) yield Buffer.from(Uint8Array.from(run.split(","), Number));
  if (/^[0-9A-Fa-fx\s:,]*$/.test(run)) yield Buffer.from(run.replace(/0x|[\s:,]/g, ""), "hex");
  else for (let skipped = 0; skipped < 4; skipped++) yield Buffer.from(run.slice(skipped), "base64");
}

/** Of text with zeros between its letters, takes only the letters. */
function decode(bytes: Buffer): Reading {
  const given = bytes.toString("latin1");
  const narrow = bytes.includes(0) ? given.replace(WIDE, (run) => run.replaceAll("\0", "")) : given;
  const text = BEYOND_ASCII.test(narrow)
    ? narrow
        .replace(UNSEEN, "")
        .replace(UNBROKEN, " ")
        .replace(FULL_WIDTH, (_, low?: string, high?: string) =>
          String.fromCharCode(
            low === undefined ? (high ?? "").charCodeAt(0) - 0x20 : low.charCodeAt(0) - 0x60,
          ),
        )
    : narrow;
  return { text, bytes: text === given ? bytes : latin1Of(text) };
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}
