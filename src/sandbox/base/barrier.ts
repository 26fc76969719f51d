/** Lets a number of bytes pass, of all requests together, and holds the rest until it is opened further. */
export class Barrier {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param bytes how many pass before it holds the rest */
  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** The part of the piece that may pass now; empty while it holds. */
  pass(piece: Buffer): Buffer {
    const passed = piece.subarray(0, Math.min(piece.length, this.#free));
    this.#free -= passed.length;
    return passed;
  }

  /** Lets this many more bytes pass (default: everything from now on). */
  open(bytes = Number.POSITIVE_INFINITY): void {
    this.#free += bytes;
    for (const go of [...this.#waiting]) go();
  }

  /** Resolves when bytes may pass. Rejects when `over` aborts. */
  opened(over: AbortSignal): Promise<void> {
    if (this.#free > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => () => {
        this.#waiting.delete(go);
        over.removeEventListener("abort", leave);
        act();
      };
      const go = settle(resolve);
      const leave = settle(() => reject(over.reason));
      this.#waiting.add(go);
      over.addEventListener("abort", leave);
      if (over.aborted) leave();
    });
  }
}
