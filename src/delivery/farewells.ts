/** Tells services of what is over: uploads that nobody wants any more, and drafts that nothing hangs on. */
import type { Account } from "../accounts.ts";
import { explain, type Log } from "../log.ts";
import type { MailService } from "../services/mailService.ts";
import { holderOf } from "./delivery.ts";
import type { DeliveryStore } from "./store.ts";

export interface FarewellsOptions {
  readonly store: DeliveryStore;
  readonly accounts: { find(id: string | null): Account | undefined };
  readonly serviceFor: (account: Account) => Promise<MailService>;
  readonly log: Log;
}

/** Saying that something is over must not hold anything up. */
const PATIENCE_MS = 10_000;

export class Farewells {
  readonly #options: FarewellsOptions;
  readonly #isDriven: (attachmentId: string) => boolean;
  readonly #underWay = new Set<Promise<void>>();

  /** @param isDriven true while work on an attachment is under way */
  constructor(options: FarewellsOptions, isDriven: (attachmentId: string) => boolean) {
    this.#options = options;
    this.#isDriven = isDriven;
  }

  /** Drops an attachment's session, and tells the service when there is something to tell. */
  async abandon(deliveryId: string, attachmentId: string): Promise<void> {
    const { store } = this.#options;
    const attachment = store.get(deliveryId).attachments.find(({ id }) => id === attachmentId);
    if (attachment === undefined) throw new Error(`No attachment ${attachmentId}`);
    const { size, session } = attachment;
    const target = await store.target(attachmentId);
    const draft = holderOf(store.get(deliveryId));
    store.apply(deliveryId, { type: "attachment", attachmentId, event: { type: "sessionDropped" } });
    await store.dropTarget(attachmentId);
    if (target === undefined && session === null) return;
    const leftover = { size, target, draft, attachmentId: session?.attachmentId ?? null };
    this.#bid(deliveryId, (service, signal) => service.cancel(leftover, signal));
  }

  /** Has the service delete its draft of a mail, unless something else hangs on it. */
  discardDraft(deliveryId: string): void {
    const { store } = this.#options;
    const { draft, attachments } = store.get(deliveryId);
    if (draft === null) return;
    if (attachments.some(({ id, session }) => session !== null || this.#isDriven(id))) return;
    store.apply(deliveryId, { type: "draftDropped" });
    this.#bid(deliveryId, async (service, signal) => await service.drafts?.discard(draft, signal));
  }

  /** Resolves when everything is said, or has failed to be. */
  async said(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never waits, never throws: who is not told finds out when the session runs out. */
  #bid(deliveryId: string, tell: (service: MailService, signal: AbortSignal) => Promise<void>): void {
    const { store, accounts, serviceFor, log } = this.#options;
    const account = accounts.find(store.get(deliveryId).accountId);
    if (account === undefined) return;
    const farewell = serviceFor(account)
      .then((service) => tell(service, AbortSignal.timeout(PATIENCE_MS)))
      .catch((reason: unknown) => log.info(`The service was not told of what is over: ${explain(reason)}`))
      .finally(() => this.#underWay.delete(farewell));
    this.#underWay.add(farewell);
  }
}
