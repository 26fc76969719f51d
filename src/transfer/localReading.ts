/**
 * The dialect of files that are no uploads of their own: they are read once, so that what is sent later can be told
 * from another version of the file.
 */
import type { Position, Range, UploadProtocol } from "./upload.ts";

/** After each piece the file's size and time are looked at, and the progress is told. */
const PIECE_BYTES = 4 * 1024 * 1024;

export class LocalReading implements UploadProtocol {
  /** Nobody else has anything of it. */
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
