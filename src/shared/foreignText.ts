/**
 * Prepares text that strangers wrote (names of people and files, words of services) for a person to read.
 * Only this file says what is invisible: every surface removes it, or shows that it is there.
 */

/**
 * Characters that take no room, change the direction of reading, or look like nothing: control and format
 * characters, unpaired surrogates, what Unicode lets fonts ignore, and letters whose shape is blank
 * (Braille's empty cell, two hieroglyphs, a musical note head).
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{13441}\u{13442}\u{1d159}]/gu;

/** Joiners are meaningful within an emoji, and between letters of scripts that are written joined. */
const JOINS =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Sinhala}])[\u200c\u200d](?=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Sinhala}])/gu;

/** The text with invisible characters removed or replaced. */
export function withoutHidden(text: string, replacement = ""): string {
  const joiners = new Set([...text.matchAll(JOINS)].map(({ index }) => index));
  return text.replace(HIDDEN, (char, at: number) => (joiners.has(at) ? char : replacement));
}

/** The text on one line: each run of line breaks and blanks becomes one space. */
export function oneLine(text: string): string {
  return withoutHidden(text.replace(/[\s\p{Cc}]+/gu, " ")).trim();
}

/** How many characters of a text are invisible, not counting line breaks and tabs. */
export function countHidden(text: string): number {
  const visible = withoutHidden(text.replace(/[\t\r\n]/g, " "));
  return [...text].length - [...visible].length;
}
