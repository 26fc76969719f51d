// What is missing from the languages, and what in them nothing says any more: `npm run l10n`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BETWEEN, textKey } from "../src/shared/l10n.ts";
import { root } from "./vscode/layout.ts";

/** By the English text. */
export type Texts = Readonly<Record<string, string>>;

export interface Said {
  /** The English texts, with the files that say them. */
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** Calls whose text cannot be found without running them. */
  readonly hidden: readonly string[];
}

/** What the product says: the texts in the calls of `t` and `plural` in its source, and those in the walkthrough's pictures. */
export function said(): Said {
  const texts = new Map<string, string[]>();
  const hidden: string[] = [];
  const say = (text: string, path: string) => texts.set(text, [...(texts.get(text) ?? []), path]);
  for (const path of filesIn("src")) {
    if (!path.endsWith(".ts") || path.endsWith("/l10n.ts")) continue;
    const found = textsIn(readFileSync(join(root, path), "utf8"));
    hidden.push(...found.hidden.map((call) => `${path}: ${call}`));
    for (const text of found.texts) say(text, path);
  }
  for (const path of filesIn(PICTURES))
    for (const [, , text = ""] of readFileSync(join(root, path), "utf8").matchAll(PICTURE_TEXT))
      say(text, path);
  return { texts, hidden };
}

function filesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.map((name) => join(folder, name).replaceAll("\\", "/")).sort();
}

const PICTURES = "media/walkthrough";
const PICTURE_TEXT = /<text([^>]*)>([^<]*)<\/text>/g;

/**
 * A picture of the walkthrough in every language, by the name of its file: one for most of them, of which the browser that
 * shows it takes its own, and one for each with a region. Chromium compares two letters and no more, and who reads
 * Traditional Chinese would see Simplified. Which it is says `package.nls`.
 */
export function spokenPictures(
  name: string,
  svg: string,
  bundles: ReadonlyMap<string, Texts>,
): ReadonlyMap<string, string> {
  const [regional, plain] = [true, false].map((wanted) =>
    [...bundles].filter(([language]) => language.includes("-") === wanted),
  );
  const shared = svg.replace(PICTURE_TEXT, (english, attributes: string, text: string) => {
    const others = (plain ?? []).flatMap(([language, texts]) => {
      const words = texts[text] ?? text;
      return words === text ? [] : `<text systemLanguage="${language}"${attributes}>${words}</text>`;
    });
    return others.length === 0 ? english : `<switch>${others.join("")}${english}</switch>`;
  });
  const own = (regional ?? []).map(([language, texts]) => {
    const spoken = svg.replace(PICTURE_TEXT, (_, attributes: string, text: string) => {
      return `<text${attributes}>${texts[text] ?? text}</text>`;
    });
    return [pictureOf(name, language), spoken] as const;
  });
  return new Map([[name, shared], ...own]);
}

/** The file that a language shows. @param name of the picture in English */
export function pictureOf(name: string, language: string): string {
  return language.includes("-") ? name.replace(/(?=\.svg$)/, `.${language}`) : name;
}

