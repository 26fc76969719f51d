/** Runs work that concerns the same thing one after another, in the order in which it was requested. */
export class Turns {
  /** The end of each line's last work. */
  readonly #ends = new Map<string, Promise<void>>();

  /** Starts once everything before it in the line is over, even if that failed. */
  take<T>(line: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#ends.get(line) ?? Promise.resolve()).then(work);
    const end = turn.then(
      () => {},
      () => {}, // The caller gets the error.
    );
    this.#ends.set(line, end);
    void end.then(() => this.#ends.get(line) === end && this.#ends.delete(line));
    return turn;
  }

  /** Resolves when everything that was asked for so far is over. */
  async over(): Promise<void> {
    await Promise.all(this.#ends.values());
  }
}
