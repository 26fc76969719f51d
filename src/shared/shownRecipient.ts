/**
 * How a person is shown everywhere: in chips, above Send, in lists, suggestions, questions and templates. A
 * name is whatever its writer chose; the address is where the mail goes.
 */

import { readableDomain } from "./addresses/punycode.ts";
import { oneLine } from "./foreignText.ts";

export interface Named {
  readonly name: string | null;
  readonly email: string;
}

/** In characters: a longer name would push the address out of sight. */
const LONGEST_NAME = 60;
/** More marks on one letter would reach into the lines around it; no script in use needs them. */
const TALLEST = /(\p{M}{4})\p{M}+/gu;

/** An initial, as in `J.Smith`: its dot is not that of a domain. */
const INITIALS = /(?<![\p{L}\p{N}.-])(\p{Lu}\p{M}*\.)+(?=\p{Lu}\p{Ll})/gu;
/** What is found in addresses but not in names, with its look-alikes. */
const LIKE_ADDRESS: readonly RegExp[] = [
  // The @, one of the brackets around an address, their look-alikes, and what makes a web address.
  /@|<[^>]*$|^[^<]*>|[‹›〈〉⟨⟩❬❭❮❯❰❱˂˃ᐸᐳ]|:\/\//u,
  // Characters that pass for an @.
  /[ⓐⒶ🅐🅰🄰⒜🄐◎⊚⦾⌾]|a\u20dd/iu,
  // `(at)`, `-at-`, `[dot]`, ` dot ` within words; not a country at the end, as in `Huber, Max (AT)`.
  /[^\p{L}\p{N}\s&,.]\s*at\s*[^\p{L}\p{N}\s&,.]+\s*[\p{L}\p{N}]|\P{L}dot\P{L}+\p{L}/iu,
  // A domain, also with another character for its dot.
  /[\p{L}\p{N}]\.\p{L}[\p{L}\p{N}-]|[\p{L}\p{N}][。ꓸ۔܁٠۰߀]\s?[a-z]{2}|[a-z\d](?!(?<=l)·l)[·‧∙⋅•・ꞏ⸱⸳]\s?[a-z]{2}/iu,
  // Encoded words: mail programs decode them to anything. https://www.rfc-editor.org/rfc/rfc2047#section-2
  /=\?[^?\s]+\?[bq]\?/i,
];

/**
 * A name without invisible characters; null where nothing readable is left, or where it could pass for an
 * address or part of one.
 */
export function cleanName(name: string | null): string | null {
  const clean = oneLine(name ?? "").replace(TALLEST, "$1");
  const asRead = clean.normalize("NFKC").replace(INITIALS, "");
  const passesForAddress = LIKE_ADDRESS.some(
    (like) => like.test(clean.replace(INITIALS, "")) || like.test(asRead),
  );
  return passesForAddress || !/[\p{L}\p{N}]/u.test(asRead) ? null : clean;
}

/** The name, shortened if necessary; null where the address has to stand for the person. */
export function shownName({ name }: Pick<Named, "name">): string | null {
  const clean = cleanName(name);
  const letters = clean === null ? [] : [...clean];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join("").trimEnd()}…` : clean;
}

/** `ann@xn--mnchen-3ya.example (münchen.example)`: the address, and its readable domain if that differs. */
export function shownAddress(email: string): string {
  const readable = readableDomain(email.slice(email.lastIndexOf("@") + 1));
  const address = oneLine(email);
  return readable === undefined ? address : `${address} (${readable})`;
}

/** `Ada Lovelace <ada@x.example>`, or the address alone. */
export function shownRecipient(person: Named): string {
  const name = shownName(person);
  return name === null ? shownAddress(person.email) : `${name} <${shownAddress(person.email)}>`;
}
