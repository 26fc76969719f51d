/** What the engine does with a mail at its service once every file is there: it sends it, or saves it as a draft. */
import { FreightError, withoutDoubt } from "../../base/errors.ts";
import { type Draft, SavedDraftUnknown } from "../../services/drafts.ts";
import type { MailService, Receipt } from "../../services/mailService.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryEvent } from "../record/advance.ts";
import type { DeliveryRecord, SendRecord } from "../record/delivery.ts";

/** A try of an errand. */
export interface Try extends Pick<SendRecord, "idempotencyKey" | "body" | "startedAt"> {
  readonly draft: Draft | null;
  /** An earlier try may have succeeded, by this process or by one that is gone. */
  readonly isInDoubt: boolean;
  /** See `FrozenSend`. */
  readonly gate: () => void;
}

export interface Errand {
  /** "sending", for the log. */
  readonly name: string;
  /** Whether the protection against doing it twice runs out, as an idempotency key's does. */
  readonly ages: boolean;
  /** Whether an earlier try may have succeeded although nothing of this one has left. */
  readonly mayBeDone: boolean;
  run(next: Try, signal: AbortSignal): Promise<Receipt>;
  /** What a receipt says of a mail that was `sent` so. @param now milliseconds since the epoch */
  done(receipt: Receipt, sent: Pick<SendRecord, "keeper"> | null, now: number): DeliveryEvent;
  /** Whether it may be done although it failed. @param isInDoubt whether that was open before, or is now */
  leavesDoubt(error: FreightError, isInDoubt: boolean): boolean;
  /** What is said then. */
  unconfirmed(cause?: FreightError): FreightError;
}

/**
 * Sends a mail immediately, or hands it over to be sent later. The key protects each repetition.
 * @param elsewhere the service of the account that the mail was saved in, where it leaves from another one
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
      // After a try that may have succeeded the key, or the draft itself, tells.
      if (!isInDoubt) await withoutDoubt(assertUnsent(signal));
      return service.send({ ...next, mayBeOut: isInDoubt, saved }, signal);
    },
    done: ({ messageId, requestId, scheduleId, ...names }, sent, now) => {
      // A service that has sent it immediately gives it an id as a message.
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
 * Saves a mail among the drafts of its mailbox, once. No key protects a draft: after a try whose answer was lost the
 * service is asked for the draft before it is made again.
 */
export function saveErrand(delivery: DeliveryRecord, service: MailService): Errand {
  const { id: mark, draftAsked, createdAt } = delivery;
  const saved = savedAs(delivery)?.id;
  // Where the files are in a draft already, writing the letter into it again makes no second one; nor into a saved one.
  const makesDrafts = service.drafts === undefined && saved === undefined;
  return {
    name: "saving of the draft",
    ages: false,
    // Also when a person has looked and not found it: what they overlooked is not made twice.
    mayBeDone: makesDrafts && draftAsked,
    run: ({ body, startedAt, draft, isInDoubt, gate }, signal) =>
      service.saveDraft(
        // One of an earlier try may be as old as the mail.
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

/** What the mail was saved as in the mailbox that it leaves from; undefined: nothing. */
function savedAs({ savedDraft, accountId }: DeliveryRecord): Draft | undefined {
  return savedDraft === null || savedDraft.accountId !== accountId ? undefined : draftOf(savedDraft);
}

function draftOf({ id, internetMessageId }: NonNullable<DeliveryRecord["savedDraft"]>): Draft {
  return { kind: "message", id, internetMessageId };
}

/** A mailbox that is only looked at does not hold a mail up for longer. */
const PATIENCE_MS = 10_000;

/**
 * Asks once. @throws FreightError `saved-draft-lost` also where the mailbox cannot be asked, for whatever reason: it may
 * be why the account was left
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

/** Refusals of the mail itself: the answer that its key keeps. Not 413, which a gateway on the way may say as well. */
const SETTLED = new Set([400, 402, 409, 422]);

/**
 * A refusal of the mail itself settles earlier doubt; others (a rejected key, a busy service, a gateway) say nothing about
 * earlier tries.
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
