/** Reads an archive's large files, which are compressed in blocks: never more than a few are in memory. */
import { isStill, PieceSums, type ReadableFile } from "../secondLook.ts";
import { type Block, BlockMemory, type Deflated, DICTIONARY_BYTES } from "./deflatePool.ts";
import type { PackedBlock } from "./zipWriter.ts";

/** The size of a block: about 10 ms of work for a thread. */
const BLOCK_BYTES = 512 * 1024;

/** The file is not, or no longer, what was listed. */
export const CHANGED = new Error("changed while it was read");

interface LargeFile extends ReadableFile {
  stat(): Promise<{ readonly size: number; readonly mtimeMs: number }>;
}

/** The part of a `DeflatePool` that we use. */
interface Compression {
  readonly depth: number;
  deflate(block: Block): Promise<Deflated>;
}

export class LargeFiles {
  readonly #pool: Compression;
  readonly #signal: AbortSignal;
  /** One more than are compressed at once, since one is written meanwhile. Reused file after file. */
  readonly #ring: BlockMemory[] = [];
  /** The end of the last block that was read: in its own place it may be compressed by now. */
  readonly #end = Buffer.allocUnsafeSlow(DICTIONARY_BYTES);

  constructor(pool: Compression, signal: AbortSignal) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /**
   * Exactly the first `size` bytes (at least one) as they were at one moment; a log may grow beyond them. A
   * block is valid until the next one is asked for.
   * @param lookedThrough see `Block`
   * @throws CHANGED when they cannot be had; an AbortError when `signal` was aborted
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
      // Until these settle, threads may write to the memory, which the next file uses.
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

  /** Reads a block, preceded by a copy of the end of the one before. */
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
    // The end of the last one, which may be shorter, is not needed.
    if (length === BLOCK_BYTES) this.#end.set(bytes.subarray(-DICTIONARY_BYTES));
    return { bytes, before, isLast: position + length === size };
  }

  #memory(turn: number): BlockMemory {
    const memory = this.#ring[turn] ?? new BlockMemory();
    this.#ring[turn] = memory;
    return memory;
  }
}
