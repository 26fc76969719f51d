/**
 * Proves that what was read of a file piece by piece was all there at one moment: after the last byte was read, each
 * piece is read once more. Size and time cannot prove that: a program that has the file mapped into its memory writes
 * without changing them. A CRC-32 a piece tells of any accident, and costs a tenth of the hashes beside it.
 */
import { crc32 } from "node:zlib";

export interface Piece {
  /** Where in the file it begins. */
  readonly offset: number;
  readonly length: number;
  readonly sum: number;
}

/** The part of a `FileHandle` that is read from. */
export interface ReadableFile {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** Pieces that are read side by side: while one is summed up, the others come from the disk. */
const LANES = 3;

/** What was read so far, each piece once, also where pieces overlap because something was sent again. */
export class PieceSums {
  readonly #pieces: Piece[] = [];
  readonly #known = new Map<string, number>();

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** Notes what was read. @returns false when the same piece was something else before */
  note(offset: number, bytes: Uint8Array): boolean {
    const key = `${offset}+${bytes.length}`;
    const sum = crc32(bytes);
    const before = this.#known.get(key);
    if (before !== undefined) return before === sum;
    this.#known.set(key, sum);
    this.#pieces.push({ offset, length: bytes.length, sum });
    return true;
  }
}

/** Reads the pieces once more. @returns true when all of them are what they were */
export async function isStill(
  file: ReadableFile,
  pieces: readonly Piece[],
  signal?: AbortSignal,
): Promise<boolean> {
  const largest = pieces.reduce((most, { length }) => Math.max(most, length), 0);
  let next = 0;
  let differs = false;
  const lane = async () => {
    let buffer: Buffer | undefined;
    for (let piece = pieces[next++]; piece !== undefined && !differs; piece = pieces[next++]) {
      buffer ??= Buffer.allocUnsafeSlow(largest);
      const bytes = buffer.subarray(0, piece.length);
      if (!(await fill(file, bytes, piece.offset)) || crc32(bytes) !== piece.sum) differs = true;
      signal?.throwIfAborted();
    }
  };
  // All of them: none may read on from a handle that is closed by then.
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(LANES, pieces.length) }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  return !differs;
}

/** @returns false when the file ends before that */
async function fill(file: ReadableFile, bytes: Uint8Array, position: number): Promise<boolean> {
  for (let got = 0; got < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, position + got);
    if (bytesRead === 0) return false;
    got += bytesRead;
  }
  return true;
}
