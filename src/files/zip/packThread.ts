/**
 * What each thread of a `DeflatePool` does: it compresses blocks, and looks for secrets in those at the ends of a file.
 * Small files it also reads.
 */
import { basename } from "node:path";
import { parentPort } from "node:worker_threads";
import { constants, crc32, deflateRawSync } from "node:zlib";
import type { ListedPath } from "../folder/listedFiles.ts";
import { HEAD_BYTES, secretContent, TAIL_BYTES } from "../secrets/secretContents.ts";
import { secretName } from "../secrets/secretNames.ts";
import type { SecretFinding } from "../secrets/secretWords.ts";
import { readSmall, type SmallContent } from "./smallFile.ts";

export interface BlockOrder {
  /** Behind what is right before it in the file; its compressed bytes go behind it. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Bytes of the file that stand before it. */
  readonly before: number;
  readonly isLast: boolean;
  /** The name of a file that is looked through for secrets. */
  readonly lookedThrough: string | undefined;
}

export interface FileOrder extends ListedPath {
  /** Unset: that of the last such order. Each time that memory is handed over it counts as a thread's own once more. */
  readonly memory: SharedArrayBuffer | undefined;
  /** Where in the memory, see `readSmall`. */
  readonly offset: number;
  readonly length: number;
}

/** Null: there will be no more of them. */
export type Order = BlockOrder | FileOrder | null;

export interface Made {
  /** Bytes; undefined when the block does not become smaller. */
  readonly packed: number | undefined;
  readonly sum: number;
  readonly secret: SecretFinding | undefined;
}

export interface FoundFile extends Pick<SmallContent, "mtimeMs" | "mode"> {
  readonly length: number;
  /** What it lies in if not in the memory that was given. */
  readonly elsewhere: SharedArrayBuffer | undefined;
}

export interface Answer {
  /** Of a small file, see `readSmall`. */
  readonly file: FoundFile | "large" | undefined;
  /** Of the block, or of the file that was read. */
  readonly made: Made | undefined;
}

const SAMPLES = 4;
/** Bytes, at most; and blocks of which a sixteenth is less are compressed in any case. */
const SAMPLE = 8 * 1024;
const LEAST_SAMPLE = 256;
/** Bits a byte: with fewer, letters that occur more often than others are enough to shrink it. */
const LITTLE_ORDER = 7.5;
const samples = Buffer.allocUnsafeSlow(SAMPLES * SAMPLE);
const NOTHING = new Uint8Array();
let memory = new SharedArrayBuffer(0);

parentPort?.on("message", (order: Order) => {
  if (order === null) parentPort?.close();
  else parentPort?.postMessage("given" in order ? packFile(order) : { file: undefined, made: make(order) });
});

function packFile(order: FileOrder): Answer {
  memory = order.memory ?? memory;
  const file = readSmall(order, new Uint8Array(memory, order.offset, order.length));
  if (file === undefined || file === "large") return { file, made: undefined };
  const { content, mtimeMs, mode } = file;
  const elsewhere = content.buffer === memory ? undefined : content.buffer;
  const made = make({ bytes: content, before: 0, isLast: true, lookedThrough: basename(order.given) });
  return { file: { length: content.length, elsewhere, mtimeMs, mode }, made };
}

function make(order: BlockOrder): Made {
  return { ...deflate(order), secret: secretOf(order) };
}

function deflate({ bytes, before, isLast }: BlockOrder): Omit<Made, "secret"> {
  const { buffer, byteOffset, length } = bytes;
  const sum = crc32(bytes);
  if (!shrinks(bytes)) return { packed: undefined, sum };
  const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const dictionary = new Uint8Array(buffer, byteOffset - before, before);
  const made = deflateRawSync(bytes, before > 0 ? { finishFlush, dictionary } : { finishFlush });
  if (made.length >= length) return { packed: undefined, sum };
  new Uint8Array(buffer, byteOffset + length, made.length).set(made);
  return { packed: made.length, sum };
}

/**
 * A block is tried before it is compressed: four samples of it, quickly. Where those do not shrink by a fiftieth, the whole
 * block is media, an archive or random, and compressing it would take ten times as long for nothing.
 */
function shrinks(bytes: Uint8Array): boolean {
  const length = Math.min(SAMPLE, bytes.length >> 4);
  if (length < LEAST_SAMPLE) return true;
  const step = Math.floor((bytes.length - length) / (SAMPLES - 1));
  for (let at = 0; at < SAMPLES; at++)
    samples.set(bytes.subarray(at * step, at * step + length), at * length);
  const sampled = samples.subarray(0, SAMPLES * length);
  return (
    bitsPerByte(sampled) < LITTLE_ORDER ||
    deflateRawSync(sampled, { level: 1 }).length < sampled.length * 0.98
  );
}

/** Shannon's entropy of single bytes. */
function bitsPerByte(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)),
    0,
  );
}

/** Of a file's first block its name and its beginning count, of its last one its end, which may reach into the one before. */
function secretOf({ bytes, before, isLast, lookedThrough }: BlockOrder): SecretFinding | undefined {
  if (lookedThrough === undefined) return undefined;
  const { buffer, byteOffset, length } = bytes;
  const isFirst = before === 0;
  const hasTail = isLast && (!isFirst || length > HEAD_BYTES);
  if (!isFirst && !hasTail) return undefined;
  const byName = isFirst ? secretName(lookedThrough) : undefined;
  if (byName !== undefined) return { kind: byName };
  const tailBytes = Math.min(TAIL_BYTES, before + length);
  return secretContent(
    isFirst ? bytes.subarray(0, HEAD_BYTES) : NOTHING,
    hasTail ? new Uint8Array(buffer, byteOffset + length - tailBytes, tailBytes) : NOTHING,
  );
}
