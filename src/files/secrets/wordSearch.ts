/**
 * Finds which of many words occur in some bytes, in one pass by their first letters: one pass for each word
 * would take too long.
 */

/** How many first letters of a word are compared at once. */
const BEGINNING = 3;
/** Bits of a letter's number. Any more letters share numbers, and more places are checked in vain. */
const KIND_BITS = 6;
const TABLE = 1 << (BEGINNING * KIND_BITS);

const SMALL = Uint8Array.from({ length: 256 }, (_, code) => (code >= 65 && code <= 90 ? code + 32 : code));
const IS_WORDS = Uint8Array.from({ length: 256 }, (_, code) => Number(/\w/.test(String.fromCharCode(code))));

interface Word {
  readonly word: string;
  readonly codes: Uint8Array;
  readonly isAtBoundary: boolean;
}

export class WordSearch {
  /** For each code, the number of a letter that some word begins with; 0 for others. */
  readonly #kinds = new Uint8Array(256);
  #last = 0;
  /** 1 for each three numbers with which some word begins. */
  readonly #begins = new Uint8Array(TABLE);
  readonly #words = new Map<number, Word[]>();

  /**
   * @param words in Latin-1 and small letters, three at least; ASCII capitals match, too. A word that begins
   * with `\b` matches only at a word boundary, as in a regular expression.
   */
  constructor(words: readonly string[]) {
    for (const word of words) {
      const isAtBoundary = word.startsWith("\b");
      const codes = Uint8Array.from(Buffer.from(isAtBoundary ? word.slice(1) : word, "latin1"));
      if (codes.length < BEGINNING) throw new Error(`“${word}” is too short to be searched for`);
      let begins = 0;
      for (const code of codes.subarray(0, BEGINNING)) begins = (begins << KIND_BITS) | this.#kindOf(code);
      this.#begins[begins] = 1;
      const key = keyAt(codes, 0);
      this.#words.set(key, [...(this.#words.get(key) ?? []), { word, codes, isAtBoundary }]);
    }
  }

  /** The words that occur. */
  find(bytes: Uint8Array): ReadonlySet<string> {
    const found = new Set<string>();
    for (let at = this.#next(bytes, 0); at < bytes.length; at = this.#next(bytes, at + 1))
      for (const each of this.#words.get(keyAt(bytes, at)) ?? [])
        if (!found.has(each.word) && isAt(bytes, at, each)) found.add(each.word);
    return found;
  }

  /** Whether any of the words occurs. */
  isIn(bytes: Uint8Array): boolean {
    for (let at = this.#next(bytes, 0); at < bytes.length; at = this.#next(bytes, at + 1))
      if (this.#words.get(keyAt(bytes, at))?.some((each) => isAt(bytes, at, each))) return true;
    return false;
  }

  #kindOf(code: number): number {
    const known = this.#kinds[code];
    if (known) return known;
    this.#last = (this.#last % ((1 << KIND_BITS) - 1)) + 1;
    for (const [capital, small] of SMALL.entries()) if (small === code) this.#kinds[capital] = this.#last;
    return this.#last;
  }

  /** The next place from `from` on where a word may begin; the end if there is none. */
  #next(bytes: Uint8Array, from: number): number {
    const [kinds, begins] = [this.#kinds, this.#begins];
    let seen = 0;
    for (let at = from; at < bytes.length; at++) {
      seen = ((seen << KIND_BITS) | (kinds[bytes[at] ?? 0] ?? 0)) & (TABLE - 1);
      if (begins[seen] === 1) return at - BEGINNING + 1;
    }
    return bytes.length;
  }
}

function keyAt(bytes: Uint8Array, at: number): number {
  const small = (place: number) => SMALL[bytes[place] ?? 0] ?? 0;
  return small(at) | (small(at + 1) << 8) | (small(at + 2) << 16);
}

function isAt(bytes: Uint8Array, at: number, { codes, isAtBoundary }: Word): boolean {
  if (isAtBoundary && at > 0 && IS_WORDS[bytes[at - 1] ?? 0] === 1) return false;
  for (let next = BEGINNING; next < codes.length; next++)
    if (SMALL[bytes[at + next] ?? 0] !== codes[next]) return false;
  return true;
}
