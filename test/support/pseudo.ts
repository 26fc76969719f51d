/** A language that nobody speaks: whatever can still be read with it was not translated. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packed, read, said, type Texts } from "../../scripts/l10n.ts";
import { textKey } from "../../src/shared/l10n.ts";

/** Greek has no letter of English in its dates. */
export const PSEUDO = "el";

const LETTERS = "àƀçđéƒǧĥíĵķļɱñóþǫřšťúṽŵẋýž";

/** The text in letters that English has not, and 40 % longer; values, commands, icons and code stay. */
export function pseudo(text: string): string {
  return text.replace(/\{\d\}|\(command:[^)]*\)|\$\([\w~-]+\)|`[^`]*`|#[\w.]+#|[A-Za-z]+/g, (word) => {
    if (!/^[A-Za-z]/.test(word)) return word;
    const letters = [...word.toLowerCase()].map((letter) => LETTERS[letter.charCodeAt(0) - 97]);
    return letters.join("") + "õ".repeat(Math.ceil(word.length * 0.4));
  });
}

const all = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)]));

/** All that the product says, by the English texts. */
const bundle = all(Object.fromEntries([...said().texts.keys()].map((text) => [text, text])));

/** The same as a page gets it. */
export const pseudoTexts: Texts = Object.fromEntries(
  Object.entries(bundle).map(([text, words]) => [textKey(text), words]),
);

/** Where a snapshot has the host's words; the rest are names, the person's own text, and what code compares. */
export const WORDS: ReadonlySet<string> = new Set(
  [
    "headline",
    "label",
    "withdrawLabel",
    "retry",
    "without",
    "statusText",
    "detail",
    "pace",
    "message",
  ].concat(["reason", "words", "practice", "notice", "note", "provenance", "refused", "problem"]),
);

/** Has an installed extension speak it. */
export async function speakPseudo(folder: string): Promise<void> {
  for (const [name, text] of packed([[PSEUDO, bundle]]))
    await writeFile(join(folder, "dist/l10n", name), text);
  await writeFile(join(folder, `package.nls.${PSEUDO}.json`), JSON.stringify(all(read("package.nls.json"))));
}
