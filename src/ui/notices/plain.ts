/**
 * Makes texts from services and file names safe for VS Code's messages, which interpret markup:
 * `[…](command:…)` becomes a link that runs a command, in a notification as well as below an input.
 */
import { oneLine } from "../../shared/foreignText.ts";

/** In characters. */
const LONGEST = 700;

/** The text on one line, without links or invisible characters. */
export function plain(text: string): string {
  // Remove invisible characters first: one could stand between `]` and `(`.
  const shown = oneLine(text).replace(/\]\(/g, "] (");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** Escapes a text for a label, where VS Code would draw `$(name)` as an icon. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\(/g, "\\$(");
}
