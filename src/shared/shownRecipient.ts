/**
 * How a person is shown, wherever one is: in chips, above Send, in lists, suggestions, questions and templates. A name is
 * whatever its writer liked; the address is where the mail goes.
 */
import { oneLine } from "./foreignText.ts";
import { readableDomain } from "./punycode.ts";

export interface Named {
  readonly name: string | null;
  readonly email: string;
}

/** A longer name would push the address out of sight. Characters. */
const LONGEST_NAME = 60;
/** More marks on one letter grow into the lines around it. No script in use needs them. */
const TALLEST = /(\p{M}{4})\p{M}+/gu;

/**
 * A name without what cannot be seen; null where nothing is left to read, or where it would pass for an address: also one
 * whose @ only looks like it (`＠`, `(at)`), or that is a web address.
 */
export function cleanName(name: string | null): string | null {
  const clean = oneLine(name ?? "").replace(TALLEST, "$1");
  const asRead = clean.normalize("NFKC");
  const passesForAddress = /@|[([{]\s*at\s*[)\]}]|:\/\//i.test(asRead);
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
