/** What of a file is looked at for secrets, and how its bytes are read as text. */
import { type Found, secretIn } from "./secretShapes.ts";
import type { SecretFinding, SecretKind } from "./secretWords.ts";
import { lettersOf, type Stretch, stretches } from "./stretches.ts";

/** A secret that begins or ends within what is looked at has its other half close by. */
const ITS_OTHER_HALF = 1024;
/** Keys stand near the beginning; behind a chain of certificates, within 64 KB. Read and searched in a few milliseconds. */
export const HEAD_BYTES = 64 * 1024 + ITS_OTHER_HALF;
/** Signatures of packages, and keys that somebody has appended: 4 KB. */
export const TAIL_BYTES = 4 * 1024 + ITS_OTHER_HALF;

/** Letters of ASCII with zeros between them: UTF-16 and UTF-32 of either byte order, wherever it begins. */
const WIDE = /(?:[\t\n\r -~]\0{1,3}){12,}[\t\n\r -~]?/g;
/** Runs of so many letters that may be base64, and the lines in which one goes on. */
const BASE64_LETTERS = lettersOf(/[A-Za-z0-9+/_-]/);
const BASE64_BEGINS = 16;
const BASE64_LINES = /(?:\r?\n[ \t]{0,40}[A-Za-z0-9+/_-]{4,})*/y;
/** What the next two consist of, and how long each is at least. */
const LISTED_LETTERS = lettersOf(/[0-9A-Fa-fx,:\s]/);
const LISTED = 80;
const HEX = /(?:(?:0x)?[0-9A-Fa-f]{2}(?:\r?\n|,? |[:,])?){40,}/g;
/** Bytes as numbers in a list. */
const DECIMAL = /(?:\d{1,3},\s{0,20}){40,}\d{1,3}/g;
/** Shorter runs hold no key. */
const LEAST_RUN = 40;
/** Letters that are written by their numbers, as in addresses, JSON, XML, C and mails. */
const ESCAPED = /(?:%(?:25)?|\\x|\\u00|\\u\{0{0,4}|&#x|=)([0-9A-Fa-f]{2})[;}]?|&#(\d{2,3});/g;
/** In UTF-8: what is not seen inside of a word, a blank that does not break, and letters as wide as those of Chinese. */
const BEYOND_ASCII = /[\xc2\xe2\xef]/;
const UNSEEN = /\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad/g;
const UNBROKEN = /\xc2\xa0|\xe2\x80\xaf/g;
const FULL_WIDTH = /\xef(?:\xbc([\x81-\xbf])|\xbd([\x80-\x9e]))/g;

/** Keys and stores that are no text, by their first bytes in hexadecimal. */
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
 * What of it looks like a secret, and where; undefined when nothing does.
 * @param head the beginning, of up to `HEAD_BYTES`
 * @param tail the end, of up to `TAIL_BYTES`; empty when the beginning is all
 */
export function secretContent(
  head: Uint8Array,
  tail: Uint8Array = new Uint8Array(),
): SecretFinding | undefined {
  const beginning = Buffer.from(head.subarray(0, 32)).toString("hex");
  const known = BEGINNINGS.find(([, bytes]) => bytes.test(beginning));
  if (known !== undefined) return { kind: known[0] };
  for (const text of readings(head)) {
    const found = look(text);
    if (found !== undefined) return { kind: found.what, line: lineAt(text, found.at) };
  }
  for (const text of tail.length === 0 ? [] : readings(tail)) {
    const found = look(text);
    if (found !== undefined) return { kind: found.what, isNearEnd: true };
  }
  return undefined;
}

/** The text as it stands; and without the breaks that a mail makes within its lines (quoted-printable), as many lines long. */
function* readings(bytes: Uint8Array): Iterable<string> {
  const text = decode(bytes);
  yield text;
  if (!text.includes("=\n") && !text.includes("=\r\n")) return;
  let joined = "";
  let breaks = "\n";
  for (const line of text.split(/\r?\n/)) {
    const isBroken = line.endsWith("=");
    joined += isBroken ? line.slice(0, -1) : line + breaks;
    breaks = isBroken ? `${breaks}\n` : "\n";
  }
  yield joined;
}

/** @param layers how often something may be encoded in something */
function look(text: string, layers = 2): Found | undefined {
  const found = secretIn(text);
  if (found !== undefined || layers === 0) return found;
  const isPlain = text.search(ESCAPED) === -1;
  for (let start = 0; start < text.length && !isPlain; ) {
    const end = (text.indexOf("\n", start) + 1 || text.length + 1) - 1;
    const line = text.slice(start, end);
    const spelledOut = line.replace(ESCAPED, spelled);
    const inside = spelledOut === line ? undefined : secretIn(spelledOut);
    if (inside !== undefined) return { what: inside.what, at: start, end };
    start = end + 1;
  }
  for (const { text: run, index } of encodedRuns(text)) {
    if (run.length < LEAST_RUN) continue;
    for (const bytes of unpacked(run)) {
      const inside = look(decode(bytes), layers - 1);
      if (inside !== undefined) return { what: inside.what, at: index, end: index + run.length };
    }
  }
  return undefined;
}

function* encodedRuns(text: string): Iterable<Stretch> {
  let after = 0;
  for (const { text: begun, index } of stretches(text, BASE64_LETTERS, BASE64_BEGINS)) {
    if (index < after) continue;
    BASE64_LINES.lastIndex = index + begun.length;
    after = BASE64_LINES.lastIndex + (BASE64_LINES.exec(text)?.[0].length ?? 0);
    yield { text: text.slice(index, after), index };
  }
  const lists = [...stretches(text, LISTED_LETTERS, LISTED)];
  for (const shape of [HEX, DECIMAL])
    for (const { text: list, index } of lists)
      for (const found of list.matchAll(shape)) yield { text: found[0], index: index + found.index };
}

function spelled(_: string, hex: string | undefined, decimal: string | undefined): string {
  return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
}

/** What a run may stand for: letters of base64 go by fours, and the run may have begun before them. */
function* unpacked(run: string): Iterable<Uint8Array> {
  if (/^(?:\d{1,3},\s*)+\d{1,3}$/.test(run)) yield Uint8Array.from(run.split(","), Number);
  if (/^[0-9A-Fa-fx\s:,]*$/.test(run)) yield Buffer.from(run.replace(/0x|[\s:,]/g, ""), "hex");
  else for (let skipped = 0; skipped < 4; skipped++) yield Buffer.from(run.slice(skipped), "base64");
}

/** Byte for byte as Latin-1: what secrets are made of is ASCII. Of what has zeros between the letters only these. */
function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const narrow = text.includes("\0") ? text.replace(WIDE, (run) => run.replaceAll("\0", "")) : text;
  if (!BEYOND_ASCII.test(narrow)) return narrow;
  return narrow
    .replace(UNSEEN, "")
    .replace(UNBROKEN, " ")
    .replace(FULL_WIDTH, (_, low?: string, high?: string) =>
      String.fromCharCode(low === undefined ? (high ?? "").charCodeAt(0) - 0x20 : low.charCodeAt(0) - 0x60),
    );
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}
