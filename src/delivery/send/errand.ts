/** What the engine does with a mail once the service has every file: it sends it, or saves it as a draft. */
import { FreightError, withoutDoubt } from "../../base/errors.ts";
import { type Draft, SavedDraftUnknown } from "../../services/drafts.ts";
import type { MailService, Receipt } from "../../services/mailService.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryEvent } from "../record/advance.ts";
import type { DeliveryRecord, SendRecord } from "../record/delivery.ts";

/** One try of an errand. */
export interface Try extends Pick<SendRecord, "idempotencyKey" | "body" | "startedAt"> {
  readonly draft: Draft | null;
  /** An earlier try, by this process or a previous one, may have succeeded. */
  readonly isInDoubt: boolean;
  /** See `FrozenSend`. */
  readonly gate: () => void;
}

export interface Errand {
  /** For the log: "sending". */
  readonly name: string;
  /** Whether the protection against doing it twice expires, as an idempotency key's does. */
  readonly ages: boolean;
  /** Whether an earlier errand for this mail may have succeeded, although nothing of this one has left. */
  readonly mayBeDone: boolean;
  run(next: Try, signal: AbortSignal): Promise<Receipt>;
  /** The event for a receipt. @param sent what was sent @param now milliseconds since the epoch */
  done(receipt: Receipt, sent: Pick<SendRecord, "keeper"> | null, now: number): DeliveryEvent;
  /** Whether it may be done although it failed. @param isInDoubt whether any try so far may have succeeded */
  leavesDoubt(error: FreightError, isInDoubt: boolean): boolean;
  /** The error for that case. */
  unconfirmed(cause?: FreightError): FreightError;
}

/**
 * Sends a mail immediately, or schedules it at the service. The idempotency key makes repetitions safe.
 * @param elsewhere gets the service of the account where the mail was saved, if it leaves from another one
 */
export function sendErrand(
  delivery: DeliveryRecord,
  service: MailService,
  elsewhere: (signal: AbortSignal) => Promise<MailService>,
): Errand {
  const { purpose, savedDraft } = delivery;
  const saved = savedAs(delivery);
  const assertUnsent = async (signal: AbortSignal) => {
    if (saved !== undefined) await service.savedDrafts?.assertUnsent(saved, signal);
    else if (savedDraft !== null && savedDraft.isDoubtTold !== true)
      await assertUnsentElsewhere(draftOf(savedDraft), elsewhere, signal);
  };
  return {
    name: "sending",
    ages: true,
    mayBeDone: false,
    run: async ({ isInDoubt, ...next }, signal) => {
      // After a try that may have succeeded, the key or the draft itself shows whether it did.
      if (!isInDoubt) await withoutDoubt(assertUnsent(signal));
      return service.send({ ...next, mayBeOut: isInDoubt, saved }, signal);
    },
    done: ({ messageId, requestId, scheduleId, ...names }, sent, now) => {
      // A service that did not wait but sent it returns the id of a message.
      const waits = purpose.type === "later" && (scheduleId !== undefined || messageId === null);
      if (!waits) return { type: "sent", messageId, requestId, at: now, ...names };
      const schedule = { id: scheduleId ?? null, sendAt: purpose.at, keeper: sent?.keeper ?? "service" };
      return { type: "scheduled", schedule, requestId, at: now };
    },
    leavesDoubt: (error, isInDoubt) => isInDoubt && (error.mayHaveActed || !isSettled(error)),
    unconfirmed: (cause) =>
      unconfirmed(
        cause,
        "sendAgain",
        purpose.type === "later"
          ? t(
              "The connection was lost while the mail was being scheduled, and we could not confirm that the service has it. Check Scheduled Mails, Drafts and Sent Items before you send it again.",
            )
          : t(
              "The connection was lost while the mail was being sent, and we could not confirm that it was sent. Check Sent Items before you send it again.",
            ),
      ),
  };
}

/**
 * Saves a mail in the Drafts folder of its mailbox, once. Drafts have no idempotency key: if the answer to a
 * try was lost, the service is asked for the draft before another one is created.
 */
export function saveErrand(delivery: DeliveryRecord, service: MailService): Errand {
  const { id: mark, draftAsked, createdAt } = delivery;
  const saved = savedAs(delivery)?.id;
  // Writing again into a draft that has the files, or into a saved one, does not create a second draft.
  const makesDrafts = service.drafts === undefined && saved === undefined;
  return {
    name: "saving of the draft",
    ages: false,
    // Even if a person did not find the draft: if they overlooked it, it is not created twice.
    mayBeDone: makesDrafts && draftAsked,
    run: ({ body, startedAt, draft, isInDoubt, gate }, signal) =>
      service.saveDraft(
        // A draft from an earlier try may be as old as the mail.
        {
          body,
          startedAt: draftAsked ? createdAt : startedAt,
          draft,
          mark,
          mayBeThere: isInDoubt,
          saved,
          gate,
        },
        signal,
      ),
    done: ({ messageId, requestId }, _sent, now) => ({ type: "saved", messageId, requestId, at: now }),
    leavesDoubt: (_error, isInDoubt) => isInDoubt && makesDrafts,
    unconfirmed: (cause) =>
      unconfirmed(
        cause,
        "saveAgain",
        t(
          "The connection was lost while the draft was being saved, and we could not confirm that it was saved. Check Drafts before you save it again.",
        ),
      ),
  };
}

/** The draft that the mail was saved as in the mailbox that it leaves from, if any. */
function savedAs({ savedDraft, accountId }: DeliveryRecord): Draft | undefined {
  return savedDraft === null || savedDraft.accountId !== accountId ? undefined : draftOf(savedDraft);
}

function draftOf({ id, internetMessageId }: NonNullable<DeliveryRecord["savedDraft"]>): Draft {
  return { kind: "message", id, internetMessageId };
}

/** Checking another mailbox must not hold up a mail for longer. */
const PATIENCE_MS = 10_000;

/**
 * Asks once. @throws FreightError `saved-draft-lost` also when the mailbox cannot be asked, for whatever
 * reason: that may be why the person switched accounts
 */
async function assertUnsentElsewhere(
  draft: Draft,
  elsewhere: (signal: AbortSignal) => Promise<MailService>,
  signal: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const { drafts, savedDrafts } = await elsewhere(patience);
    await (drafts ?? savedDrafts)?.assertUnsent(draft, patience);
  } catch (reason) {
    signal.throwIfAborted();
    const isKnown = reason instanceof FreightError && reason.is("saved-draft-lost");
    throw isKnown ? reason : new SavedDraftUnknown(reason);
  }
}

/** Refusals of the mail itself, which the service keeps for its key. Not 413: gateways answer that, too. */
const SETTLED = new Set([400, 402, 409, 422]);

/**
 * A refusal of the mail itself shows that no earlier try succeeded; others (a rejected key, a busy service, a
 * gateway) say nothing about earlier tries.
 */
function isSettled(error: FreightError): boolean {
  if (error.isOwnWord && error.is("message-too-large", "recipients-refused", "provider-refused")) return true;
  return !error.is("bad-answer") && error.status !== undefined && SETTLED.has(error.status);
}

function unconfirmed(
  cause: FreightError | undefined,
  remedy: "sendAgain" | "saveAgain",
  message: string,
): FreightError {
  if (cause?.is("send-unconfirmed") === true) return cause;
  return new FreightError("send-unconfirmed", message, { cause, remedy, requestId: cause?.requestId });
}
