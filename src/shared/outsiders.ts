/** Which recipients are outside the sender's organization, and which of them are marked so while a mail is written. */

import { isFreeMail } from "./addresses/freeMail.ts";
import type { PanelSnapshot } from "./contract/snapshot.ts";
import { addressKey, asciiDomain, parseRecipients } from "./recipients.ts";
import { shownName, shownRecipient } from "./shownRecipient.ts";

/** What decides whether a recipient needs a remark. */
export interface Circle {
  /** The label of the account that the mail goes from; undefined without one. */
  readonly from: string | undefined;
  /** The person's own addresses, and the domains that they have named as their own. */
  readonly ours: { readonly addresses: readonly string[]; readonly domains: readonly string[] };
  /** People who were written to before, with the names used then. */
  readonly known: readonly { readonly name: string | null; readonly email: string }[];
  /** Whether the mail goes from the practice mailbox, whose domain is nobody's: everyone would be outside. */
  readonly isPractice?: boolean;
}

export function circleOf({
  accounts,
  accountId,
  ours,
  known,
  practice,
}: Pick<PanelSnapshot, "accounts" | "accountId" | "ours" | "known" | "practice">): Circle {
  const from = accounts.find(({ id }) => id === accountId)?.label;
  return { from, ours, known, isPractice: practice !== null };
}

/** The domain of the address in an account's label; undefined when there is none. */
export function domainOf(label: string): string | undefined {
  const [recipient] = parseRecipients(label).recipients;
  return recipient === undefined ? undefined : domainPart(recipient.email);
}

/**
 * True when the address belongs to somebody outside. A domain and its subdomains count as one; sibling
 * domains do not: `a.onmicrosoft.com` and `b.onmicrosoft.com` are two companies, and one mark too many harms
 * nobody. Where anybody can get a mailbox, only the sender is inside. False while we know no domain of ours.
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

/** True when the panel marks the address as outside, which it does where that sets recipients apart. */
export function isMarkedOutside(email: string, circle: Omit<Circle, "known">): boolean {
  if (circle.isPractice === true) return false;
  // From a mailbox that anybody can get, everybody else is outside: marking them all would say nothing.
  return (circle.ours.domains.length > 0 || homeOf(circle) !== undefined) && isOutside(email, circle);
}

/** The domain that insiders share with the sender; undefined where there is none. */
export function homeOf({ from }: Pick<Circle, "from">): string | undefined {
  const domain = from === undefined ? undefined : domainOf(from);
  return domain === undefined || isFreeMail(domain) ? undefined : domain;
}

/** True for somebody inside who was written to under this name before; without an account, for nobody. */
export function isFamiliar({ name, email }: Circle["known"][number], circle: Circle): boolean {
  if (circle.from === undefined || isOutside(email, circle)) return false;
  return circle.known.some(
    (person) => addressKey(person.email) === addressKey(email) && person.name === name,
  );
}

/** The name alone where that is enough, otherwise with the address. */
export function shownBriefly(person: Circle["known"][number], circle: Circle): string {
  return (isFamiliar(person, circle) ? shownName(person) : null) ?? shownRecipient(person);
}

/** Whether a domain is another one, or below it. */
export function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** Accepts what people write into the setting: `@Example.com`, `*.example.com`. */
function cleanDomain(domain: string): string {
  return asciiDomain(domain.trim().replace(/^(\*?[@.])+/, "")).toLowerCase();
}

/** What stands behind the "@", in small letters. */
export function domainPart(email: string): string {
  return email
    .slice(email.lastIndexOf("@") + 1)
    .toLowerCase()
    .replace(/\.$/, "");
}
