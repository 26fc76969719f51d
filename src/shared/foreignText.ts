/**
 * Text that strangers wrote (names of people and files, words of services) before a person reads it. One place says what
 * cannot be seen: every surface takes it out, or shows that it is there.
 */

/**
 * What takes no room, turns the direction of reading, or is drawn as nothing: control and format characters, halves of
 * characters, what Unicode lets fonts ignore, and the letters whose shape is blank (Braille's empty cell, two of
 * hieroglyphs, a note head of music).
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{13441}\u{13442}\u{1d159}]/gu;

/** Joiners have a meaning within an emoji, and between letters of scripts that are written joined. */
const JOINS =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Sinhala}])[\u200c\u200d](?=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Sinhala}])/gu;

/** The text with what cannot be seen taken out, or replaced. */
export function withoutHidden(text: string, replacement = ""): string {
  const joiners = new Set([...text.matchAll(JOINS)].map(({ index }) => index));
  return text.replace(HIDDEN, (char, at: number) => (joiners.has(at) ? char : replacement));
}

/** The text on one line: what breaks it, and every run of blanks, is one space. */
export function oneLine(text: string): string {
  return withoutHidden(text.replace(/[\s\p{Cc}]+/gu, " ")).trim();
}

/** How many characters of a text cannot be seen; line breaks and tabs are no secret. */
export function countHidden(text: string): number {
  const visible = withoutHidden(text.replace(/[\t\r\n]/g, " "));
  return [...text].length - [...visible].length;
}
