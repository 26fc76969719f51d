/** What is known of a mail after it was sent: whether any of it came back, and how far anybody has looked. Pure. */
import * as z from "zod";
import type { Phase } from "../../shared/contract/snapshot.ts";
import { lasting } from "../../shared/lasting.ts";
import { everybody, type OutgoingMessage } from "../../shared/message.ts";
import { addressKey } from "../../shared/recipients.ts";
import { RefusalReason } from "./refusal.ts";

export const ReturnNote = lasting({
  /** As the mail names them; null where a report names nobody. */
  email: z.string().nullable(),
  /** "relayed": passed on to a server that gives no receipt. */
  action: z.enum(["failed", "delayed", "delivered", "relayed"]),
  reason: RefusalReason,
  /** What the server said, in one line. */
  words: z.string(),
  /** Milliseconds since the epoch, by our clock. */
  at: z.number(),
});
export type ReturnNote = z.infer<typeof ReturnNote>;

export const Arrival = lasting({
  /** Under which every mail program knows the mail; null where the service did not tell it. */
  messageId: z.string().nullable(),
  threadId: z.string().nullable(),
  /** Up to when the inbox was read, by the service's clock; by ours where the service has not told its time. */
  readTo: z.number(),
  /** When it was looked at last, by our clock. */
  lookedAt: z.number().nullable(),
  /** The mailbox may not be read. */
  barred: z.boolean().default(false),
  returns: z.array(ReturnNote),
});
export type Arrival = z.infer<typeof Arrival>;

/** The part of a record that this is about. */
interface SentMail {
  readonly phase: Phase;
  readonly message: OutgoingMessage | null;
  readonly finishedAt: number | null;
  readonly arrival: Arrival | null;
}

/** What came of a look at the inbox. */
export interface InboxRead {
  readonly at: number;
  readonly readTo: number;
  readonly barred: boolean;
  readonly returns: readonly ReturnNote[];
}

/** How far the service's clock, and ours, may be off: what came a little earlier is looked at as well. */
const CLOCK_TOLERANCE_MS = 10 * 60_000;
/** Nothing comes back any more, or nobody waits for it. */
const WATCHED_MS = 48 * 3_600_000;
/** By then most of what comes back has come: so long after the sending somebody has to have looked at all. */
const SOON_MS = 30 * 60_000;
/** A machine that was off until then may look once. */
const LATE_MS = 14 * 24 * 3_600_000;

/** @param sentAt by the service's clock where it has told that */
export function newArrival(
  sentAt: number,
  { messageId = null, threadId = null }: Partial<Pick<Arrival, "messageId" | "threadId">>,
): Arrival {
  const readTo = sentAt - CLOCK_TOLERANCE_MS;
  return { messageId, threadId, readTo, lookedAt: null, barred: false, returns: [] };
}

/** The same object when nothing new came of the look but that it was one. */
export function afterLook(arrival: Arrival, { at, readTo, barred, returns }: InboxRead): Arrival {
  const isNew = (note: ReturnNote) =>
    !arrival.returns.some(({ email, action }) => email === note.email && action === note.action);
  return {
    ...arrival,
    lookedAt: at,
    readTo: Math.max(arrival.readTo, readTo),
    barred,
    returns: [...arrival.returns, ...returns.filter(isNew)],
  };
}

/** Whom a mail did not reach, and why; each once, and nobody who has it by a receipt. */
export function refusals({ arrival }: Pick<SentMail, "arrival">): ReturnNote[] {
  const failed = arrival?.returns.filter(({ action }) => action === "failed") ?? [];
  return [...new Map(failed.map((note) => [note.email, note])).values()];
}

/** True while something may come back that nobody knows of yet. @param now milliseconds since the epoch */
export function isWatched(delivery: SentMail, now: number): boolean {
  const { phase, arrival, finishedAt, message } = delivery;
  if (phase !== "sent" || arrival === null || arrival.barred || finishedAt === null) return false;
  const isUnseen = (arrival.lookedAt ?? 0) < finishedAt + SOON_MS;
  if (now >= finishedAt + (isUnseen ? LATE_MS : WATCHED_MS)) return false;
  const isSettled = (email: string) =>
    arrival.returns.some(
      (note) => note.email === email && (note.action === "failed" || note.action === "delivered"),
    );
  return message === null || !recipientsOf(delivery).every(isSettled);
}

/** Addresses that the mail went to, each once. */
export function recipientsOf({ message }: Pick<SentMail, "message">): string[] {
  const emails = message === null ? [] : everybody(message).map(({ email }) => email);
  return [...new Map(emails.map((email) => [addressKey(email), email])).values()];
}
