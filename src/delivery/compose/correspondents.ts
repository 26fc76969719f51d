/** Suggests recipients: people written to before, and a repository's authors. Pure; nothing is stored. */

import type { Form } from "../../shared/contract/form.ts";
import { MAX_PEOPLE, type Person } from "../../shared/contract/messages.ts";
import { everybody } from "../../shared/message.ts";
import { addressKey, parseRecipients, type Recipient, readEntries } from "../../shared/recipients.ts";
import { shownName } from "../../shared/shownRecipient.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { isPracticeMail } from "../record/practiceWords.ts";

/** One occasion on which somebody was written to, or made a commit. */
export interface Sighting {
  readonly name: string | null;
  readonly email: string;
  readonly at: number;
}

/** After this long a sighting counts half, so that recent recipients rank above formerly frequent ones. */
const HALF_LIFE_MS = 30 * 24 * 60 * 60_000;

/** The recipients of mails that were sent, are scheduled, or may have been sent. */
export function writtenTo(deliveries: readonly DeliveryRecord[]): Sighting[] {
  return deliveries.flatMap(({ phase, message, createdAt, finishedAt }) => {
    const mayBeOut = phase === "sent" || phase === "scheduled" || phase === "unconfirmed";
    if (message === null || !mayBeOut) return [];
    const at = finishedAt ?? createdAt;
    return everybody(message).map(({ name, email }) => ({ name, email, at }));
  });
}

/** A form's recipients who were written to before, under each name used then. Practice mails do not count. */
export function knownAmong(
  form: Pick<Form, "to" | "cc" | "bcc">,
  deliveries: readonly DeliveryRecord[],
): Recipient[] {
  const recipients = [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
  if (recipients.length === 0) return [];
  const wanted = new Set(recipients.map(({ email }) => addressKey(email)));
  const known = new Map<string, Recipient>();
  for (const { name, email } of writtenTo(deliveries.filter((delivery) => !isPracticeMail(delivery))))
    if (wanted.has(addressKey(email))) known.set(JSON.stringify([addressKey(email), name]), { name, email });
  return [...known.values()];
}

/**
 * Each person once, under the newest name, the most relevant first; people written to come before authors.
 * @param own the accounts' addresses, which are left out
 */
export function rankPeople(
  mails: readonly Sighting[],
  commits: readonly Sighting[],
  { now, own }: { readonly now: number; readonly own: readonly string[] },
): Person[] {
  const people = new Map<string, Person>();
  for (const [origin, sightings] of [
    ["mail", mails],
    ["history", commits],
  ] as const)
    for (const { name, email } of byWeight(sightings, now)) {
      const key = addressKey(email);
      const known = people.get(key);
      if (known === undefined) people.set(key, { name, email, origin });
      else if (known.name === null) people.set(key, { ...known, name });
    }
  for (const address of own) people.delete(addressKey(address));
  return [...people.values()].slice(0, MAX_PEOPLE);
}

function byWeight(sightings: readonly Sighting[], now: number): Sighting[] {
  const seen = new Map<string, { weight: number; newest: Sighting }>();
  for (const raw of sightings) {
    const sighting = { ...raw, name: shownName(raw) };
    if (!isReachable(sighting.email)) continue;
    const key = addressKey(sighting.email);
    const weight = 0.5 ** (Math.max(0, now - sighting.at) / HALF_LIFE_MS);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { weight, newest: sighting });
    else {
      known.weight += weight;
      const isBetter = known.newest.name === null || sighting.at > known.newest.at;
      if (sighting.name !== null && isBetter) known.newest = sighting;
    }
  }
  return [...seen.values()].sort((a, b) => b.weight - a.weight).map(({ newest }) => newest);
}

/** Whether a person probably reads mail to this address. */
function isReachable(email: string): boolean {
  if (/^(no-?reply|do-?not-?reply)(?=[@+.-])|\+noreply@|noreply\.github\.com$/i.test(email)) return false;
  const [entry, ...more] = readEntries(email);
  return more.length === 0 && entry?.recipient?.email === email;
}
