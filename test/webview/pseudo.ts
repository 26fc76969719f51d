/** A language that nobody speaks: with it in the page, whatever can still be read was not translated. */
import { packed, said } from "../../scripts/l10n.ts";
import type { PanelSnapshot } from "../../src/shared/contract.ts";
import type { Language } from "./panelPage.ts";

const LETTERS = "àƀçđéƒǧĥíĵķļɱñóþǫřšťúṽŵẋýž";

/** The text in letters that English has not, and 40 % longer; the places of values stay. */
export function pseudo(text: string): string {
  return text.replace(/\{\d\}|[A-Za-z]+/g, (word) => {
    if (word.startsWith("{")) return word;
    const letters = [...word.toLowerCase()].map((letter) => LETTERS[letter.charCodeAt(0) - 97]);
    return letters.join("") + "õ".repeat(Math.ceil(word.length * 0.4));
  });
}

/** All that the product says. Greek has no letter of English in its dates. */
export const pseudoLanguage: Language = {
  name: "el",
  texts: packed(Object.fromEntries([...said().texts.keys()].map((text) => [text, pseudo(text)]))),
};

/** Where a snapshot has the host's words; the rest are names, the person's own text, and what code compares. */
const WORDS = new Set(
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

/** What a host in that language would tell of the mail. */
export function inPseudo(view: PanelSnapshot): PanelSnapshot {
  const { accounts, form } = view;
  return { ...translated(view), accounts, form };
}

function translated<T>(value: T): T;
function translated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => translated(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, of]) => [key, WORDS.has(key) ? worded(of) : translated(of)]),
  );
}

function worded(value: unknown): unknown {
  if (typeof value === "string") return pseudo(value);
  return Array.isArray(value) ? value.map(worded) : translated(value);
}
