/**
 * What a person reads, in VS Code's language. English is in the code, the other languages are in `l10n/`.
 * Every text goes through here as a whole sentence: no other language joins pieces in the order of English.
 */

/** The texts of a language, by `textKey` of the English text. */
type Texts = Readonly<Record<string, string>>;
/** A number is written as the language does, "1,203"; one that is no amount (a port, a year) is a string. */
type Value = string | number;

// Numbers are the same in the US, but only Britain writes "30 Nov" and "a, b and c".
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
 * Called once, before any text is made. Without texts it is English, with English dates and numbers.
 * @param language as VS Code names it: "de", "zh-cn"
 */
export function speak(language: string, texts: Texts | undefined): void {
  spoken = speech(texts === undefined ? ENGLISH : language, texts);
}

/** The current language, for `Intl`. */
export function locale(): string {
  return spoken.locale;
}

/** `t("{0} is too large for {1}.", name, provider)`. @param text a literal, for `npm run l10n` to find */
export function t(text: string, ...values: readonly Value[]): string {
  // Drawing a list makes thousands of texts: in English no key is computed for them.
  const said = spoken.texts?.[textKey(text)] ?? text;
  return values.length === 0 ? said : filled(said, values);
}

/** `plural(3, "{0} file for {1}", "{0} files for {1}", name)`: {0} is the count. */
export function plural(count: number, one: string, many: string, ...values: readonly Value[]): string {
  return t(spoken.plurals.select(count) === "one" ? one : many, count, ...values);
}

/** Three significant digits, "2.35", but all digits of a larger whole number. */
export function shortNumber(value: number): string {
  return value < 100 ? spoken.short.format(value) : String(Math.round(value));
}

/** "a, b and c" */
export function listOf(items: readonly string[]): string {
  return spoken.lists.format(items);
}

/** Joins sentences, leaving out empty ones. */
export function sentences(...all: readonly (string | undefined)[]): string {
  const said = all.filter((sentence) => sentence !== undefined && sentence !== "");
  return said.join(/^(ja|zh)/.test(spoken.locale) ? "" : " ");
}

/** The current texts, for the page and the threads to use as well; undefined: English. */
export function spokenTexts(): Texts | undefined {
  return spoken.texts;
}

/** Separates the texts of a bundle; no text contains it. */
export const BETWEEN = "\u241e";

/** @param keys of all texts in the order of the bundle's, separated by spaces */
export function unpacked(keys: string, bundle: string): Texts {
  const texts = bundle.split(BETWEEN);
  return Object.fromEntries(keys.split(" ").map((key, at) => [key, texts[at] ?? ""]));
}

/**
 * The key of a text: FNV-1a, 32 bits. The package contains these keys once, instead of every English sentence
 * in each language. A test checks that no two texts have the same key.
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
