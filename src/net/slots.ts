/** Places for concurrent work, a limited number for each key; whoever comes later waits in line. */

export class Slots {
  readonly #used = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /**
   * Waits for a place. Call what it resolves to exactly once, to give the place back.
   * @throws the signal's reason when it is aborted while waiting
   */
  async take(key: string, places: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const used = this.#used.get(key) ?? 0;
    if (used < places) this.#used.set(key, used + 1);
    else await this.#wait(key, signal);
    return () => {
      // Handed over, not put back: a newcomer must not overtake those who wait.
      const next = this.#waiting.get(key)?.shift();
      if (next !== undefined) return next();
      const left = (this.#used.get(key) ?? 1) - 1;
      if (left === 0) this.#used.delete(key);
      else this.#used.set(key, left);
    };
  }

  #wait(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, line);
      const go = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        line.splice(line.indexOf(go), 1);
        reject(signal.reason);
      };
      line.push(go);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
