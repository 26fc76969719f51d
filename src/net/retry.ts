/** Which failures to retry, and after how long: pure functions, and a sleep that can be cancelled. */
import { FreightError } from "../base/errors.ts";

/** Tries without any progress before a person is asked: about three minutes with the waits below. */
export const MAX_FAILURES = 8;

const BASE_MS = 1_000;
const CAP_MS = 30_000;
/** A service that says "slow down" without saying how long gets longer waits. */
const BUSY_BASE_MS = 5_000;
const BUSY_CAP_MS = 60_000;
/** The longest wait before looking again whether a missing network is back. */
const OFFLINE_CAP_MS = 15_000;
/** A service's wait that is longer than this is still kept, but a person is told until when. */
export const LONG_WAIT_MS = 5 * 60_000;
/** No service means a longer one. */
export const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
/** From here on, a wait that a service names is not a failure: Microsoft's throttling takes minutes. */
const ASKED_WAIT_MS = 60_000;

/**
 * `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3). Undefined when absent or unreadable.
 * @param now milliseconds since the epoch, for the date form
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  // Fractions, and a list with one value for each gateway on the way, break the standard but do occur.
  const [, seconds] = /^(\d+(?:\.\d+)?)(?:\s*,.*)?$/.exec(text) ?? [];
  if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000);
  // Date.parse is lenient: it reads "soon 1" as a date.
  const date = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?, /.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** True when the same request may succeed later, and repeating it is safe, by itself or by its protection. */
export function isTransient(reason: unknown): reason is FreightError {
  return (
    reason instanceof FreightError &&
    reason.is("network", "offline", "timeout", "rate-limited", "service-fault", "unsettled") &&
    (reason.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS
  );
}

/**
 * The wait before try `failures + 1`: exponential with jitter, never shorter than the service asked for. When
 * a service keeps naming a short wait ("0", or "3" while it works on a send), the waits still grow.
 * @param failures failures in a row without progress, from 1
 * @param random 0..1
 */
export function backoffMs(failures: number, error: FreightError, random: () => number): number {
  const [base, cap] = error.is("rate-limited") ? [BUSY_BASE_MS, BUSY_CAP_MS] : [BASE_MS, CAP_MS];
  const ceiling = Math.min(cap, base * 2 ** (failures - 1));
  // Jitter never goes below half: an immediate retry only meets the same fault, and bytes in flight need a
  // moment to settle.
  return Math.max(error.retryAfterMs ?? 0, Math.round(ceiling / 2 + (ceiling / 2) * random()));
}

/** Decides after each failure whether to try again, and when. */
export class Patience {
  readonly #random: () => number;
  #failures = 0;
  #offline = 0;

  /** @param random 0..1, for the jitter */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Something was achieved: earlier failures no longer count. */
  renew(): void {
    this.#failures = 0;
    this.#offline = 0;
  }

  /**
   * The wait before the next try in milliseconds; undefined when no other try makes sense. Three things do
   * not count as failures, however long they take: a missing network, which is not the service's fault and
   * costs nothing to try; checking on what a service may still be making, which ends by itself; and a wait of
   * a minute or more that a service asks for.
   */
  after(reason: unknown): number | undefined {
    if (!isTransient(reason)) return undefined;
    if (reason.is("unsettled")) return reason.retryAfterMs ?? BASE_MS;
    if (reason.is("offline")) return Math.min(OFFLINE_CAP_MS, BASE_MS * 2 ** this.#offline++);
    this.#offline = 0;
    const { retryAfterMs = 0 } = reason;
    if (retryAfterMs >= ASKED_WAIT_MS) return retryAfterMs;
    this.#failures++;
    return this.#failures >= MAX_FAILURES ? undefined : backoffMs(this.#failures, reason, this.#random);
  }
}

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Resolves after `ms`; rejects with the signal's reason when it is aborted first. Leaves no timer behind. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
  readonly random: () => number;
  /** Called before each wait, so that it can be shown. */
  readonly onWait: (error: FreightError, waitMs: number) => void;
  /** Another reason to stop retrying, such as a deadline: return false. */
  readonly mayRepeat?: (error: FreightError) => boolean;
}

/** Runs `operation` until it succeeds, fails for good, or has failed `MAX_FAILURES` times. */
export async function withRetries<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const patience = new Patience(options.random);
  for (;;) {
    try {
      return await operation();
    } catch (reason) {
      options.signal.throwIfAborted();
      const waitMs = patience.after(reason);
      if (waitMs === undefined || !isTransient(reason) || options.mayRepeat?.(reason) === false) throw reason;
      options.onWait(reason, waitMs);
      await options.sleep(waitMs, options.signal);
    }
  }
}
