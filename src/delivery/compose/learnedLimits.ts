/** What recipients' mailboxes take, learned from mails that came back because they were too large. Pure. */

import { domainOf } from "../../shared/circle.ts";
import type { PanelSnapshot } from "../../shared/contract.ts";
import { messageBytes } from "../../shared/summary/arrival.ts";
import { refusals } from "../arrival/arrival.ts";
import { limitIn } from "../arrival/refusal.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

/** Those of the newest mails: a server may take more by now. */
const REMEMBERED = 100;

/** The newest word of each domain counts, in bytes of a whole message. @param history newest first */
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
      // Less than what came back, if the server does not say how much less.
      learned.set(domain, told !== undefined && told < sent ? told : sent - 1);
    }
  }
  return [...learned].map(([domain, bytes]) => ({ domain, bytes }));
}

/** What a mail is as it travels. */
export function sentBytes({ attachments, form }: Pick<DeliveryRecord, "attachments" | "form">): number {
  return messageBytes(
    attachments.filter(({ asLink }) => !asLink).map(({ size }) => size),
    Buffer.byteLength(form.body),
  );
}
