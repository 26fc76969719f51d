/** Turns the lines selected in an editor into a file. */
import { parse } from "node:path";

/** Lines count from 0. */
export interface SelectedLines {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** @param lines in the order of the document @returns for example `main-L10-L20.ts` */
export function selectionName(name: string, lines: readonly SelectedLines[]): string {
  const { name: stem, ext } = parse(name);
  const parts = lines.map(({ first, last }) =>
    first === last ? `-L${first + 1}` : `-L${first + 1}-L${last + 1}`,
  );
  return `${stem}${parts.slice(0, MAX_NAMED).join("")}${ext}`;
}

/** Limited, as with many cursors the name would be endless. */
const MAX_NAMED = 4;

/** Joins several selections in document order, each starting on a line of its own. */
export function selectionText(lines: readonly SelectedLines[], lineEnd: string): string {
  return lines
    .map(({ text }, index, all) => (index < all.length - 1 && !text.endsWith("\n") ? text + lineEnd : text))
    .join("");
}
