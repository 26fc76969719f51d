/** Notices that the machine has slept, or that this window was frozen. */
import type { Clock } from "../base/clock.ts";

/** Clocks are corrected by seconds; a longer jump was sleep. */
const SLEEP_MS = 60_000;

/**
 * After a sleep all connections are dead, which shows only once each has made no progress for a minute. The
 * wall clock has run on; the monotonic one has on Windows and macOS, but not on Linux. Checked every few
 * seconds, at least one of them shows a gap on every system.
 */
export class SleepWatch {
  readonly #clock: Clock;
  /** What both clocks said at the last check. */
  #before: { readonly now: number; readonly monotonic: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the machine has slept since the last call. */
  hasSlept(): boolean {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    const before = this.#before ?? { now, monotonic };
    this.#before = { now, monotonic };
    return Math.max(now - before.now, monotonic - before.monotonic) >= SLEEP_MS;
  }
}
