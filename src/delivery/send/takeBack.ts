/**
 * Makes a mail editable again: one that was saved, or one that is about to leave and has not left. One that is
 * scheduled: `scheduled.ts`.
 */
import { isEditable } from "../record/queries.ts";
import type { Ownership } from "../store/ownership.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { MailSending } from "./mailSending.ts";
import { tooLate } from "./tooLateError.ts";

/** The parts of the engine that it needs. */
export interface TakeBackParts {
  readonly ownership: Ownership;
  readonly sending: MailSending;
  /** Has the engine look at a mail again. */
  readonly kick: (deliveryId: string) => void;
}

export class TakeBack {
  readonly #store: DeliveryStore;
  readonly #parts: TakeBackParts;

  constructor(store: DeliveryStore, parts: TakeBackParts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** Reopens a mail that was saved as a draft; undefined for any other mail: there is nothing to wait for. */
  reopen(deliveryId: string): Promise<void> | undefined {
    const store = this.#store;
    const { ownership, sending, kick } = this.#parts;
    if (store.find(deliveryId)?.phase !== "saved") return undefined;
    return ownership.retain([deliveryId], async () => {
      if (store.find(deliveryId)?.phase !== "saved") return;
      // That it was saved may be on its way to the disk, after which this window would give it back.
      await sending.ended(deliveryId);
      await ownership.claim(deliveryId);
      store.apply(deliveryId, { type: "reopened" });
      kick(deliveryId);
    });
  }

  /**
   * Cancels "send when ready", and a send of which nothing has left.
   * @throws FreightError `send-late` once it may have left
   */
  withdraw(deliveryId: string): Promise<void> {
    const store = this.#store;
    const { ownership, sending } = this.#parts;
    return sending.hold(deliveryId, async () => {
      await ownership.claim(deliveryId);
      const known = store.find(deliveryId);
      if (known === undefined || isEditable(known) || known.event !== null) return;
      if (known.phase === "waiting" || known.phase === "sending")
        await sending.recall(deliveryId, () => {
          if (store.find(deliveryId)?.phase === "waiting") store.apply(deliveryId, { type: "sendWithdrawn" });
        });
      const now = store.find(deliveryId);
      if (now === undefined || !isEditable(now)) throw tooLate(now);
    });
  }
}
