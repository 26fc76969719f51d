/** The page in the language that nobody speaks, and what a host would tell it. */
import type { PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { PSEUDO, pseudo, pseudoTexts, WORDS } from "../support/pseudo.ts";
import type { Language } from "./panelPage.ts";

export const pseudoLanguage: Language = { name: PSEUDO, texts: pseudoTexts };

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
