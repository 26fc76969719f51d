/** Counts how often each id is held: one that is held twice stays held until both are done. */
export class Tally {
  readonly #counts = new Map<string, number>();

  has(id: string): boolean {
    return this.#counts.has(id);
  }

  /** Holds ids while the work lasts. */
  async during<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const id of ids) this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const id of ids) {
        const others = (this.#counts.get(id) ?? 1) - 1;
        if (others > 0) this.#counts.set(id, others);
        else this.#counts.delete(id);
      }
    }
  }
}
