/** Watches over a file while it is sent: what leaves must be what lay on the disk when the last byte was read. */
import { fileChanged } from "./fileTrouble.ts";
import type { FileVersion } from "./fileVersion.ts";
import { isStill, type Look, type Piece, PieceSums } from "./secondLook.ts";

/** The part of a `FileSource` that is watched. */
export interface WatchedFile {
  readonly path: string;
  /** @throws FreightError `file-changed` when size or time are others; "touched" when only the bytes can tell */
  assertVersion(expected?: FileVersion): Promise<"same" | "touched">;
  /** Reads pieces once more. @throws FreightError `file-changed` when one is not what it was */
  assertStill(pieces: readonly Piece[], signal?: AbortSignal, look?: Look): Promise<void>;
}

export class FileWatch {
  readonly #file: WatchedFile;
  readonly #signal: AbortSignal;
  readonly #look: Look;
  readonly #sums = new PieceSums();
  /** How many pieces were read once more, or are being, and what has come of it. */
  #looked = 0;
  #outcome = Promise.resolve();

  /** @param look takes the second look */
  constructor(file: WatchedFile, signal: AbortSignal, look: Look = isStill) {
    this.#file = file;
    this.#signal = signal;
    this.#look = look;
  }

  /** Notes what was read. @throws FreightError `file-changed` when it is sent again, and is not what it was */
  note(offset: number, bytes: Uint8Array): void {
    if (!this.#sums.note(offset, bytes)) throw fileChanged(this.#file.path);
  }

  /** The cheap look: size and times; the bytes that were read only where those leave it open. */
  async assertVersion(): Promise<void> {
    if ((await this.#file.assertVersion()) === "touched")
      await this.#file.assertStill(this.#sums.pieces, this.#signal, this.#look);
  }

  /**
   * The second look, for when the last byte was read: all that was read is read once more, and what was read since an
   * earlier look.
   */
  assertStill(): Promise<void> {
    const fresh = this.#sums.pieces.slice(this.#looked);
    if (fresh.length > 0) {
      this.#looked += fresh.length;
      this.#outcome = this.#outcome.then(() => this.#file.assertStill(fresh, this.#signal, this.#look));
      this.#outcome.catch(() => {}); // Told to whoever waits for it.
    }
    return this.#outcome;
  }

  /** Resolves when nothing reads any more. */
  async end(): Promise<void> {
    await this.#outcome.catch(() => {});
  }
}
