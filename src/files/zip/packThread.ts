/** What each thread of a `DeflatePool` does: it compresses blocks, and looks for secrets in those at the ends of a file. */
import { parentPort } from "node:worker_threads";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { HEAD_BYTES, secretContent, TAIL_BYTES } from "../secrets/secretContents.ts";
import { secretName } from "../secrets/secretNames.ts";

/** A block; null: there will be no more of them. */
export interface Order {
  readonly memory: SharedArrayBuffer;
  /** Where in the memory the block is, behind what is right before it in the file. Its compressed bytes go behind it. */
  readonly offset: number;
  readonly length: number;
  /** Bytes of the file that stand before it. */
  readonly before: number;
  readonly isLast: boolean;
  readonly lookedThrough: string | undefined;
}

export interface Made {
  /** Bytes; undefined when the block does not become smaller. */
  readonly packed: number | undefined;
  readonly sum: number;
  readonly secret: string | undefined;
}

const SAMPLE = 8 * 1024;
const NOTHING = new Uint8Array();

parentPort?.on("message", (order: Order | null) => {
  if (order === null) parentPort?.close();
  else parentPort?.postMessage({ ...deflate(order), secret: secretOf(order) } satisfies Made);
});

function deflate({ memory, offset, length, before, isLast }: Order): Omit<Made, "secret"> {
  const bytes = new Uint8Array(memory, offset, length);
  const sum = crc32(bytes);
  if (!shrinks(bytes)) return { packed: undefined, sum };
  const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const dictionary = new Uint8Array(memory, offset - before, before);
  const made = deflateRawSync(bytes, before > 0 ? { finishFlush, dictionary } : { finishFlush });
  if (made.length >= length) return { packed: undefined, sum };
  new Uint8Array(memory, offset + length, made.length).set(made);
  return { packed: made.length, sum };
}

/**
 * A block is tried before it is compressed: four samples of it, quickly. Where those do not shrink by a fiftieth, the whole
 * block is media, an archive or random, and compressing it would take twenty times as long for nothing.
 */
function shrinks(bytes: Uint8Array): boolean {
  if (bytes.length < 8 * SAMPLE) return true;
  const step = Math.floor((bytes.length - SAMPLE) / 3);
  let after = 0;
  for (let at = 0; at < 4; at++)
    after += deflateRawSync(bytes.subarray(at * step, at * step + SAMPLE), { level: 1 }).length;
  return after < 4 * SAMPLE * 0.98;
}

/** Of a file's first block its name and its beginning count, of its last one its end, which may reach into the one before. */
function secretOf({ memory, offset, length, before, isLast, lookedThrough }: Order): string | undefined {
  if (lookedThrough === undefined) return undefined;
  const isFirst = before === 0;
  const hasTail = isLast && (!isFirst || length > HEAD_BYTES);
  if (!isFirst && !hasTail) return undefined;
  const tailBytes = Math.min(TAIL_BYTES, before + length);
  return (
    (isFirst ? secretName(lookedThrough) : undefined) ??
    secretContent(
      isFirst ? new Uint8Array(memory, offset, Math.min(length, HEAD_BYTES)) : NOTHING,
      hasTail ? new Uint8Array(memory, offset + length - tailBytes, tailBytes) : NOTHING,
    )
  );
}
