/** What of a file is looked at for secrets, and how its bytes are read as text. */
import { type Found, secretIn } from "./secretShapes.ts";

/** A secret that begins or ends within what is looked at has its other half close by. */
const ITS_OTHER_HALF = 1024;
/** Keys stand near the beginning; behind a chain of certificates, within 64 KB. Read and searched in a few milliseconds. */
export const HEAD_BYTES = 64 * 1024 + ITS_OTHER_HALF;
/** Signatures of packages, and keys that somebody has appended: 4 KB. */
export const TAIL_BYTES = 4 * 1024 + ITS_OTHER_HALF;

/** Letters of ASCII with zeros between them: UTF-16 and UTF-32 of either byte order, wherever it begins. */
const WIDE = /(?:[\t\n\r -~]\0{1,3}){12,}[\t\n\r -~]?/g;
/** Runs of letters that may be base64, also in lines. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}(?:\r?\n[ \t]{0,40}[A-Za-z0-9+/_-]{4,})*/g;
const HEX = /(?:[0-9A-Fa-f]{2}(?:\r?\n|[ :])?){40,}/g;
/** Shorter runs hold no key. */
const LEAST_RUN = 40;
/** Letters that are written by their numbers, as in addresses, JSON, XML and C. */
const ESCAPED = /(?:%|\\x|\\u00|&#x)([0-9A-Fa-f]{2});?|&#(\d{2,3});/g;

/** Keys and stores that are no text, by their first bytes in hexadecimal. */
const BEGINNINGS: readonly (readonly [what: string, bytes: RegExp])[] = [
  ["a key store", /^(?:feedfeed|cececece)0000000[12]/], // Java's
  ["a key store", /^3082....02010330(?:8.|[0-7])/], // PKCS #12
  ["a password database", /^03d9a29a/], // KeePass
  ["a private key", /^30(?:82....|81..|[0-7].)020100(?:30..06|028[12])/], // PKCS #8 and #1
  ["a private key", /^30(?:82....|81..|[0-7].)30..06092a864886f70d01050[3d]/], // PKCS #8, encrypted
  ["a private key", /^30(?:82....|81..|[0-7].)02010104(?:1c|20|30|42)/], // SEC 1
  ["a private PGP key", /^(?:9[45]....|c5....)04.{8}(?:0[1-3]|1[0-9a-b])/],
];

/**
 * "an AWS access key, line 12"; undefined when nothing of it looks like a secret.
 * @param head the beginning, of up to `HEAD_BYTES`
 * @param tail the end, of up to `TAIL_BYTES`; empty when the beginning is all
 */
export function secretContent(head: Uint8Array, tail: Uint8Array = new Uint8Array()): string | undefined {
  const beginning = Buffer.from(head.subarray(0, 32)).toString("hex");
  const known = BEGINNINGS.find(([, bytes]) => bytes.test(beginning));
  if (known !== undefined) return known[0];
  const text = decode(head);
  const found = look(text);
  if (found !== undefined) return `${found.what}, line ${lineAt(text, found.at)}`;
  const atEnd = tail.length === 0 ? undefined : look(decode(tail));
  return atEnd === undefined ? undefined : `${atEnd.what}, near its end`;
}

/** @param layers how often something may be encoded in something */
function look(text: string, layers = 2): Found | undefined {
  const found = secretIn(text);
  if (found !== undefined || layers === 0) return found;
  for (let start = 0; start < text.length; ) {
    const end = (text.indexOf("\n", start) + 1 || text.length + 1) - 1;
    const line = text.slice(start, end);
    const spelledOut = line.replace(ESCAPED, spelled);
    const inside = spelledOut === line ? undefined : secretIn(spelledOut);
    if (inside !== undefined) return { what: inside.what, at: start };
    start = end + 1;
  }
  for (const { 0: run, index } of [...text.matchAll(BASE64), ...text.matchAll(HEX)]) {
    if (run.length < LEAST_RUN) continue;
    for (const bytes of unpacked(run)) {
      const inside = look(decode(bytes), layers - 1);
      if (inside !== undefined) return { what: inside.what, at: index };
    }
  }
  return undefined;
}

function spelled(_: string, hex: string | undefined, decimal: string | undefined): string {
  return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
}

/** What a run may stand for: letters of base64 go by fours, and the run may have begun before them. */
function* unpacked(run: string): Iterable<Uint8Array> {
  if (/^[0-9A-Fa-f\s:]*$/.test(run)) yield Buffer.from(run.replace(/[\s:]/g, ""), "hex");
  else for (let skipped = 0; skipped < 4; skipped++) yield Buffer.from(run.slice(skipped), "base64");
}

/** Byte for byte as Latin-1: what secrets are made of is ASCII. Of what has zeros between the letters only these. */
function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.includes("\0") ? text.replace(WIDE, (run) => run.replaceAll("\0", "")) : text;
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}
