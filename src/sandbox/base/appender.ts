/**
 * Writes the bytes of an upload to its file in steps of 256 KiB, so that what is stored when a connection breaks is
 * always aligned. Which bytes an upload takes: `sandbox/storage/storage.ts`.
 */
import type { FileHandle } from "node:fs/promises";
import type { Digests } from "./digests.ts";

/** Until an upload is finished, the storage keeps its bytes in steps of this size. */
export const gridBytes = 262_144;

export class Appender {
  readonly #file: FileHandle;
  readonly #digests: Digests;
  readonly #onStored: (stored: number) => void;
  readonly #block = Buffer.allocUnsafe(gridBytes);
  #filled = 0;
  #stored: number;

  constructor(file: FileHandle, stored: number, digests: Digests, onStored: (stored: number) => void) {
    this.#file = file;
    this.#stored = stored;
    this.#digests = digests;
    this.#onStored = onStored;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.copy(this.#block, this.#filled, at);
      at += taken;
      this.#filled += taken;
      if (this.#filled === gridBytes) await this.flush();
    }
  }

  /** Stores the rest even if it does not fill a step, which is allowed at the end of an object only. */
  async flush(): Promise<void> {
    const bytes = this.#block.subarray(0, this.#filled);
    for (let at = 0; at < bytes.length; )
      at += (await this.#file.write(bytes, at, bytes.length - at, this.#stored + at)).bytesWritten;
    this.#digests.update(bytes);
    this.#stored += bytes.length;
    this.#filled = 0;
    this.#onStored(this.#stored);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

export function alignDown(bytes: number, unitBytes = gridBytes): number {
  return Math.floor(bytes / unitBytes) * unitBytes;
}
