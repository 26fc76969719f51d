/** Reads intervals of a file, as fast as disk and socket allow. */
import type { FileHandle } from "node:fs/promises";
import { fileChanged, fileError } from "./fileTrouble.ts";
import { LARGE_BYTES } from "./hashThread.ts";

/**
 * Bytes read and handed on at once. Measured: 1 MiB is as fast as curl, 64 KiB costs two thirds of the speed. Below
 * 64 KiB the ring must not be reused: undici waits for the socket only when a write fills its buffer, so a smaller
 * buffer would be overwritten while still queued, and wrong bytes would go out without an error.
 */
export const READ_BYTES = 1024 * 1024;
/** One more than are being read, sent and hashed at the same time. */
const RING = 4;

/**
 * Reads intervals through a small ring of large buffers, with one read ahead. A chunk is valid until the
 * third one after it is asked for. After a failure, buffers may still be queued for a dead socket, so the
 * reader of a failed attempt is dropped, never reused.
 */
export class Reader {
  readonly #path: string;
  readonly #open: () => Promise<FileHandle>;
  readonly #size: number;
  readonly #start: number;
  readonly #ring: Buffer[] = [];

  /**
   * @param open returns the file's handle: the same one until it is let go
   * @param start where in the file the first byte is
   */
  constructor(path: string, open: () => Promise<FileHandle>, size: number, start = 0) {
    this.#path = path;
    this.#open = open;
    this.#size = size;
    this.#start = start;
  }

  /**
   * Exactly the bytes `offset … offset + length - 1`.
   * @throws FreightError `file-changed` when the file ends early, `file-unreadable` when reading fails
   */
  async *read(offset: number, length: number): AsyncGenerator<Uint8Array> {
    const end = Math.min(offset + length, this.#size);
    let turn = 0;
    let ahead = this.#fill(turn++, offset, end);
    try {
      for (let position = offset; position < end; ) {
        const chunk = await ahead;
        position += chunk.length;
        if (position < end) {
          ahead = this.#fill(turn++, position, end);
          // Awaited one round later; a failure before that must not count as unhandled.
          ahead.catch(() => {});
        }
        yield chunk;
      }
    } finally {
      await ahead.catch(() => {}); // Never leave a read behind that could outlive the handle.
    }
  }

  async #fill(turn: number, position: number, end: number): Promise<Uint8Array> {
    this.#ring[turn % RING] ??= newBuffer(Math.min(READ_BYTES, this.#size), this.#size >= LARGE_BYTES);
    const buffer = this.#ring[turn % RING] ?? Buffer.alloc(0);
    const wanted = Math.min(buffer.length, end - position);
    const handle = await this.#open();
    for (let got = 0; got < wanted; ) {
      const place = this.#start + position + got;
      const { bytesRead } = await handle.read(buffer, got, wanted - got, place).catch((reason) => {
        throw fileError(this.#path, reason);
      });
      if (bytesRead === 0) throw fileChanged(this.#path);
      got += bytesRead;
    }
    return buffer.subarray(0, wanted);
  }
}

/** @param isShared with the thread that hashes */
function newBuffer(bytes: number, isShared: boolean): Buffer {
  return isShared ? Buffer.from(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafeSlow(bytes);
}
