/** Notices that the machine has slept, or that this window stood still. */
import type { Clock } from "../base/clock.ts";

/** Clocks are corrected by seconds; this much was sleep. */
const SLEEP_MS = 60_000;

/**
 * A machine that slept finds its connections dead, and learns of it only when each has made no progress for a minute. Its
 * wall clock has run on. The other clock stands meanwhile on Linux, and runs on Windows and macOS: who looks every few
 * seconds sees a gap on one of them at least, whichever system it is.
 */
export class SleepWatch {
  readonly #clock: Clock;
  /** What both clocks said when they were last looked at. */
  #before: { readonly now: number; readonly monotonic: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the machine has slept since anybody last looked. */
  hasSlept(): boolean {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    const before = this.#before ?? { now, monotonic };
    this.#before = { now, monotonic };
    return Math.max(now - before.now, monotonic - before.monotonic) >= SLEEP_MS;
  }
}
