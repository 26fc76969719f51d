/** Brings a mail back to where a person can write in it: one that was saved, and one that is to leave and has not. */
import { isEditable } from "../record/queries.ts";
import type { Ownership } from "../store/ownership.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { MailSending } from "./mailSending.ts";
import { tooLate } from "./tooLate.ts";

/** What of the engine it needs. */
export interface TakeBackParts {
  readonly ownership: Ownership;
  readonly sending: MailSending;
  /** Has a mail looked at again. */
  readonly kick: (deliveryId: string) => void;
}

export class TakeBack {
  readonly #store: DeliveryStore;
  readonly #parts: TakeBackParts;

  constructor(store: DeliveryStore, parts: TakeBackParts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** Goes on with a mail that was saved; undefined of any other: then nothing is waited for. */
  reopen(deliveryId: string): Promise<void> | undefined {
    const store = this.#store;
    const { ownership, sending, kick } = this.#parts;
    if (store.find(deliveryId)?.phase !== "saved") return undefined;
    return ownership.retain([deliveryId], async () => {
      if (store.find(deliveryId)?.phase !== "saved") return;
      // The note of it may be on its way to the disk, and the mail was about to need no owner.
      await sending.ended(deliveryId);
      await ownership.claim(deliveryId);
      store.apply(deliveryId, { type: "reopened" });
      kick(deliveryId);
    });
  }

  /**
   * Takes "send when ready" back, and a sending of which nothing has left.
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
