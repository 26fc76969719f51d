import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again until an answer is there (neither undefined nor false), and returns it. Playwright waits for the
 * page by itself; this is for everything else.
 *
 * @param what what is waited for, said when it does not come; a function is asked then, and can name what is there
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; await delay(50)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
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
