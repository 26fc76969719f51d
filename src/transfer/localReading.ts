/**
 * The dialect of files that are not uploaded on their own: they are only read once, so that a later version
 * of the file is recognized when it is sent.
 */
import type { Position, Range, UploadProtocol } from "./upload.ts";

/** After each piece, the file's size and time are checked and progress is reported. */
const PIECE_BYTES = 4 * 1024 * 1024;

export class LocalReading implements UploadProtocol {
  /** There is no storage to ask. */
  async locate(_signal: AbortSignal, believed: number): Promise<Position> {
    return { next: believed, done: false };
  }

  async put({ offset, length, total, chunks }: Range, signal: AbortSignal): Promise<Position> {
    for await (const _ of chunks) signal.throwIfAborted();
    return { next: offset + length, done: offset + length === total };
  }

  chunkBytes(): number {
    return PIECE_BYTES;
  }
}
