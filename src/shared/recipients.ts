/** What the panel shows of recipients besides their addresses: who is outside, and whom a few letters may mean. */
import type { Person } from "./contract.ts";
import { parseRecipients } from "./message.ts";

/** The domain of an account's address, however its label names it; undefined when there is none in it. */
export function domainOf(label: string): string | undefined {
  const [recipient] = parseRecipients(label).recipients;
  return recipient === undefined ? undefined : domainPart(recipient.email);
}

/**
 * True when the address belongs to another domain than ours. A domain and what lies below it count as one. Siblings do
 * not: `a.onmicrosoft.com` and `b.onmicrosoft.com` are two companies, and one mark too many harms nobody.
 */
export function isExternal(email: string, ownDomain: string): boolean {
  const theirs = domainPart(email);
  const ours = ownDomain.toLowerCase();
  return !(theirs === ours || theirs.endsWith(`.${ours}`) || ours.endsWith(`.${theirs}`));
}

function domainPart(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1).toLowerCase();
}

/** The people whose name or address has parts that begin with each word typed; otherwise in the order given. */
export function matchPeople(people: readonly Person[], typed: string, limit: number): Person[] {
  const words = normalize(typed).split(/\s+/).filter(Boolean);
  const rated = people.map((person) => ({ person, rating: rate(person, words) }));
  return rated
    .filter(({ rating }) => rating > 0)
    .sort((a, b) => b.rating - a.rating)
    .slice(0, limit)
    .map(({ person }) => person);
}

/** 0: no match · 1: somewhere · 2: where the name or the address begins. */
function rate({ name, email }: Person, words: readonly string[]): number {
  const wholes = [normalize(name ?? ""), normalize(email)];
  const parts = wholes.flatMap((whole) => [whole, ...whole.split(/[^\p{L}\p{N}]+/u)]);
  // With its @ a word can only be meant as the beginning of an address or of a domain.
  parts.push(normalize(email.slice(email.lastIndexOf("@"))));
  if (!words.every((word) => parts.some((part) => part.startsWith(word)))) return 0;
  return wholes.some((whole) => whole.startsWith(words.join(" "))) ? 2 : 1;
}

/** Without capitals and accents: who types "jur" finds Jürgen. */
function normalize(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
