/** When a mail may leave later, and who keeps it until then. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";
import { LEAST_WAIT_MS } from "../shared/sendTimes.ts";
import type { Draft } from "./drafts.ts";

/** Where a scheduled mail waits. */
export const Schedule = lasting({
  /** The service's id for it; null when it gave none: then the mail cannot be cancelled. */
  id: z.string().nullable(),
  /** In milliseconds since the epoch. */
  sendAt: z.number(),
  /** "provider": the mail is among the drafts of the mailbox until then. */
  keeper: z.enum(["service", "provider"]),
});
export type Schedule = z.infer<typeof Schedule>;

/** What a service says about a scheduled mail. */
export interface ScheduleState {
  readonly state: "pending" | "sent" | "failed" | "unknown";
  /** Why it failed, in the service's words. */
  readonly reason?: string | undefined;
  /** The service's clock at that moment, in milliseconds since the epoch: ours may be wrong. */
  readonly now?: number | undefined;
}

/** A mail that is scheduled at the service, by us or by anybody else. */
export interface ListedSchedule extends ScheduleState {
  readonly id: string;
  /** In milliseconds since the epoch; null when the service does not say. */
  readonly sendAt: number | null;
}

/** A mail that should wait: what decides who keeps it until then. */
export interface Wait {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly now: number;
  /** When the service deletes the first of its files; null: not before it is sent, or not known yet. */
  readonly filesUntil: number | null;
}

/** Mail that is sent later. */
export interface Schedules {
  /** Who can keep a mail for that long. @throws FreightError `schedule-refused` with the reason */
  keeperOf(wait: Wait): Schedule["keeper"];
  /** Absent where only our own records know what is scheduled. */
  list?(signal: AbortSignal): Promise<readonly ListedSchedule[]>;
  look(schedule: Schedule, draft: Draft | null, signal: AbortSignal): Promise<ScheduleState>;
  /**
   * Cancels a scheduled mail and deletes its draft if it has one; resolves also when an earlier call already
   * did.
   * @param mark that of its `Departure`
   * @param gate called synchronously right before the request that cancels leaves; may throw
   * @returns true when a draft of it may still be in the mailbox
   * @throws FreightError `schedule-late` when it has been sent
   */
  cancel(
    schedule: Schedule,
    mark: string | null,
    draft: Draft | null,
    signal: AbortSignal,
    gate?: () => void,
  ): Promise<boolean>;
}

/** Nylas's minimum, and 5 s for the request. https://developer.nylas.com/docs/v3/email/schedule-send/ */
const LEAST_LEFT_MS = 2 * 60_000 + 5_000;

/** @throws FreightError `schedule-refused` when the service cannot keep the mail, or has no schedules */
export function mayWait(service: { readonly schedules?: Schedules }, wait: Wait): void {
  if (wait.at - wait.now < LEAST_WAIT_MS)
    throw refused(
      t("The mail must be scheduled at least 3 minutes from now. Choose a later time, or send it now."),
    );
  keeperOf(service, wait);
}

/**
 * Who keeps a mail whose files are uploaded.
 * @throws FreightError `schedule-refused` as `mayWait`, or when the upload took too long
 */
export function keeperOf({ schedules }: { readonly schedules?: Schedules }, wait: Wait): Schedule["keeper"] {
  if (schedules === undefined) throw refused(t("This account can only send immediately."));
  if (wait.at - wait.now < LEAST_LEFT_MS)
    throw refused(
      t("The scheduled time came before everything was uploaded. Send it now, or choose a later time."),
    );
  return schedules.keeperOf(wait);
}

function refused(message: string): FreightError {
  return new FreightError("schedule-refused", message);
}

export function tooLateToCancel(): FreightError {
  const words = t("It was too late: the mail has been sent.");
  return new FreightError("schedule-late", words, { mayHaveActed: true });
}
