/** Notices that the machine has slept. */
import type { Clock } from "./carrier.ts";

/** Clocks are corrected by seconds; this much was sleep. */
const SLEEP_MS = 60_000;

/**
 * A machine that slept finds its connections dead, and learns of it only when each has stood still for a minute. Its
 * wall clock has run on while the other stood.
 */
export class SleepWatch {
  readonly #clock: Clock;
  /** What both clocks said when they were last compared. */
  #before: { readonly now: number; readonly monotonic: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it has, since it was last asked. */
  hasSlept(): boolean {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    const before = this.#before;
    this.#before = { now, monotonic };
    return before !== undefined && now - before.now - (monotonic - before.monotonic) >= SLEEP_MS;
  }
}
