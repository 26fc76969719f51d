/** Removes what looks like a secret from text that is made to be sent: terminal output, problems. */

import { t } from "../../shared/l10n.ts";
import { type Found, secretIn } from "./secretSearch.ts";
import { kindInWords } from "./secretWords.ts";

/** How much is searched at once. Pieces overlap by more than any shape reads. */
const PIECE = 32 * 1024;
const OVERLAP = 8 * 1024;
const PEM_END = /-{4,5} ?END[ +][A-Z0-9 +]{0,60}PRIVATE[ +]KEY[^\n]*/;

const KEY_LINE = /^[ \t]*[A-Za-z0-9+/=]{16,}[ \t]*\r?$/;

export interface Hidden {
  readonly text: string;
  /** How many were taken out. */
  readonly count: number;
}

/** Replaces the lines of a secret (of a key, all of them) with `[hidden: an AWS access key]`. */
export function hideSecrets(text: string): Hidden {
  let rest = text;
  let done = "";
  let count = 0;
  while (rest !== "") {
    const piece = rest.slice(0, PIECE);
    const found = secretIn(piece);
    if (found === undefined) {
      // What begins near the end of this piece is seen whole in the next.
      const step = rest.length <= PIECE ? rest.length : lineStart(rest, PIECE - OVERLAP);
      done += rest.slice(0, step);
      rest = rest.slice(step);
      continue;
    }
    // Another kind of secret may come before it: kinds are searched for one after the other.
    const before = hideSecrets(rest.slice(0, rest.lastIndexOf("\n", found.at) + 1));
    done += before.text + t("[hidden: {0}]", kindInWords(found.what));
    count += before.count + 1;
    rest = rest.slice(endOf(rest, found));
  }
  return { text: done, count };
}

/** The end of the last line of a secret. */
function endOf(text: string, { what, at, end }: Found): number {
  const pem = what.includes("key") ? PEM_END.exec(text.slice(at, at + PIECE)) : null;
  const last = pem === null ? end : Math.max(end, at + pem.index + pem[0].length);
  let line = lineEnd(text, Math.max(last - 1, at));
  // The lines of a key without an end are recognized by their letters.
  while (what.includes("key") && KEY_LINE.test(text.slice(line + 1, lineEnd(text, line + 1))))
    line = lineEnd(text, line + 1);
  return line;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** Where the line at an offset begins; in a line longer than that, the offset itself. */
function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset) + 1;
  return start === 0 ? offset : start;
}
