/** How large a mail recipients' mailboxes take, learned from mails that came back as too large. Pure. */

import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { domainOf } from "../../shared/outsiders.ts";
import { messageBytes } from "../../shared/summary/sizeDoubts.ts";
import { recipientsOf, refusals } from "../arrival/arrival.ts";
import { limitIn } from "../arrival/refusal.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

/** How many domains are looked at, newest mails first: with older ones, a server may take more by now. */
const REMEMBERED = 100;
/** A mail that is too large comes back within this time; most do within a minute. */
const SOON_MS = 30 * 60_000;

/**
 * Each domain's limit by its newest refusal, in bytes of a whole message, unless a larger mail has arrived
 * since.
 * @param history newest first
 */
export function learnedLimits(history: readonly DeliveryRecord[]): NonNullable<PanelSnapshot["learned"]> {
  const learned = new Map<string, number>();
  for (const delivery of history) {
    if (learned.size >= REMEMBERED) break;
    if (delivery.arrival === null || delivery.arrival.returns.length === 0) continue;
    for (const { email, reason, words } of refusals(delivery)) {
      const domain = reason === "tooLarge" && email !== null ? domainOf(email) : undefined;
      if (domain === undefined || learned.has(domain)) continue;
      const sent = sentBytes(delivery);
      const told = limitIn(words);
      // If the server does not name its limit, it is less than what came back.
      learned.set(domain, told !== undefined && told < sent ? told : sent - 1);
    }
  }
  const proved = learned.size === 0 ? new Map<string, number>() : arrivedBytes(history, learned);
  return [...learned].flatMap(([domain, bytes]) =>
    bytes < (proved.get(domain) ?? 0) ? [] : [{ domain, bytes }],
  );
}

/** For each domain, the largest mail that arrived there after the newest one that came back as too large. */
function arrivedBytes(
  history: readonly DeliveryRecord[],
  learned: ReadonlyMap<string, number>,
): Map<string, number> {
  const arrived = new Map<string, number>();
  const isOver = new Set<string>();
  for (const mail of history) {
    const back = refusals(mail);
    for (const { email, reason } of back)
      if (reason === "tooLarge" && email !== null) isOver.add(domainOf(email) ?? "");
    for (const email of recipientsOf(mail)) {
      const domain = domainOf(email) ?? "";
      if (!learned.has(domain) || isOver.has(domain) || !isThere(mail, email)) continue;
      if (!back.some((note) => note.email === email || note.email === null))
        arrived.set(domain, Math.max(arrived.get(domain) ?? 0, sentBytes(mail)));
    }
  }
  return arrived;
}

/** Whether a mail arrived: by a receipt, or because a look after `SOON_MS` did not find that it came back. */
function isThere({ arrival, finishedAt }: DeliveryRecord, email: string): boolean {
  if (arrival === null || finishedAt === null || arrival.barred) return false;
  const hasReceipt = arrival.returns.some((note) => note.email === email && note.action === "delivered");
  return hasReceipt || (arrival.lookedAt ?? 0) >= finishedAt + SOON_MS;
}

/** The size of a mail as it travels, in bytes. */
export function sentBytes({ attachments, form }: Pick<DeliveryRecord, "attachments" | "form">): number {
  return messageBytes(
    attachments.filter(({ asLink }) => !asLink).map(({ size }) => size),
    Buffer.byteLength(form.body),
  );
}
