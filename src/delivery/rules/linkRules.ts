/** Whom files that go as links may be open to, and for how long. Pure. */

const DAY_MS = 24 * 60 * 60_000;

/** When a link ends that is open for so many days from now: with a day, so that a try of a moment later asks for the same. */
export function linkEnd(now: number, days: number): number {
  return Math.ceil((now + days * DAY_MS) / DAY_MS) * DAY_MS;
}
