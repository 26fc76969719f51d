/**
 * Proves that what was read of a file piece by piece was all there at one moment: after the last byte was
 * read, each piece is read again. Size and time cannot prove that: a program that has the file mapped into
 * its memory writes without changing them. A CRC-32 per piece reveals any accidental change, at a tenth of
 * the cost of the hashes.
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
  /** For other threads to read it. */
  readonly fd?: number;
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** Pieces that are read in parallel: while one is summed up, the others come from the disk. */
const LANES = 3;
/**
 * Bytes read and summed up at once. Measured on 157 MB in the page cache: 57 ms, where 1 MiB takes 75 ms,
 * because what was just read is still in the processor's own cache.
 */
const READ_BYTES = 256 * 1024;

/** The pieces read so far, each once, even if they overlap because something was sent again. */
export class PieceSums {
  readonly #pieces: Piece[] = [];
  readonly #known = new Map<string, number>();

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** Notes what was read. @returns false when the same piece was different before */
  note(offset: number, bytes: Uint8Array): boolean {
    return this.noteSum(offset, bytes.length, crc32(bytes));
  }

  /** The same for a piece whose CRC-32 is known. */
  noteSum(offset: number, length: number, sum: number): boolean {
    const key = `${offset}+${length}`;
    const before = this.#known.get(key);
    if (before !== undefined) return before === sum;
    this.#known.set(key, sum);
    this.#pieces.push({ offset, length, sum });
    return true;
  }
}

/** Reads pieces again: see `isStill`. */
export type Look = (file: ReadableFile, pieces: readonly Piece[], signal?: AbortSignal) => Promise<boolean>;

/** Reads the remaining pieces again. @returns true when all of them are unchanged */
export async function isStill(
  file: ReadableFile,
  pieces: Iterable<Piece>,
  signal?: AbortSignal,
): Promise<boolean> {
  const rest = pieces[Symbol.iterator]();
  let differs = false;
  const lane = async () => {
    let buffer = Buffer.alloc(0);
    for (let next = rest.next(); next.done !== true && !differs; next = rest.next()) {
      const piece = next.value;
      const wanted = Math.min(READ_BYTES, piece.length);
      if (buffer.length < wanted) buffer = Buffer.allocUnsafeSlow(wanted);
      if ((await sumOf(file, piece, buffer)) !== piece.sum) differs = true;
      signal?.throwIfAborted();
    }
  };
  // Waits for all lanes: none may still be reading when the caller closes the file.
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  return !differs;
}

/** @returns undefined when the file ends before the piece does */
async function sumOf(
  file: ReadableFile,
  { offset, length }: Piece,
  buffer: Buffer,
): Promise<number | undefined> {
  let sum = 0;
  for (let got = 0; got < length; ) {
    const wanted = Math.min(buffer.length, length - got);
    const { bytesRead } = await file.read(buffer, 0, wanted, offset + got);
    if (bytesRead === 0) return undefined;
    sum = crc32(buffer.subarray(0, bytesRead), sum);
    got += bytesRead;
  }
  return sum;
}
