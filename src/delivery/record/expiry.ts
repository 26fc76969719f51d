/** What changes about a mail with time alone: sessions expire, and what is shown of it becomes outdated. */
import { EXPIRY_WARNING_MS } from "../../shared/sessionExpiry.ts";
import type { DeliveryRecord } from "./delivery.ts";
import { isEditable, isFinished, isOpen } from "./queries.ts";

/** A session with an expiry. */
export interface EndingSession {
  /** Our id of the attachment. */
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sessions of files that wait for a person to press Send; the first to expire comes first. */
export function unsentSessions({
  phase,
  attachments,
}: Pick<DeliveryRecord, "phase" | "attachments">): EndingSession[] {
  if (!isEditable({ phase })) return [];
  return attachments
    .flatMap(({ id, status, session }) =>
      status === "ready" && session !== null && session.expiresAt !== null
        ? [{ id, createdAt: session.createdAt, expiresAt: session.expiresAt }]
        : [],
    )
    .sort((a, b) => a.expiresAt - b.expiresAt);
}

/** Those of them that expire soon. */
export function expiringSoon(delivery: DeliveryRecord, now: number): EndingSession[] {
  return unsentSessions(delivery).filter(
    ({ expiresAt }) => expiresAt > now && expiresAt - EXPIRY_WARNING_MS <= now,
  );
}

/**
 * When time alone next makes what is shown of a mail outdated; undefined if it never does.
 * @param now in milliseconds since the epoch, as is the result
 */
export function nextTurn(delivery: DeliveryRecord, now: number): number | undefined {
  const { phase, attachments, leavesAt, sendWait, schedule } = delivery;
  // A wait is shown as a countdown, which changes every second.
  const isCounting =
    leavesAt !== undefined ||
    (sendWait !== undefined && sendWait.until > now) ||
    attachments.some(({ flight }) => flight?.waiting !== undefined);
  const ends = attachments.flatMap(({ session }) => session?.expiresAt ?? []);
  const [next] = [
    ...(isCounting ? [now + 1_000] : []),
    ...(isOpen(delivery) ? ends.flatMap((at) => [at - EXPIRY_WARNING_MS, at]) : []),
    ...(isFinished(delivery) ? attachments.flatMap(({ link }) => link?.until ?? []) : []),
    ...(phase === "scheduled" && schedule !== null ? [schedule.sendAt] : []),
    // At midnight: "today at 14:32" becomes wrong.
    ...(isFinished(delivery) || phase === "scheduled" ? [new Date(now).setHours(24, 0, 0, 0)] : []),
  ]
    .filter((at) => at > now)
    .sort((a, b) => a - b);
  return next;
}

/** Countdowns show minutes, and seconds near the end. */
const LOOK_MS = 10_000;
const LAST_MINUTES_MS = 2 * 60_000;
const LAST_MINUTES_LOOK_MS = 1_000;

/** When to refresh a list of mails, in milliseconds from now. @param now milliseconds since the epoch */
export function lookAgainMs(deliveries: readonly DeliveryRecord[], now: number): number {
  const isNear = deliveries
    .filter((delivery) => !isFinished(delivery))
    .flatMap(({ attachments }) => attachments)
    .some(({ session }) => {
      const leftMs = (session?.expiresAt ?? 0) - now;
      return leftMs > 0 && leftMs < LAST_MINUTES_MS;
    });
  const turns = deliveries.flatMap((delivery) => nextTurn(delivery, now) ?? []);
  return turns.reduce((soonest, at) => Math.min(soonest, at - now), isNear ? LAST_MINUTES_LOOK_MS : LOOK_MS);
}
