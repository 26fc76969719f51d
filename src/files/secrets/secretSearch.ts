/** Looks for secrets in a text, by all of the shapes. */
import { TOKEN_RULES } from "./gitleaksRules.ts";
import { PHRASE_LENGTH, PHRASE_LETTERS } from "./passwordShapes.ts";
import { SHAPES, WITH_VALUE } from "./secretShapes.ts";
import { hasStretch } from "./stretches.ts";
import { WordSearch } from "./wordSearch.ts";

/** Stands for a value where others show how to write one. */
const PLACEHOLDER =
  /^(?:[<$%{*[]|(?:your|my|some|the|an?)?[-_]?(?:x{3,}|pass(?:word|wd)?|pw|pwd|secret|token|key|user(?:name)?|example|changeme|placeholder|dummy|test(?:ing)?|foo|bar|null|none|undefined|true|false|\.{3})s?\d{0,3}(?:[-_]?(?:here|name|value|key))?['"]?$)/i;

/** Hosts of examples, and of the machine that everybody has. */
const NOBODYS_HOST =
  /^(?:127\.[\d.]+|\[?::1\]?|0\.0\.0\.0|(?:local)?host(?:name)?|server|example|proxy|db|database)$|(?:^|\.)(?:example|invalid|test|localhost|local)(?:\.(?:com|org|net))?$/i;

export interface Found {
  readonly what: string;
  /** Of the text, from 0; `end`: behind its last letter. */
  readonly at: number;
  readonly end: number;
}

/** Each text with a secret has one of them, or a phrase. */
export const SECRET_WORDS: readonly string[] = [
  ...new Set([...SHAPES, ...WITH_VALUE, ...TOKEN_RULES].flatMap(([, words]) => words)),
];
const WORDS = new WordSearch(SECRET_WORDS);

export function hasPhrase(text: Uint8Array): boolean {
  return hasStretch(text, PHRASE_LETTERS, PHRASE_LENGTH);
}

/** Byte for byte; letters that Latin-1 has not are none of a secret. */
export function latin1Of(text: string): Buffer {
  return Buffer.from(text.replace(/[^\0-\xff]/g, "\0"), "latin1");
}

/**
 * The first kind of secret that a text holds, as far as its shape tells.
 * @param text of at most some ten thousand letters: it may be read on the editor's thread, and no shape reads far
 * @param bytes the text in Latin-1
 */
export function secretIn(text: string, bytes: Uint8Array = latin1Of(text)): Found | undefined {
  const present = WORDS.find(bytes);
  const isPhrase = hasPhrase(bytes);
  // So it is with most of the texts.
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

/** Without the blanks and line breaks that a shape begins with. */
function placeOf({ 0: found, index }: RegExpExecArray): Pick<Found, "at" | "end"> {
  return { at: index + (/^\s*/.exec(found)?.[0].length ?? 0), end: index + found.length };
}

/** Shannon's, in bits a letter: what was typed by a person has less than what was drawn by lot. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}
