/** What of a file is looked at for secrets, and how its bytes are read as text. */
import { type Found, secretIn } from "./secretShapes.ts";

/** Keys stand near the beginning; behind a chain of certificates, within this. Read and searched in under a millisecond. */
export const HEAD_BYTES = 64 * 1024;
/** Signatures of packages, and keys that somebody has appended. */
export const TAIL_BYTES = 4 * 1024;

/** Runs of letters that may be base64, also in lines. Shorter ones hold no key. */
const BASE64 = /[A-Za-z0-9+/_-]{40,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}/g;

/**
 * "an AWS access key, line 12"; undefined when nothing of it looks like a secret.
 * @param head the beginning, of up to `HEAD_BYTES`
 * @param tail the end, of up to `TAIL_BYTES`; empty when the beginning is all
 */
export function secretContent(head: Uint8Array, tail: Uint8Array = new Uint8Array()): string | undefined {
  const text = decode(head);
  const found = look(text);
  if (found !== undefined) return `${found.what}, line ${lineAt(text, found.at)}`;
  const atEnd = tail.length === 0 ? undefined : look(decode(tail));
  return atEnd === undefined ? undefined : `${atEnd.what}, near its end`;
}

function look(text: string): Found | undefined {
  const found = secretIn(text);
  if (found !== undefined) return found;
  for (const { 0: run, index } of text.matchAll(BASE64)) {
    const inside = secretIn(Buffer.from(run, "base64").toString("latin1"));
    if (inside !== undefined) return { what: inside.what, at: index };
  }
  return undefined;
}

/** Byte for byte as Latin-1: what secrets are made of is ASCII. Two bytes a letter where the file says so, or has zeros. */
function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = byteOrder(buffer);
  if (order === undefined) return buffer.toString("latin1");
  const even = buffer.subarray(0, buffer.length & ~1);
  return (order === "little" ? Buffer.from(even) : Buffer.from(even).swap16()).toString("utf16le");
}

/** Of UTF-16: by its mark, or by zeros in every second byte of the beginning. */
function byteOrder(buffer: Buffer): "little" | "big" | undefined {
  const [first, second] = buffer;
  if (first === 0xff && second === 0xfe) return "little";
  if (first === 0xfe && second === 0xff) return "big";
  const sample = buffer.subarray(0, 512);
  const zeros = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = sample.length * 0.3;
  if (odd > many && even < odd / 8) return "little";
  if (even > many && odd < even / 8) return "big";
  return undefined;
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}
