/**
 * Compresses in libuv's pool, off the calling thread, with zlib streams that are reused: creating one costs
 * more than most files take, and leaves 256 KB behind each time.
 */
import { constants, crc32, createDeflateRaw, type ZlibOptions } from "node:zlib";

export interface Part {
  /** Preceded in memory by what is before it in the file. Its compressed form replaces it there. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** How many bytes of the file are right before it. */
  readonly before: number;
  readonly isLast: boolean;
}

export interface PackedPart {
  /** How many compressed bytes are now in its place; undefined if it does not shrink, and is unchanged. */
  readonly packed: number | undefined;
  /** CRC-32 of the original. */
  readonly sum: number;
}

/** One below zlib's default of 6: up to 40 % less time, for archives that are at most 1.5 % larger. */
export const LEVEL = 5;
/** The size of zlib's output chunks. */
const CHUNK_BYTES = 64 * 1024;
const SAMPLES = 4;
/** The largest and the smallest sample, in bytes. Parts too small for one are always compressed. */
const SAMPLE = 8 * 1024;
const LEAST_SAMPLE = 256;
/** Bits per byte: with fewer, uneven frequencies of single bytes are enough to shrink it. */
const LITTLE_ORDER = 7.5;

/** Takes one part at a time. */
export class Lane {
  readonly #whole = new Deflating({ flush: constants.Z_FINISH });
  readonly #quick = new Deflating({ flush: constants.Z_FINISH, level: 1 });
  readonly #samples = Buffer.allocUnsafeSlow(SAMPLES * SAMPLE);

  /** The part is unchanged until the current turn of the event loop has ended. */
  async deflate({ bytes, before, isLast }: Part): Promise<PackedPart> {
    const sum = crc32(bytes);
    const samples = this.#sampleOf(bytes);
    // Starts in this turn if it can: libuv's pool compresses the part while the caller looks for secrets in it.
    if (bitsPerByte(samples) >= LITTLE_ORDER && !(await this.#shrinks(samples)))
      return { packed: undefined, sum };
    const chunks = await this.#deflating(bytes, before, isLast);
    const packed = lengthOf(chunks);
    if (packed >= bytes.length) return { packed: undefined, sum };
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return { packed, sum };
  }

  async #deflating(bytes: Uint8Array<SharedArrayBuffer>, before: number, isLast: boolean) {
    if (before === 0 && isLast) return this.#whole.run(bytes);
    const flush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const dictionary = new Uint8Array(bytes.buffer, bytes.byteOffset - before, before);
    const deflating = new Deflating(before > 0 ? { flush, dictionary } : { flush });
    const chunks = await deflating.run(bytes);
    deflating.close();
    return chunks;
  }

  /** Four samples, in the lane's own memory; empty for a part too small to be sampled. */
  #sampleOf(bytes: Uint8Array): Uint8Array {
    const length = Math.min(SAMPLE, bytes.length >> 4);
    if (length < LEAST_SAMPLE) return this.#samples.subarray(0, 0);
    const step = Math.floor((bytes.length - length) / (SAMPLES - 1));
    for (let at = 0; at < SAMPLES; at++)
      this.#samples.set(bytes.subarray(at * step, at * step + length), at * length);
    return this.#samples.subarray(0, SAMPLES * length);
  }

  /** If samples do not shrink by 2 %, the part is media, an archive or random: not worth compressing. */
  async #shrinks(samples: Uint8Array): Promise<boolean> {
    return lengthOf(await this.#quick.run(samples)) < samples.length * 0.98;
  }
}

/** One zlib stream. */
class Deflating {
  readonly #stream;
  #chunks: Uint8Array[] = [];

  constructor(options: ZlibOptions) {
    this.#stream = createDeflateRaw({ chunkSize: CHUNK_BYTES, level: LEVEL, ...options });
    this.#stream.on("data", (chunk: Uint8Array) => this.#chunks.push(chunk));
  }

  /** Compresses all of the bytes, independently of earlier ones. */
  run(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) =>
      this.#stream.write(bytes, (failure) => {
        if (failure) return reject(failure);
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#stream.reset();
        resolve(chunks);
      }),
    );
  }

  close(): void {
    this.#stream.close();
  }
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The Shannon entropy of single bytes. */
function bitsPerByte(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)),
    0,
  );
}
