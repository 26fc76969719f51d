/** Stops all work on a mail and forgets it. Services are told as soon as they can be reached. */
import { isHandedOver } from "../record/queries.ts";
import { tooLate } from "../send/tooLateError.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { ActParts } from "./actParts.ts";
import type { FileTurns } from "./fileTurns.ts";

type Parts = Pick<ActParts, "ownership" | "sending" | "remoteCleanup"> & { readonly turns: FileTurns };

export class Discards {
  readonly #store: DeliveryStore;
  readonly #parts: Parts;

  constructor(store: DeliveryStore, parts: Parts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** @throws FreightError `send-late` once it may be leaving */
  discard(deliveryId: string): Promise<void> {
    const { sending, ownership } = this.#parts;
    return sending.hold(deliveryId, () => ownership.during(deliveryId, () => this.#discard(deliveryId)));
  }

  async #discard(deliveryId: string): Promise<void> {
    const { sending, turns, remoteCleanup } = this.#parts;
    const delivery = this.#store.find(deliveryId);
    if (delivery === undefined) return;
    if (isHandedOver(delivery)) await sending.ended(deliveryId);
    const isOver = await sending.recall(deliveryId, () =>
      turns.haltAll(deliveryId, () => this.#note(deliveryId)),
    );
    if (!isOver) throw tooLate(this.#store.find(deliveryId));
    await remoteCleanup.noted(deliveryId);
  }

  #note(deliveryId: string): void {
    const { remoteCleanup } = this.#parts;
    const delivery = this.#store.get(deliveryId);
    // What the service has taken over stays there, and so do the files of a mail that may have been sent.
    if (!isHandedOver(delivery) && delivery.phase !== "unconfirmed") {
      for (const { id } of delivery.attachments)
        if (delivery.savedDraft?.links.includes(id) !== true) remoteCleanup.abandon(deliveryId, id);
      remoteCleanup.discardDraft(deliveryId, true);
    }
    this.#store.apply(deliveryId, { type: "discarded" });
    remoteCleanup.say(deliveryId);
  }
}
