/** Has what concerns the same thing happen one after another, in the order in which it was asked for. */
export class Turns {
  /** The end of each line. */
  readonly #ends = new Map<string, Promise<void>>();

  /** Works once everything before it in the line is over. What failed there was told to whoever asked for it. */
  take<T>(line: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#ends.get(line) ?? Promise.resolve()).then(work);
    const end = turn.then(
      () => {},
      () => {}, // Whoever asked is told.
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
