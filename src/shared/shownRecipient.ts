/**
 * How a person is shown, wherever one is: in chips, above Send, in lists, suggestions, questions and templates. A name is
 * whatever its writer liked; the address is where the mail goes.
 */

import { readableDomain } from "./addresses/punycode.ts";
import { oneLine } from "./foreignText.ts";

export interface Named {
  readonly name: string | null;
  readonly email: string;
}

/** A longer name would push the address out of sight. Characters. */
const LONGEST_NAME = 60;
/** More marks on one letter grow into the lines around it. No script in use needs them. */
const TALLEST = /(\p{M}{4})\p{M}+/gu;

/** An initial, as in `J.Smith`: its dot is no domain's. */
const INITIALS = /(?<![\p{L}\p{N}.-])(\p{Lu}\p{M}*\.)+(?=\p{Lu}\p{Ll})/gu;
/** What an address has and a name has not, with what looks like it. */
const LIKE_ADDRESS: readonly RegExp[] = [
  // The @, half of the brackets around an address, what looks like them, and what makes a web address.
  /@|<[^>]*$|^[^<]*>|[‹›〈〉⟨⟩❬❭❮❯❰❱˂˃ᐸᐳ]|:\/\//u,
  // Signs that pass for an @.
  /[ⓐⒶ🅐🅰🄰⒜🄐◎⊚⦾⌾]|a\u20dd/iu,
  // `(at)`, `-at-`, `[dot]`, ` dot ` within words. A country at the end, `Huber, Max (AT)`, is none.
  /[^\p{L}\p{N}\s&,.]\s*at\s*[^\p{L}\p{N}\s&,.]+\s*[\p{L}\p{N}]|\P{L}dot\P{L}+\p{L}/iu,
  // A domain, also with another dot.
  /[\p{L}\p{N}]\.\p{L}[\p{L}\p{N}-]|[\p{L}\p{N}][。ꓸ۔܁٠۰߀]\s?[a-z]{2}|[a-z\d](?!(?<=l)·l)[·‧∙⋅•・ꞏ⸱⸳]\s?[a-z]{2}/iu,
  // What mail programs decode, to whatever it says. https://www.rfc-editor.org/rfc/rfc2047#section-2
  /=\?[^?\s]+\?[bq]\?/i,
];

/**
 * A name without what cannot be seen; null where nothing is left to read, or where it would pass for an address, or for a
 * part of one.
 */
export function cleanName(name: string | null): string | null {
  const clean = oneLine(name ?? "").replace(TALLEST, "$1");
  const asRead = clean.normalize("NFKC").replace(INITIALS, "");
  const passesForAddress = LIKE_ADDRESS.some(
    (like) => like.test(clean.replace(INITIALS, "")) || like.test(asRead),
  );
  return passesForAddress || !/[\p{L}\p{N}]/u.test(asRead) ? null : clean;
}

/** The name as there is room for it; null where the address has to stand for the person. */
export function shownName({ name }: Pick<Named, "name">): string | null {
  const clean = cleanName(name);
  const letters = clean === null ? [] : [...clean];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join("").trimEnd()}…` : clean;
}

/** `ann@xn--mnchen-3ya.example (münchen.example)`: as it travels, and what it says where that is not the same. */
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
