/** Memory that threads share, handed out piece by piece and reused in that order, so it never grows. */
export class MemoryRing {
  readonly #memory: SharedArrayBuffer;
  #next = 0;

  /**
   * A piece is valid until `bytes` more were handed out after it.
   * @param bytes the most that are in use at the same time
   * @param mostAtOnce the largest piece: up to this much may stay unused at the end
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
