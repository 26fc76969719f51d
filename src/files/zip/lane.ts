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
    if (!(await this.#shrinks(bytes))) return { packed: undefined, sum };
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

  /**
   * Tries a part before it is compressed: four samples of it, quickly. If those do not shrink by 2 %, the
   * whole part is media, an archive or random, and compressing it would take ten times as long for nothing.
   */
  async #shrinks(bytes: Uint8Array): Promise<boolean> {
    const length = Math.min(SAMPLE, bytes.length >> 4);
    if (length < LEAST_SAMPLE) return true;
    const step = Math.floor((bytes.length - length) / (SAMPLES - 1));
    for (let at = 0; at < SAMPLES; at++)
      this.#samples.set(bytes.subarray(at * step, at * step + length), at * length);
    const sampled = this.#samples.subarray(0, SAMPLES * length);
    return (
      bitsPerByte(sampled) < LITTLE_ORDER || lengthOf(await this.#quick.run(sampled)) < sampled.length * 0.98
    );
  }
}

/** One zlib stream. */
class Deflating {
  readonly #stream;
  #chunks: Uint8Array[] = [];

  constructor(options: ZlibOptions) {
    this.#stream = createDeflateRaw({ chunkSize: CHUNK_BYTES, ...options });
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
