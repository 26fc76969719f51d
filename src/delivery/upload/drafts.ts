/** The drafts that some services need for adding files to: one per mail, opened when first needed. */
import { Turns } from "../../base/turns.ts";
import type { Draft } from "../../services/drafts.ts";
import type { FileCarrier } from "../../services/mailService.ts";
import { holderOf } from "../record/queries.ts";
import { StoodStill } from "../store/disk/journal.ts";
import type { DeliveryStore } from "../store/store.ts";

/** Runs a request, and repeats it while it fails for a temporary reason. */
export type Repeat = <T>(operation: () => Promise<T>) => Promise<T>;

export class Drafts {
  readonly #store: DeliveryStore;
  /** One at a time per mail: files that are uploaded in parallel share the draft that the first one opens. */
  readonly #lines = new Turns();

  constructor(store: DeliveryStore) {
    this.#store = store;
  }

  /**
   * What files are added to: the mail's draft, opened if there is none, or its event; null where the service
   * needs neither. It is on disk that a draft was asked for before the request leaves, so that the draft is
   * found again if the answer is lost.
   * @throws FreightError what the service says; an AbortError when `signal` is aborted
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
          // Nothing was sent, but another window may have discarded the mail since.
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
