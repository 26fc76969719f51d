/** Searches a text for secrets of all shapes. */
import { TOKEN_RULES } from "./gitleaksRules.ts";
import { PHRASE_LENGTH, PHRASE_LETTERS } from "./passwordShapes.ts";
import { SHAPES, WITH_VALUE } from "./secretShapes.ts";
import { hasStretch } from "./stretches.ts";
import { WordSearch } from "./wordSearch.ts";

/** Stands for a value in examples. */
const PLACEHOLDER =
  /^(?:[<$%{*[]|(?:your|my|some|the|an?)?[-_]?(?:x{3,}|pass(?:word|wd)?|pw|pwd|secret|token|key|user(?:name)?|example|changeme|placeholder|dummy|test(?:ing)?|foo|bar|null|none|undefined|true|false|\.{3})s?\d{0,3}(?:[-_]?(?:here|name|value|key))?['"]?$)/i;

/** Hosts in examples, and this machine's own. */
const NOBODYS_HOST =
  /^(?:127\.[\d.]+|\[?::1\]?|0\.0\.0\.0|(?:local)?host(?:name)?|server|example|proxy|db|database)$|(?:^|\.)(?:example|invalid|test|localhost|local)(?:\.(?:com|org|net))?$/i;

export interface Found {
  readonly what: string;
  /** Offsets in the text; `end` is after its last letter. */
  readonly at: number;
  readonly end: number;
}

/** Every text with a secret has one of these words, or a phrase. */
export const SECRET_WORDS: readonly string[] = [
  ...new Set([...SHAPES, ...WITH_VALUE, ...TOKEN_RULES].flatMap(([, words]) => words)),
];
const WORDS = new WordSearch(SECRET_WORDS);

export function hasPhrase(text: Uint8Array): boolean {
  return hasStretch(text, PHRASE_LETTERS, PHRASE_LENGTH);
}

/** The text in Latin-1; letters beyond that are in no secret. */
export function latin1Of(text: string): Buffer {
  return Buffer.from(text.replace(/[^\0-\xff]/g, "\0"), "latin1");
}

/**
 * The first kind of secret in a text, by its shape.
 * @param text of at most some ten thousand letters: this may run on the editor's thread, and no shape reads
 * far
 * @param bytes the text in Latin-1
 */
export function secretIn(text: string, bytes: Uint8Array = latin1Of(text)): Found | undefined {
  const present = WORDS.find(bytes);
  const isPhrase = hasPhrase(bytes);
  // True of most texts.
  if (present.size === 0 && !isPhrase) return undefined;
  const mayBe = ({ 1: words }: { readonly 1: readonly string[] }) =>
    words.length === 0 ? isPhrase : words.some((word) => present.has(word));
  for (const [what, , shape] of SHAPES.filter(mayBe)) {
    const found = shape.exec(text);
    if (found !== null) return { what, ...placeOf(found) };
  }
  for (const [what, , shape] of WITH_VALUE.filter(mayBe))
    for (const found of text.matchAll(shape)) {
      const [, value = "", host = ""] = found;
      if (!PLACEHOLDER.test(value) && !NOBODYS_HOST.test(host)) return { what, ...placeOf(found) };
    }
  for (const [what, , shape, entropy] of TOKEN_RULES.filter(mayBe)) {
    const found = shape.exec(text);
    if (found !== null && entropyOf(found[1] ?? found[0]) >= entropy) return { what, ...placeOf(found) };
  }
  return undefined;
}

/** Leaves out blanks and line breaks at the beginning of the match. */
function placeOf({ 0: found, index }: RegExpExecArray): Pick<Found, "at" | "end"> {
  return { at: index + (/^\s*/.exec(found)?.[0].length ?? 0), end: index + found.length };
}

/** Shannon's entropy in bits per letter: what a person has typed has less than what is random. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}
