/** JSON from elsewhere, read within bounds. */
import type * as z from "zod";

/** The first faults that a schema found: in a long list, every entry may have one. */
export function faults({ issues }: z.ZodError): string {
  const shown = issues
    .slice(0, 3)
    .map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": "));
  return `${shown.join("; ").slice(0, 500)}${issues.length > 3 ? ` and ${issues.length - 3} more` : ""}`;
}

/** More values than any answer of these services has: the largest, a page of 200 grants, has a few thousand. */
const MAX_JSON_VALUES = 100_000;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The parsed text; undefined when it is not JSON, or has too many values to be genuine. */
export function parseJson(text: string): unknown {
  if (hasMoreThan(MAX_JSON_VALUES, text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller's schema says what that means.
  }
}

/** Whether JSON may hold more than `limit` values, by its commas; those inside strings do not count. */
function hasMoreThan(limit: number, text: string): boolean {
  let count = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInString = !isInString;
    else if (code === BACKSLASH && isInString) at++;
    else if (code === COMMA && !isInString && ++count > limit) return true;
  }
  return false;
}
