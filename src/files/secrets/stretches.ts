/** Finds where a text has nothing but certain letters: an expression that begins anew at each letter takes ten times as long. */

export interface Stretch {
  /** Where it begins. */
  readonly index: number;
  /** Behind its last letter. */
  readonly end: number;
}

/** 1 for the codes of such letters, up to those of Latin-1. */
export type Letters = Uint8Array;

export function lettersOf(letter: RegExp): Letters {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(letter.test(String.fromCharCode(code))));
}

/** Where a text consists of such letters only, and of at least so many of them; each stretch as long as it is. */
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

/** Where the next one begins; the end where there is none. */
function stretchFrom(text: Uint8Array, letters: Letters, least: number, from: number): number {
  for (let start = from; start + least <= text.length; ) {
    // From its end: with another letter there, none of those before it has to be looked at.
    let at = start + least - 1;
    while (at >= start && letters[text[at] ?? 0] === 1) at--;
    if (at < start) return start;
    start = at + 1;
  }
  return text.length;
}
