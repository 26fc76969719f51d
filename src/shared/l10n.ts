/**
 * What a person reads, in the language of VS Code. English stands in the code; `l10n/` has the other languages. Whatever is
 * said goes through here as a whole sentence: no other language joins pieces in the order in which English does.
 */

/** Texts of a language, by `textKey` of the English one. */
type Texts = Readonly<Record<string, string>>;
/** A number is written as the language writes it, "1,203"; what is no amount (a port, a year, a status) goes in as a string. */
type Value = string | number;

// Numbers are the same in both, but only Britain writes "30 Nov" and "a, b and c".
const ENGLISH = "en-GB";

let spoken = speech(ENGLISH, undefined);

function speech(locale: string, texts: Texts | undefined) {
  return {
    locale,
    texts,
    numbers: new Intl.NumberFormat(locale),
    short: new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }),
    plurals: new Intl.PluralRules(locale),
    lists: new Intl.ListFormat(locale),
  };
}

/**
 * Called once, before anything is said. Without texts it is English, with English dates and numbers.
 * @param language as VS Code names it: "de", "zh-cn"
 */
export function speak(language: string, texts: Texts | undefined): void {
  spoken = speech(texts === undefined ? ENGLISH : language, texts);
}

/** For `Intl`: the language that is spoken. */
export function locale(): string {
  return spoken.locale;
}

/** `t("{0} is too large for {1}.", name, provider)`. @param text written out in the call, where `npm run l10n` finds it */
export function t(text: string, ...values: readonly Value[]): string {
  // Thousands are said while a list is drawn: English needs no key.
  const said = spoken.texts?.[textKey(text)] ?? text;
  return values.length === 0 ? said : filled(said, values);
}

/** `plural(3, "{0} file for {1}", "{0} files for {1}", name)`: {0} is the count. */
export function plural(count: number, one: string, many: string, ...values: readonly Value[]): string {
  return t(spoken.plurals.select(count) === "one" ? one : many, count, ...values);
}

/** Three significant digits, "2.35", and never fewer than a whole number has. */
export function shortNumber(value: number): string {
  return value < 100 ? spoken.short.format(value) : String(Math.round(value));
}

/** "a, b and c" */
export function listOf(items: readonly string[]): string {
  return spoken.lists.format(items);
}

/** Sentences one after the other; empty ones are left out. */
export function sentences(...all: readonly (string | undefined)[]): string {
  const said = all.filter((sentence) => sentence !== undefined && sentence !== "");
  return said.join(/^(ja|zh)/.test(spoken.locale) ? "" : " ");
}

/** What is spoken now, for whoever speaks it elsewhere; undefined: English. */
export function spokenTexts(): Texts | undefined {
  return spoken.texts;
}

/** Stands between the texts of a bundle. No text has it. */
export const BETWEEN = "\u241e";

/** @param keys of all texts, in the order of the bundle's, with a space between two */
export function unpacked(keys: string, bundle: string): Texts {
  const texts = bundle.split(BETWEEN);
  return Object.fromEntries(keys.split(" ").map((key, at) => [key, texts[at] ?? ""]));
}

/**
 * What a text is found by: FNV-1a of 32 bits. The package has room for the keys once, and not for every English sentence in
 * each language. A test sees that no two texts share one.
 */
export function textKey(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}

function filled(text: string, values: readonly Value[]): string {
  return text.replace(/\{(\d)\}/g, (whole, at: string) => {
    const value = values[Number(at)];
    if (value === undefined) return whole;
    return typeof value === "number" ? spoken.numbers.format(value) : value;
  });
}
