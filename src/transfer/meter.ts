/** How fast bytes leave, over the last seconds. */

/** Long enough to calm a bursty line, short enough to show a change. */
const WINDOW_MS = 5_000;

export class Meter {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];
  readonly #now: () => number;

  /** @param now milliseconds on a clock that does not jump */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a running total of bytes. A total that drops (the service kept less) restarts the measurement. */
  note(bytes: number): void {
    const at = this.#now();
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples.length = 0;
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  /** Undefined until two samples are at least a quarter of a second apart. */
  get bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 250) return undefined;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }
}
