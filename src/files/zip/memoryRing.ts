/** Memory that threads share, handed out piece by piece and used again in the same order: so many bytes, and never more. */
export class MemoryRing {
  readonly #memory: SharedArrayBuffer;
  #next = 0;

  /**
   * A piece is valid until so many bytes were handed out behind it.
   * @param bytes that are in use at the same time, at most
   * @param mostAtOnce the largest piece: so much may be left unused at the end
   */
  constructor(bytes: number, mostAtOnce: number) {
    this.#memory = new SharedArrayBuffer(bytes + mostAtOnce);
  }

  take(length: number): Uint8Array<SharedArrayBuffer> {
    if (this.#next + length > this.#memory.byteLength) this.#next = 0;
    const piece = new Uint8Array(this.#memory, this.#next, length);
    this.#next += length;
    return piece;
  }
}
