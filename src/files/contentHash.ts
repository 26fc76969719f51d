/** Hashes of a file's bytes, taken while they are read for sending: each byte once, in order, whatever is sent again. */
import { createHash, type Hash } from "node:crypto";

/** What the first bytes of a file were: tells later whether they still are. */
export interface HashCheckpoint {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export class ContentHash {
  /** SHA-256 tells one version of the file from another, MD5 is what some storages answer. */
  readonly #sha256 = createHash("sha256");
  readonly #md5: Hash | undefined;
  #bytes = 0;

  constructor({ withMd5 = false } = {}) {
    this.#md5 = withMd5 ? createHash("md5") : undefined;
  }

  /** How many bytes, from the start of the file, are in. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes in what is new of a chunk. @param offset where in the file the chunk begins, at most `bytes` */
  take(offset: number, chunk: Uint8Array): void {
    if (offset > this.#bytes) throw new Error(`Bytes ${this.#bytes} to ${offset} were never hashed`);
    const fresh = chunk.subarray(this.#bytes - offset);
    if (fresh.length === 0) return;
    this.#sha256.update(fresh);
    this.#md5?.update(fresh);
    this.#bytes += fresh.length;
  }

  checkpoint(): HashCheckpoint {
    return { bytes: this.#bytes, sha256: this.#sha256.copy().digest("hex") };
  }

  /** Base64, as Google's storage spells it; undefined unless it was asked for. */
  md5(): string | undefined {
    return this.#md5?.copy().digest("base64");
  }
}