/** The same of one file's text. */
export function textsIn(code: string): {
  readonly texts: readonly string[];
  readonly hidden: readonly string[];
} {
  const texts: string[] = [];
  const hidden: string[] = [];
  for (const call of code.matchAll(/(?<![\w.$#\\])(?:t|plural)\(/g)) {
    // Not in a comment, where docstrings have examples.
    const line = code.slice(code.lastIndexOf("\n", call.index) + 1, call.index);
    if (/^\s*(\*|\/[/*])|\s\/\/ /.test(line)) continue;
    const values = argumentsFrom(code, call.index + call[0].length);
    for (const value of call[0] === "t(" ? values.slice(0, 1) : values.slice(1, 3)) {
      const literals = value.trim().split(/(?<=")\s*\+\s*(?=")/);
      if (literals.every((literal) => /^"(?:[^"\\\n]|\\.)*"$/.test(literal)))
        texts.push(literals.map((literal) => String(JSON.parse(literal))).join(""));
      else hidden.push(`${call[0]}${value.trim()}`);
    }
  }
  return { texts, hidden };
}

/** Lines that put signs between values, which are other signs in other languages. Log lines and causes stay English. */
export function joinsIn(code: string): readonly string[] {
  const isJoined = /`[^`]*\}(?:[,:;] | \()[^`]*`|\.join\("[,:;] "\)/;
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => isJoined.test(line) && !/^(?:\*|\/[/*])|\blog\b.*\(|\bError\(/.test(line));
}

/** The arguments of a call, as they stand in the code. */
function argumentsFrom(code: string, start: number): string[] {
  const values = [""];
  let depth = 0;
  // Strings in one go: what looks like a bracket or a comma in them is none.
  const parts = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|[\s\S]/y;
  parts.lastIndex = start;
  for (let part = parts.exec(code); part !== null; part = parts.exec(code)) {
    const [sign] = part;
    if (/^[([{]$/.test(sign)) depth++;
    if (/^[)\]}]$/.test(sign) && depth-- === 0) break;
    if (sign === "," && depth === 0) values.push("");
    else values[values.length - 1] += sign;
  }
  return values.filter((value) => value.trim() !== "");
}

/** What each language says, by the name that VS Code has for it. */
export function bundles(): ReadonlyMap<string, Texts> {
  const names = readdirSync(join(root, "l10n"));
  const languages = names.flatMap((name) => /^bundle\.l10n\.(.+)\.json$/.exec(name)?.[1] ?? []);
  return new Map(languages.map((language) => [language, read(`l10n/${bundleName(language)}`)]));
}

/** @param name of a file at the root that holds texts by their keys */
export function read(name: string): Texts {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

/** The languages as the package holds them: the keys of all texts once, and each bundle in their order. */
export function packed(
  languages: Iterable<readonly [name: string, texts: Texts]>,
): ReadonlyMap<string, string> {
  const english = [...said().texts.keys()];
  const keys = english.map(textKey).join(" ");
  const inOrder = (texts: Texts) => english.map((text) => texts[text] ?? text).join(BETWEEN);
  return new Map([
    ["keys.txt", keys],
    ...[...languages].map(
      ([name, texts]) => [bundleName(name), JSON.stringify({ texts: inOrder(texts) })] as const,
    ),
  ]);
}

/** The name that VS Code looks for. */
const bundleName = (language: string) => `bundle.l10n.${language}.json`;

/**
 * What a translation got wrong, in words. Empty when it fits.
 * @param english the texts, or the names of those that `named` has
 */
export function faults(english: Iterable<string>, translated: Texts, named: Texts = {}): readonly string[] {
  const texts = new Set(english);
  const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");
  return [
    ...[...texts].filter((text) => !Object.hasOwn(translated, text)).map((text) => `missing: ${text}`),
    ...Object.keys(translated)
      .filter((text) => !texts.has(text))
      .map((text) => `nobody says: ${text}`),
    ...Object.entries(translated)
      .filter(([text, words]) => words === "" || places(named[text] ?? text) !== places(words))
      .map(([text, words]) => `other values: ${text} → ${words}`),
  ];
}

/** package.json with its English texts in it, as VS Code shows it. */
export function manifestInEnglish(): string {
  const texts = read("package.nls.json");
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  return manifest.replace(/"%([\w.-]+)%"/g, (whole, name: string) => JSON.stringify(texts[name] ?? whole));
}

/** What is wrong with a language in what VS Code itself reads, `package.nls.json` and its translations. */
export function nlsFaults(language: string): readonly string[] {
  const english = read("package.nls.json");
  return faults(Object.keys(english), read(`package.nls.${language}.json`), english);
}

if (import.meta.main) {
  const { texts, hidden } = said();
  console.log(`${texts.size} texts.`);
  for (const call of hidden) console.log(`not written out: ${call}`);
  for (const [language, translated] of bundles()) {
    const wrong = [...faults(texts.keys(), translated), ...nlsFaults(language)];
    console.log(`\n${language}: ${wrong.length === 0 ? "complete" : `${wrong.length} to mend`}`);
    for (const line of wrong) console.log(`  ${line}`);
  }
}
