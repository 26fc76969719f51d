/** Which of many words are in a text: all of them in one pass (Aho and Corasick), for there is no time for a pass each. */

/** Codes of Latin-1. */
const CODES = 256;
/** Read at once: bytes are looked up in half the time that letters of a string take. */
const piece = Buffer.allocUnsafeSlow(16 * 1024);

export class WordSearch {
  /** By code: which of the letters of the words it is, from 1; 0 for any other. */
  readonly #letters = new Uint8Array(CODES);
  /** Letters that there are, and one for all others: a table as small as it can be stays in the processor's own memory. */
  readonly #width: number;
  /** Where each letter leads: twice the state, and one more where words end in it. A state is its place in here; 0 is the beginning. */
  #next: Uint32Array;
  /** Those words, by state. */
  readonly #ends = new Map<number, readonly string[]>();

  /** @param words of ASCII, in small letters; capitals of the text count as small ones */
  constructor(words: readonly string[]) {
    const letters = [...new Set(words.join(""))];
    for (const [at, letter] of letters.entries())
      for (const each of [letter, letter.toUpperCase()]) this.#letters[each.charCodeAt(0)] = at + 1;
    this.#width = letters.length + 1;
    const most = words.reduce((sum, { length }) => sum + length, 1);
    const next = new Uint32Array(most * this.#width);
    let size = this.#width;
    for (const word of words) {
      let state = 0;
      for (const letter of word) {
        const at = state + this.#letter(letter.charCodeAt(0));
        if (next[at] === 0) {
          next[at] = size;
          size += this.#width;
        }
        state = next[at] ?? 0;
      }
      this.#ends.set(state, [...(this.#ends.get(state) ?? []), word]);
    }
    this.#next = next.slice(0, size);
    this.#link();
    this.#next = this.#next.map((state) => 2 * state + Number(this.#ends.has(state)));
  }

  /** The words that occur. Letters above Latin-1 may be taken for some of it: then one more is looked for in vain. */
  find(text: string): ReadonlySet<string> {
    const found = new Set<string>();
    const [letters, next] = [this.#letters, this.#next];
    let state = 0;
    for (let start = 0; start < text.length; start += piece.length) {
      const length = piece.write(start === 0 ? text : text.slice(start), "latin1");
      for (let at = 0; at < length; at++) {
        const to = next[state + (letters[piece[at] ?? 0] ?? 0)] ?? 0;
        state = to >>> 1;
        if ((to & 1) === 1) for (const word of this.#ends.get(state) ?? []) found.add(word);
      }
    }
    return found;
  }

  #letter(code: number): number {
    return this.#letters[code] ?? 0;
  }

  /** Has every state know where a letter leads that goes on with no word: to the longest beginning of one that it ends with. */
  #link(): void {
    const next = this.#next;
    const fallback = new Map<number, number>();
    const queue: number[] = [0];
    for (const state of queue) {
      const behind = fallback.get(state) ?? 0;
      const shorter = state === 0 ? undefined : this.#ends.get(behind);
      if (shorter !== undefined) this.#ends.set(state, [...(this.#ends.get(state) ?? []), ...shorter]);
      for (let letter = 0; letter < this.#width; letter++) {
        const child = next[state + letter] ?? 0;
        const otherwise = state === 0 ? 0 : (next[behind + letter] ?? 0);
        if (child === 0) next[state + letter] = otherwise;
        else {
          fallback.set(child, otherwise);
          queue.push(child);
        }
      }
    }
  }
}
