/** JSON that somebody else wrote: read within bounds. */
import type * as z from "zod";

/** The first of what a schema found wrong: of a long list each entry may be. */
export function faults({ issues }: z.ZodError): string {
  const shown = issues.slice(0, 3).map(({ path, message }) => `${path.join(".")}: ${message}`);
  return `${shown.join("; ").slice(0, 500)}${issues.length > 3 ? ` and ${issues.length - 3} more` : ""}`;
}

/** More values than any answer of these services has: the largest, a page of 200 grants, has a few thousand. */
const MAX_JSON_VALUES = 100_000;

/** The parsed text, or undefined when it is not JSON, or JSON only made to keep somebody busy. */
export function parseJson(text: string): unknown {
  if (hasMoreThan(MAX_JSON_VALUES, text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller's schema says what that means.
  }
}

/** Whether a text may hold more than so many values; commas inside strings count as well. */
function hasMoreThan(limit: number, text: string): boolean {
  let count = 0;
  for (let at = -1; ; count++) {
    if (count > limit) return true;
    at = text.indexOf(",", at + 1);
    if (at === -1) return false;
  }
}
