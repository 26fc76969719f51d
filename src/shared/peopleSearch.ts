/** Whom a person means by a few typed letters: the suggestions below a recipient field, and their order. */
import type { Person } from "./contract/messages.ts";

/** The people with a part of name or address that begins with each typed word; best first, then as given. */
export function matchPeople(people: readonly Person[], typed: string, limit: number): Person[] {
  const words = normalize(typed).split(/\s+/).filter(Boolean);
  const rated = people.map((person) => ({ person, rating: rate(person, words) }));
  return rated
    .filter(({ rating }) => rating > 0)
    .sort((a, b) => b.rating - a.rating)
    .slice(0, limit)
    .map(({ person }) => person);
}

/** 0: no match · 1: a match anywhere · 2: a match at the start of the name or the address. */
function rate({ name, email }: Person, words: readonly string[]): number {
  const wholes = [normalize(name ?? ""), normalize(email)];
  const parts = wholes.flatMap((whole) => [whole, ...whole.split(/[^\p{L}\p{N}]+/u)]);
  // A word with an @ can only be the start of an address or of a domain.
  parts.push(normalize(email.slice(email.lastIndexOf("@"))));
  if (!words.every((word) => parts.some((part) => part.startsWith(word)))) return 0;
  return wholes.some((whole) => whole.startsWith(words.join(" "))) ? 2 : 1;
}

/** Ignores case and accents: "jur" finds Jürgen. */
function normalize(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
