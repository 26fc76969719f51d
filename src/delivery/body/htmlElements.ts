/** What HTML elements mean in a mail's text. Those not listed are dropped, but their text stays. */
import type { BodyTag } from "../../shared/contract/bodyTree.ts";

/** "plain": inline, without any formatting. */
type Meaning = BodyTag | "plain";

const MEANINGS = new Map<string, Meaning>([
  ...named("p", "p summary"),
  ...(["h1", "h2", "h3", "h4", "h5", "h6", "li", "dl", "dt", "dd", "blockquote", "hr"] as const).map(itself),
  ...(["table", "caption", "thead", "tr", "th", "td"] as const).map(itself),
  ...(["ol", "kbd", "sub", "sup", "a", "br", "img"] as const).map(itself),
  ...named("ul", "ul dir menu"),
  ...named("pre", "pre listing xmp"),
  ...named("tbody", "tbody tfoot"),
  ...named(
    "div",
    "div center details figure figcaption section article main header footer nav aside body html",
  ),
  ...named("div", "address fieldset form hgroup legend search"),
  ...named("code", "code samp tt"),
  ...named("strong", "strong b mark"),
  ...named("em", "em i cite dfn var"),
  ...named("s", "s del strike"),
  ...named("u", "u ins"),
  ...named("plain", "span font small big abbr picture q source wbr"),
]);
const INLINE = words("code kbd em strong s u sub sup a br img plain");
/** What a browser never shows, or does not show as its text. */
const HIDDEN = words(
  "audio canvas datalist defs desc dialog head iframe meter noembed noframes noscript progress rp script " +
    "style template title video",
);
/** Inside these, a browser looks only for their end tag. */
const RAW = words("iframe noembed noframes noscript script style textarea title xmp");
const VOID = words("area base br col embed hr img input link meta param source track wbr");

export const isHidden = (name: string) => HIDDEN.has(name);
export const isRaw = (name: string) => RAW.has(name);
export const isVoid = (name: string) => VOID.has(name);
/** Undefined if the element is dropped. */
export const meaningOf = (name: string) => MEANINGS.get(name);

/** True for elements on lines of their own. */
export function isBlock(name: string): boolean {
  const meaning = MEANINGS.get(name);
  return meaning !== undefined && !INLINE.has(meaning);
}

function itself(tag: BodyTag): [string, Meaning] {
  return [tag, tag];
}

function named(meaning: Meaning, names: string): [string, Meaning][] {
  return names.split(" ").map((name) => [name, meaning]);
}

function words(names: string): ReadonlySet<string> {
  return new Set(names.split(" "));
}
