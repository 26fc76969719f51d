/** The drafts that some services keep while files are added to them: one a mail, opened when first needed. */
import { Turns } from "../../base/turns.ts";
import type { Draft } from "../../services/drafts.ts";
import type { FileCarrier } from "../../services/mailService.ts";
import { holderOf } from "../record/queries.ts";
import { StoodStill } from "../store/disk/journal.ts";
import type { DeliveryStore } from "../store/store.ts";

/** Runs a request again while it fails in a way that passes. */
export type Repeat = <T>(operation: () => Promise<T>) => Promise<T>;

export class Drafts {
  readonly #store: DeliveryStore;
  /** One after another for each mail: files that are uploaded side by side share the draft that the first one opens. */
  readonly #lines = new Turns();

  constructor(store: DeliveryStore) {
    this.#store = store;
  }

  /**
   * The draft of a mail, opened when it has none, or its event; null at a service that needs none. That it is asked for is on disk
   * before the request, so that a draft whose answer was lost is found again.
   * @throws FreightError what the service says; an AbortError when `signal` ended it
   */
  async of(
    deliveryId: string,
    service: Pick<FileCarrier, "drafts">,
    signal: AbortSignal,
    repeat: Repeat,
  ): Promise<Draft | null> {
    const { drafts } = service;
    const holder = holderOf(this.#store.get(deliveryId));
    if (drafts === undefined || holder !== null) return holder;
    return this.#lines.take(deliveryId, async () => {
      signal.throwIfAborted();
      const known = this.#store.get(deliveryId);
      if (known.draft !== null) return known.draft;
      let asked = known.draftAsked;
      this.#store.apply(deliveryId, { type: "draftAsked" });
      await this.#store.flushed(deliveryId);
      const gate = () => this.#store.assertSure(deliveryId);
      const open = async (): Promise<Draft> => {
        const askedBefore = asked;
        asked = true;
        try {
          return await drafts.open(deliveryId, askedBefore, signal, gate);
        } catch (reason) {
          if (!(reason instanceof StoodStill)) throw reason;
          // Nothing has left, and another window may have discarded the mail since.
          await this.#store.assertOurs(deliveryId);
          signal.throwIfAborted();
          return open();
        }
      };
      const draft = await repeat(open);
      this.#store.apply(deliveryId, { type: "draftOpened", draft });
      await this.#store.flushed(deliveryId);
      return draft;
    });
  }
}
