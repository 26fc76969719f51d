/** Finds where a text has nothing but certain letters: an expression that begins anew at each letter takes ten times as long. */

export interface Stretch {
  readonly text: string;
  /** Where it begins. */
  readonly index: number;
}

/** 1 for the codes of such letters, up to those of Latin-1. */
export type Letters = Uint8Array;

export function lettersOf(letter: RegExp): Letters {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(letter.test(String.fromCharCode(code))));
}

/** Where a text consists of such letters only, and of at least so many of them; each stretch as long as it is. */
export function* stretches(text: string, letters: Letters, least: number): Iterable<Stretch> {
  for (let start = 0; start + least <= text.length; ) {
    // From its end: with another letter there, none of those before it has to be looked at.
    let at = start + least - 1;
    while (at >= start && letters[text.charCodeAt(at)] === 1) at--;
    if (at < start) {
      at = start + least;
      while (letters[text.charCodeAt(at)] === 1) at++;
      yield { text: text.slice(start, at), index: start };
    }
    start = at + 1;
  }
}

export function hasStretch(text: string, letters: Letters, least: number): boolean {
  for (const _ of stretches(text, letters, least)) return true;
  return false;
}
