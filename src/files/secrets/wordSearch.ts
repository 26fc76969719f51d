/** Which of many words are in a text: all of them in one pass (Aho and Corasick), for there is no time for a pass each. */

/** Codes of ASCII; what lies above is no letter of a word. */
const CODES = 128;

export class WordSearch {
  /** The next state by state and letter; state 0 is the beginning. */
  readonly #next: Uint16Array;
  /** 1 for a state in which words end. */
  readonly #isEnd: Uint8Array;
  /** Those words, as indexes. */
  readonly #ends: readonly (readonly number[])[];
  readonly #words: readonly string[];

  /** @param words of ASCII, in small letters; capitals of the text count as small ones */
  constructor(words: readonly string[]) {
    this.#words = words;
    const trie: number[][] = [new Array<number>(CODES).fill(0)];
    const ends: number[][] = [[]];
    for (const [index, word] of words.entries()) {
      let state = 0;
      for (const letter of word) {
        const code = letter.charCodeAt(0);
        let to = trie[state]?.[code] ?? 0;
        if (to === 0) {
          to = trie.push(new Array<number>(CODES).fill(0)) - 1;
          ends.push([]);
          trie[state]?.splice(code, 1, to);
        }
        state = to;
      }
      ends[state]?.push(index);
    }
    this.#ends = ends;
    this.#next = link(trie, ends);
    this.#isEnd = Uint8Array.from(ends, ({ length }) => Math.min(1, length));
  }

  /** The words that occur. */
  find(text: string): ReadonlySet<string> {
    const found = new Set<string>();
    const next = this.#next;
    const isEnd = this.#isEnd;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const small = code >= 65 && code <= 90 ? code + 32 : code;
      state = small < CODES ? (next[state * CODES + small] ?? 0) : 0;
      if (isEnd[state] === 1)
        for (const index of this.#ends[state] ?? []) found.add(this.#words[index] ?? "");
    }
    return found;
  }
}

/** Has every state know where a letter leads that goes on with no word: to the longest beginning of one that it ends with. */
function link(trie: readonly (readonly number[])[], ends: number[][]): Uint16Array {
  const next = new Uint16Array(trie.length * CODES);
  const fallback = new Uint16Array(trie.length);
  const queue: number[] = [0];
  for (const state of queue) {
    const behind = fallback[state] ?? 0;
    if (state !== 0) for (const end of ends[behind] ?? []) ends[state]?.push(end);
    for (let code = 0; code < CODES; code++) {
      const child = trie[state]?.[code] ?? 0;
      const otherwise = state === 0 ? 0 : (next[behind * CODES + code] ?? 0);
      next[state * CODES + code] = child === 0 ? otherwise : child;
      if (child === 0) continue;
      fallback[child] = otherwise;
      queue.push(child);
    }
  }
  return next;
}
