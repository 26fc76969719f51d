/** Reads files of an archive that are compressed in blocks, of which there is never more than a few in memory. */
import { isStill, PieceSums, type ReadableFile } from "../secondLook.ts";
import { type Block, BlockMemory, type Deflated, DICTIONARY_BYTES } from "./deflatePool.ts";
import type { PackedBlock } from "./zipWriter.ts";

/** Compressed at once: some 10 ms of a thread. */
const BLOCK_BYTES = 512 * 1024;

/** The file is not, or no longer, what was listed. */
export const CHANGED = new Error("changed while it was read");

interface LargeFile extends ReadableFile {
  stat(): Promise<{ readonly size: number; readonly mtimeMs: number }>;
}

/** The part of a `DeflatePool` that is needed. */
interface Compression {
  readonly depth: number;
  deflate(block: Block): Promise<Deflated>;
}

export class LargeFiles {
  readonly #pool: Compression;
  readonly #signal: AbortSignal;
  /** One more than are compressed at once, as one is written meanwhile. Used again and again, file after file. */
  readonly #ring: BlockMemory[] = [];
  /** The end of the block that was read last: where it stood, it is compressed by now. */
  readonly #end = Buffer.allocUnsafeSlow(DICTIONARY_BYTES);

  constructor(pool: Compression, signal: AbortSignal) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /**
   * Exactly the first `size` bytes, at least one, as they were at one moment: a log may grow behind them. A block is valid
   * until the next one is asked for.
   * @param lookedThrough see `Block`
   * @throws CHANGED when they cannot be had; an AbortError when the signal ended it
   */
  async *blocks(
    file: LargeFile,
    size: number,
    mtimeMs: number,
    lookedThrough?: string,
  ): AsyncGenerator<PackedBlock> {
    const coming: (Block & { readonly deflating: Promise<Deflated> })[] = [];
    const sums = new PieceSums();
    try {
      for (let [read, done] = [0, 0]; done < size; ) {
        while (coming.length < this.#pool.depth && read < size) {
          const block = await this.#read(file, read, size);
          coming.push({ ...block, deflating: this.#pool.deflate({ ...block, lookedThrough }) });
          read += block.bytes.length;
        }
        const first = coming.shift();
        if (first === undefined) throw new Error("No block is left, and the file has not ended");
        const deflated = await first.deflating;
        sums.noteSum(done, first.bytes.length, deflated.sum);
        done += first.bytes.length;
        yield { ...first, deflated };
      }
    } finally {
      // Threads may write to the memory until then, which is another file's afterwards.
      await Promise.allSettled(coming.map(({ deflating }) => deflating));
    }
    const isSame = await isStill(file, sums.pieces, this.#signal).catch(() => {
      this.#signal.throwIfAborted();
      throw CHANGED;
    });
    const now = await file.stat();
    const isWhole = now.size > size || (now.size === size && now.mtimeMs === mtimeMs);
    if (!isSame || !isWhole) throw CHANGED;
  }

  /** Reads a block, behind a copy of the end of the one before it. */
  async #read(file: LargeFile, position: number, size: number): Promise<Block> {
    this.#signal.throwIfAborted();
    const turn = (position / BLOCK_BYTES) % (this.#pool.depth + 1);
    const before = Math.min(position, DICTIONARY_BYTES);
    const memory = this.#memory(turn);
    const length = Math.min(BLOCK_BYTES, size - position);
    const bytes = memory.room(length);
    if (before > 0) memory.precede(this.#end);
    for (let got = 0; got < length; ) {
      const { bytesRead } = await file.read(bytes, got, length - got, position + got).catch(() => {
        throw CHANGED;
      });
      if (bytesRead === 0) throw CHANGED;
      got += bytesRead;
    }
    // Nobody asks for the end of the last one, which may be shorter.
    if (length === BLOCK_BYTES) this.#end.set(bytes.subarray(-DICTIONARY_BYTES));
    return { bytes, before, isLast: position + length === size };
  }

  #memory(turn: number): BlockMemory {
    const memory = this.#ring[turn] ?? new BlockMemory();
    this.#ring[turn] = memory;
    return memory;
  }
}
