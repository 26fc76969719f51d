/** Watches a file while it is sent: what leaves must be what was on the disk when the last byte was read. */
import { fileChanged } from "./fileTrouble.ts";
import type { FileVersion } from "./fileVersion.ts";
import { isStill, type Look, type Piece, PieceSums } from "./secondLook.ts";

/** The part of a `FileSource` that is watched. */
export interface WatchedFile {
  readonly path: string;
  /**
   * @returns "touched" when only the bytes can tell
   * @throws FreightError `file-changed` when size or time has changed
   */
  assertVersion(expected?: FileVersion): Promise<"same" | "touched">;
  /** Reads pieces again. @throws FreightError `file-changed` when one has changed */
  assertStill(pieces: readonly Piece[], signal?: AbortSignal, look?: Look): Promise<void>;
}

export class FileWatch {
  readonly #file: WatchedFile;
  readonly #signal: AbortSignal;
  readonly #look: Look;
  readonly #sums = new PieceSums();
  /** How many pieces were read again or are being read again, and with what result. */
  #looked = 0;
  #outcome = Promise.resolve();

  /** @param look takes the second look */
  constructor(file: WatchedFile, signal: AbortSignal, look: Look = isStill) {
    this.#file = file;
    this.#signal = signal;
    this.#look = look;
  }

  /** Notes what was read. @throws FreightError `file-changed` when it differs from an earlier reading */
  note(offset: number, bytes: Uint8Array): void {
    if (!this.#sums.note(offset, bytes)) throw fileChanged(this.#file.path);
  }

  /** The cheap check: size and times; reads the bytes again only when those leave it open. */
  async assertVersion(): Promise<void> {
    if ((await this.#file.assertVersion()) === "touched")
      await this.#file.assertStill(this.#sums.pieces, this.#signal, this.#look);
  }

  /**
   * The second look, once the last byte was read: reads again what no earlier look has, and waits for all
   * looks.
   */
  assertStill(): Promise<void> {
    const fresh = this.#sums.pieces.slice(this.#looked);
    if (fresh.length > 0) {
      this.#looked += fresh.length;
      this.#outcome = this.#outcome.then(() => this.#file.assertStill(fresh, this.#signal, this.#look));
      this.#outcome.catch(() => {}); // Whoever awaits it gets the error.
    }
    return this.#outcome;
  }

  /** Resolves when no look is under way. */
  async end(): Promise<void> {
    await this.#outcome.catch(() => {});
  }
}
