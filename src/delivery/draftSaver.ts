/** Saves a mail whose files are all there among the drafts of its mailbox, once, and notes what came of it. */
import { asFreightError, FreightError, isCancellation, toSavedError } from "../errors.ts";
import { explain } from "../log.ts";
import { withRetries } from "../net/retry.ts";
import { blame } from "./blame.ts";
import type { Drafts } from "./drafts.ts";
import { freezeMail } from "./frozenMail.ts";
import type { SenderOptions, Sending } from "./sender.ts";

export class DraftSaver {
  readonly #options: SenderOptions;
  readonly #drafts: Drafts;
  /** Mails whose draft was lost once already: a service that loses it again has a fault of its own. */
  readonly #restarted = new Set<string>();

  constructor(options: SenderOptions, drafts: Drafts) {
    this.#options = options;
    this.#drafts = drafts;
  }

  /**
   * Never rejects: the outcome becomes part of the record. No key protects a draft: after a try whose answer was lost the
   * service is asked for the draft before it is made again.
   */
  async save({ deliveryId, service, resumed, signal }: Sending): Promise<void> {
    const { store, clock, newId, log, sleep, random } = this.#options;
    const delivery = store.get(deliveryId);
    // Also when a person has looked and not found it: what they overlooked is not made twice.
    let mayBeThere = resumed || delivery.draftAsked;
    try {
      const { body, keeper } = delivery.send ?? (await freezeMail(service, delivery, clock.now()));
      // One of an earlier try may be as old as the mail.
      const startedAt = delivery.draftAsked ? delivery.createdAt : clock.now();
      const send = delivery.send ?? { idempotencyKey: newId(), body, keeper, startedAt };
      const repeating = {
        signal,
        sleep,
        random,
        onWait: (error: FreightError) => {
          mayBeThere ||= error.mayHaveActed;
          log.warn(`The saving of the draft waits: ${explain(error)}`);
        },
      };
      const draft = await this.#drafts.of(deliveryId, service, signal, (open) =>
        withRetries(open, { ...repeating, onWait: () => {} }),
      );
      const attempt = async () => {
        store.apply(deliveryId, { type: "sendStarted", send });
        await store.flushed(deliveryId);
        const { startedAt } = send;
        return service.saveDraft({ body, startedAt, draft, mark: deliveryId, mayBeThere }, signal);
      };
      const { messageId, requestId } = await withRetries(attempt, repeating);
      store.apply(deliveryId, { type: "saved", messageId, requestId, at: clock.now() });
      await store.flushed(deliveryId);
      log.info(`Saved ${deliveryId} as a draft (request ${requestId ?? "unknown"})`);
    } catch (reason) {
      if (signal.aborted || isCancellation(reason)) return;
      if (store.get(deliveryId).phase === "saved") return; // Only the note of it could not be saved: the store says so.
      if (reason instanceof FreightError && reason.is("driven-elsewhere")) return; // It is the other one's now.
      log.error(`Saving the draft failed: ${explain(reason)}`);
      const error = asFreightError(reason);
      if (!mayBeThere && blame(store, deliveryId, error)) return;
      if (error.is("draft-lost") && !this.#restarted.has(deliveryId)) {
        // Nothing is lost but time: the files are uploaded again, and it is saved by itself.
        this.#restarted.add(deliveryId);
        store.apply(deliveryId, { type: "draftDropped" });
        return;
      }
      if (error.is("draft-lost")) {
        this.#restarted.delete(deliveryId);
        store.apply(deliveryId, { type: "draftDropped" });
      }
      const isInDoubt = (mayBeThere || error.mayHaveActed) && draftsAreMade(service);
      if (isInDoubt) store.apply(deliveryId, { type: "draftAsked" });
      store.apply(
        deliveryId,
        isInDoubt
          ? { type: "sendUnconfirmed", error: toSavedError(unconfirmed(error)) }
          : { type: "sendFailed", error: toSavedError(error) },
      );
    }
  }
}

/** Where the files are in a draft already, writing the letter into it again makes no second one. */
function draftsAreMade({ drafts }: Sending["service"]): boolean {
  return drafts === undefined;
}

function unconfirmed(cause: FreightError): FreightError {
  return new FreightError(
    "send-unconfirmed",
    "The connection broke while the draft was being saved, and nobody can tell whether it is there. " +
      "Look in Drafts before you save it again.",
    { cause, remedy: "saveAgain", requestId: cause.requestId },
  );
}
