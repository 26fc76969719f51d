/** What the panel shows of recipients besides their addresses: who is outside, and whom a few letters may mean. */

import { isFreeMail } from "./addresses/freeMail.ts";
import type { Person } from "./contract/messages.ts";
import type { PanelSnapshot } from "./contract/snapshot.ts";
import { addressKey, asciiDomain, parseRecipients } from "./recipients.ts";
import { shownName, shownRecipient } from "./shownRecipient.ts";

/** Whom a mail may go to without another word. */
export interface Circle {
  /** What the account that the mail goes from is called; undefined without one. */
  readonly from: string | undefined;
  /** Addresses of one's own, and domains that the person has named as their own. */
  readonly ours: { readonly addresses: readonly string[]; readonly domains: readonly string[] };
  /** People who were written to before, under the names that they had there. */
  readonly known: readonly { readonly name: string | null; readonly email: string }[];
}

export function circleOf({
  accounts,
  accountId,
  ours,
  known,
}: Pick<PanelSnapshot, "accounts" | "accountId" | "ours" | "known">): Circle {
  return { from: accounts.find(({ id }) => id === accountId)?.label, ours, known };
}

/** The domain of an account's address, however its label names it; undefined when there is none in it. */
export function domainOf(label: string): string | undefined {
  const [recipient] = parseRecipients(label).recipients;
  return recipient === undefined ? undefined : domainPart(recipient.email);
}

/**
 * True when the address belongs to other people than ours. A domain and what lies below it count as one. Siblings do
 * not: `a.onmicrosoft.com` and `b.onmicrosoft.com` are two companies, and one mark too many harms nobody. Where anybody
 * gets a mailbox, only oneself is inside. False while nothing is known of ours.
 */
export function isOutside(email: string, { from, ours }: Omit<Circle, "known">): boolean {
  if (ours.addresses.some((own) => addressKey(own) === addressKey(email))) return false;
  const theirs = domainPart(email);
  if (ours.domains.some((domain) => isWithin(theirs, cleanDomain(domain)))) return false;
  const home = from === undefined ? undefined : domainOf(from);
  if (home === undefined) return ours.domains.length > 0;
  if (
    from !== undefined &&
    addressKey(parseRecipients(from).recipients[0]?.email ?? "") === addressKey(email)
  )
    return false;
  return isFreeMail(home) || isFreeMail(theirs) || !(isWithin(theirs, home) || isWithin(home, theirs));
}

/** True when the panel marks the address: somebody outside, where that tells some people from others. */
export function isMarkedOutside(email: string, circle: Omit<Circle, "known">): boolean {
  // From a mailbox such as anybody gets, everybody else is outside: a mark at each of them would say nothing.
  return (circle.ours.domains.length > 0 || homeOf(circle) !== undefined) && isOutside(email, circle);
}

/** The domain that those inside share with the sender; undefined where there is no such domain. */
export function homeOf({ from }: Pick<Circle, "from">): string | undefined {
  const domain = from === undefined ? undefined : domainOf(from);
  return domain === undefined || isFreeMail(domain) ? undefined : domain;
}

/** Somebody inside, who was written to under this name before. Without an account nobody is. */
export function isFamiliar({ name, email }: Circle["known"][number], circle: Circle): boolean {
  if (circle.from === undefined || isOutside(email, circle)) return false;
  return circle.known.some(
    (person) => addressKey(person.email) === addressKey(email) && person.name === name,
  );
}

/** The name alone where that is enough; else with the address. */
export function shownBriefly(person: Circle["known"][number], circle: Circle): string {
  return (isFamiliar(person, circle) ? shownName(person) : null) ?? shownRecipient(person);
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** As a person may write it into the setting: `@Example.com`, `*.example.com`. */
function cleanDomain(domain: string): string {
  return asciiDomain(domain.trim().replace(/^(\*?[@.])+/, "")).toLowerCase();
}

function domainPart(email: string): string {
  return email
    .slice(email.lastIndexOf("@") + 1)
    .toLowerCase()
    .replace(/\.$/, "");
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
