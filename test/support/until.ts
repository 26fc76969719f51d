import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** How long a test waits for what must come; on a machine that has other things to do, nothing comes soon. */
export const PATIENCE_MS = 120_000;
/** How long the first attempt may take at something that is tried again and again. */
const FIRST_ATTEMPT_MS = 1_000;

/**
 * Asks again and again until an answer is there (neither undefined nor false), and returns it. Playwright waits for the
 * page by itself; this is for everything else.
 *
 * @param what what is waited for, said when it does not come; a function is asked then, and can name what is there
 * @param ask is told how many milliseconds this attempt may wait for its own part of it: twice as many each time that
 * an attempt has used them up, so that a machine that needs longer gets there
 */
export async function until<T>(
  what: string | (() => string),
  ask: (attemptMs: number) => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  let attemptMs = FIRST_ATTEMPT_MS;
  for (const end = Date.now() + timeoutMs; ; await delay(50)) {
    const startedAt = Date.now();
    const answer = await ask(attemptMs);
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() - startedAt >= attemptMs) attemptMs *= 2;
    if (Date.now() > end)
      throw new Error(`Waited ${timeoutMs / 1000} s in vain: ${typeof what === "string" ? what : what()}.`);
  }
}

/** True when it came to pass, false when it failed: for what is tried again then. */
export function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

/**
 * Waits until something in the window is what it should be: on a slow machine what follows an act may come after what the
 * test waited for before. Fails with both when it never is.
 */
export async function becomes<T>(read: () => Promise<T>, expected: T): Promise<void> {
  let seen: { readonly value: T } | { readonly reason: unknown } | undefined;
  const isThere = await succeeds(
    until("", async () => {
      // What is drawn anew cannot be read for a moment.
      seen = await read().then(
        (value) => ({ value }),
        (reason: unknown) => ({ reason }),
      );
      return "value" in seen && isDeepStrictEqual(seen.value, expected);
    }),
  );
  if (isThere) return;
  if (seen !== undefined && "reason" in seen) throw seen.reason;
  assert.deepEqual(seen?.value, expected);
}
