/**
 * Words of services and names of files for VS Code's messages, which read more than text: `[…](command:…)` becomes a
 * link that runs a command, in a notification as in the line below an input.
 */
const LONGEST = 700;

/** The text without links, control characters, and marks that turn the direction of reading. */
export function plain(text: string): string {
  const shown = text
    .replace(/\]\(/g, "] (")
    // What a file is called must not rearrange the sentence that it stands in.
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/\p{Cc}+/gu, " ");
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** A text for a label in which VS Code would draw `$(name)` as an icon. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\(/g, "\\$(");
}
