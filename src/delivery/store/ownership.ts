/**
 * Which mails this window works on. Every act of a person begins with a claim: it makes this window the mail's owner, or
 * makes sure that it still is, before anything is noted. Who was frozen for a while may have been replaced.
 */
import { FreightError } from "../../base/errors.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import { Tally } from "../../base/tally.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { mailName } from "../record/describeMail.ts";
import { isFinished } from "../record/queries.ts";
import type { Leases } from "./disk/lease.ts";
import { drivenElsewhere, ofAnotherVersion } from "./drivenElsewhere.ts";
import type { DeliveryStore } from "./store.ts";

export interface OwnershipOptions {
  readonly store: DeliveryStore;
  readonly leases: Leases;
  /** Tells the person of what nobody has asked for. */
  readonly tell?: (error: FreightError, deliveryId: string) => void;
  readonly log: Log;
}

export class Ownership implements Disposable {
  readonly #options: OwnershipOptions;
  readonly #endWork: (deliveryId: string) => void;
  readonly #onRetained: (deliveryId: string) => void;
  readonly #listening: Disposable;
  /** Claims that are under way, by delivery id. */
  readonly #claims = new Map<string, Promise<void>>();
  /** Mails that were handed over and are worked on all the same: this window stays their owner so long. */
  readonly #retained = new Tally();

  /**
   * @param endWork ends this window's uploads and sends of a mail, without a word to its record
   * @param onRetained something was done in a mail that may need no owner any more: it is looked at again
   */
  constructor(
    options: OwnershipOptions,
    endWork: (deliveryId: string) => void,
    onRetained: (deliveryId: string) => void,
  ) {
    this.#options = options;
    this.#endWork = endWork;
    this.#onRetained = onRetained;
    // A window that was replaced must not write over what the other one has done.
    options.store.fence(
      (id) => options.leases.confirm(id),
      (id) => this.holds(id),
      (id) => options.leases.isSure(id),
    );
    this.#listening = options.leases.onDidLose((id) => {
      this.#lost(id).catch((reason: unknown) => options.log.error(explain(reason)));
    });
  }

  /** Makes this window the owner of a mail that does not exist yet. @throws as `Leases.acquire` does */
  async begin(deliveryId: string): Promise<void> {
    await this.#options.leases.acquire(deliveryId);
  }

  holds(deliveryId: string): boolean {
    return this.#options.leases.holds(deliveryId);
  }

  /**
   * Makes this window the owner of a mail, from where the last owner left it, or confirms that it is. Acts that overlap
   * share one claim: none of them notes anything before the record is read.
   * @throws FreightError `driven-elsewhere`; an AbortError once this window closes
   */
  claim(deliveryId: string): Promise<void> {
    const running = this.#claims.get(deliveryId);
    if (running !== undefined) return running;
    const claim = this.#claim(deliveryId).finally(() => this.#claims.delete(deliveryId));
    this.#claims.set(deliveryId, claim);
    return claim;
  }

  async #claim(deliveryId: string): Promise<void> {
    const { store, leases, log } = this.#options;
    if (leases.holds(deliveryId)) return store.assertOurs(deliveryId);
    if (!(await leases.acquire(deliveryId)))
      throw drivenElsewhere(await leases.whereIs(deliveryId).catch(() => undefined)); // Only for the words.
    try {
      await store.adopt(deliveryId);
      if (store.isForeign(deliveryId)) throw ofAnotherVersion();
    } catch (reason) {
      // Who does not know how far the last owner came must not go on.
      await leases.release(deliveryId);
      throw reason;
    }
    // It was removed meanwhile: a lease of nothing would stay for good. One that was discarded is still worked on.
    if (!store.has(deliveryId)) return leases.release(deliveryId);
    await store.dropSpentTargets(deliveryId, true).catch((reason: unknown) => log.warn(explain(reason)));
  }

  /** Works on a mail that may need no owner else. */
  during<T>(deliveryId: string, work: () => Promise<T>): Promise<T> {
    const claimed = async () => {
      await this.claim(deliveryId);
      return work();
    };
    return this.retain([deliveryId], claimed).finally(() => this.#onRetained(deliveryId));
  }

  /** Gives mails that need no owner back only once this is over. */
  retain<T>(deliveryIds: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#retained.during(deliveryIds, work);
  }

  isRetained(deliveryId: string): boolean {
    return this.#retained.has(deliveryId);
  }

  /** Takes note of a record that some window has written. What this window owns it knows better. */
  async noticed(deliveryId: string): Promise<void> {
    if (!this.holds(deliveryId)) await this.#options.store.reload(deliveryId);
  }

  /** Removes the leases that windows that died have left, of mails that are gone or need no owner any more. */
  async tidy(): Promise<void> {
    const { store, leases } = this.#options;
    const isOver = (id: string) => isFinished(store.find(id) ?? { phase: "composing" });
    await leases.tidy((id) => store.isForeign(id) || (store.has(id) && !isOver(id)));
  }

  /** Leaves a mail to other windows. */
  async release(deliveryId: string): Promise<void> {
    await this.#options.leases.release(deliveryId);
  }

  /**
   * Takes no mail over any more, and gives every one back, each as soon as it is saved. One that cannot be saved within
   * `ms` milliseconds stays this window's: who took it over now would go on from what is not true any more.
   */
  async giveAllBack(ms: number): Promise<void> {
    const { store, leases } = this.#options;
    const late = AbortSignal.timeout(ms);
    const giveAllBack = async () => {
      await leases.close();
      const mails = [...store.list(), ...store.withCleanup()].map(async ({ id }) => {
        if (await store.persist(id, late)) await this.release(id);
      });
      await Promise.allSettled(mails);
    };
    await within(ms, giveAllBack());
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #lost(deliveryId: string): Promise<void> {
    const { store, leases, log, tell } = this.#options;
    log.warn(`Another window has taken ${deliveryId} over: work on it stops here.`);
    const delivery = store.find(deliveryId);
    // At once: this window may come to own it again before it has read what became of it.
    store.lost(deliveryId);
    this.#endWork(deliveryId);
    const where = await leases.whereIs(deliveryId).catch(() => undefined); // Only for the words.
    await store.adopt(deliveryId);
    if (delivery !== undefined && !isFinished(delivery)) tell?.(takenOver(delivery, where), deliveryId);
  }
}

/** @param where what people call the other window */
function takenOver(delivery: DeliveryRecord, where: string | undefined): FreightError {
  return new FreightError(
    "driven-elsewhere",
    where === undefined
      ? t(
          "“{0}” is now open in another window, because this one did not respond for a while. Continue there.",
          mailName(delivery),
        )
      : t(
          "“{0}” is now open in another window (“{1}”), because this one did not respond for a while. Continue there.",
          mailName(delivery),
          where,
        ),
  );
}

/** Resolves when `work` is over, or after so many milliseconds. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
