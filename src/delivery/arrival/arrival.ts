/** What is known of a mail after it was sent: whether it bounced, and how far the inbox was read. Pure. */
import * as z from "zod";
import type { Phase } from "../../shared/contract/snapshot.ts";
import { lasting } from "../../shared/lasting.ts";
import { everybody, type OutgoingMessage } from "../../shared/message.ts";
import { addressKey } from "../../shared/recipients.ts";
import { RefusalReason } from "./refusal.ts";

export const ReturnNote = lasting({
  /** The recipient as in the mail; null if a report names nobody. */
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
  /** The `Message-ID` in every mail program; null if the service did not say. */
  messageId: z.string().nullable(),
  threadId: z.string().nullable(),
  /** Up to when the inbox was read, by the service's clock, or by ours if it does not tell its time. */
  readTo: z.number(),
  /** When it was read last, by our clock. */
  lookedAt: z.number().nullable(),
  /** The account may not read the inbox. */
  barred: z.boolean().default(false),
  returns: z.array(ReturnNote),
});
export type Arrival = z.infer<typeof Arrival>;

/** The part of a record that is needed here. */
interface SentMail {
  readonly phase: Phase;
  readonly message: OutgoingMessage | null;
  readonly finishedAt: number | null;
  readonly arrival: Arrival | null;
}

/** The result of reading the inbox. */
export interface InboxRead {
  readonly at: number;
  readonly readTo: number;
  readonly barred: boolean;
  readonly returns: readonly ReturnNote[];
}

/** How far the service's clock and ours may be off: what came a little earlier is read as well. */
const CLOCK_TOLERANCE_MS = 10 * 60_000;
/** After this, nothing comes back any more, or nobody waits for it. */
const WATCHED_MS = 48 * 3_600_000;
/** Most bounces come within this time: a mail whose inbox was not read since then still needs a look. */
const SOON_MS = 30 * 60_000;
/** A machine that was off may still take that look until then. */
const LATE_MS = 14 * 24 * 3_600_000;

/** @param sentAt milliseconds since the epoch, by the service's clock if it says so */
export function newArrival(
  sentAt: number,
  { messageId = null, threadId = null }: Partial<Pick<Arrival, "messageId" | "threadId">>,
): Arrival {
  const readTo = sentAt - CLOCK_TOLERANCE_MS;
  return { messageId, threadId, readTo, lookedAt: null, barred: false, returns: [] };
}

/** Adds what the inbox had: one note per recipient and action. */
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

/** Whom a mail did not reach, and why; each recipient once. */
export function refusals({ arrival }: Pick<SentMail, "arrival">): ReturnNote[] {
  const failed = arrival?.returns.filter(({ action }) => action === "failed") ?? [];
  return [...new Map(failed.map((note) => [note.email, note])).values()];
}

/** True while news of the mail may still come. @param now milliseconds since the epoch */
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

/** The addresses that the mail went to, each once. */
export function recipientsOf({ message }: Pick<SentMail, "message">): string[] {
  const emails = message === null ? [] : everybody(message).map(({ email }) => email);
  return [...new Map(emails.map((email) => [addressKey(email), email])).values()];
}
