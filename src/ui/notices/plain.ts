/**
 * Words of services and names of files for VS Code's messages, which read more than text: `[…](command:…)` becomes a
 * link that runs a command, in a notification as in the line below an input.
 */
import { oneLine } from "../../shared/foreignText.ts";

/** Characters. */
const LONGEST = 700;

/** The text on one line, without links and without what cannot be seen. */
export function plain(text: string): string {
  // First what is hidden: it would come between the two signs of a link.
  const shown = oneLine(text).replace(/\]\(/g, "] (");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** A text for a label in which VS Code would draw `$(name)` as an icon. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\(/g, "\\$(");
}
