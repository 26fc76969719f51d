/** What becomes of a mail by time alone: sessions that run out, and when what is said of it is no longer true. */
import { EXPIRY_WARNING_MS } from "../../shared/sessionExpiry.ts";
import type { DeliveryRecord } from "./delivery.ts";
import { isEditable, isFinished, isOpen } from "./queries.ts";

/** A session that the service will drop. */
export interface EndingSession {
  /** Ours, of the attachment. */
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Sessions of files that wait for a person to press Send; the first to go first. */
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

/** Those of them that the service will drop soon. */
export function expiringSoon(delivery: DeliveryRecord, now: number): EndingSession[] {
  return unsentSessions(delivery).filter(
    ({ expiresAt }) => expiresAt > now && expiresAt - EXPIRY_WARNING_MS <= now,
  );
}

/**
 * The next moment at which the clock alone makes what is said of a mail untrue; undefined while nothing depends on it.
 * @param now milliseconds since the epoch, as the result
 */
export function nextTurn(delivery: DeliveryRecord, now: number): number | undefined {
  const { phase, attachments, leavesAt, sendWait, schedule } = delivery;
  // A wait counts down in words: the next second has others.
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
    // "today at 14:32"
    ...(isFinished(delivery) || phase === "scheduled" ? [new Date(now).setHours(24, 0, 0, 0)] : []),
  ]
    .filter((at) => at > now)
    .sort((a, b) => a - b);
  return next;
}

/** Countdowns say minutes, and seconds near the end. */
const LOOK_MS = 10_000;
const LAST_MINUTES_MS = 2 * 60_000;
const LAST_MINUTES_LOOK_MS = 1_000;

/** After how long a list of mails may say something else by time alone. @param now milliseconds since the epoch */
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
