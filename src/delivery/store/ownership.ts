/**
 * Which mails this window works on. Before anything is noted, every act of a person begins with a claim: it
 * makes this window the mail's owner, or confirms that it still is. A window that was frozen may have been
 * replaced.
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
  /** Tells the person about an error that did not come from one of their acts. */
  readonly tell?: (error: FreightError, deliveryId: string) => void;
  readonly log: Log;
}

export class Ownership implements Disposable {
  readonly #options: OwnershipOptions;
  readonly #endWork: (deliveryId: string) => void;
  readonly #onRetained: (deliveryId: string) => void;
  readonly #listening: Disposable;
  /** Claims under way, by delivery id. */
  readonly #claims = new Map<string, Promise<void>>();
  /** Handed-over mails that are still being worked on: this window stays their owner meanwhile. */
  readonly #retained = new Tally();

  /**
   * @param endWork ends this window's uploads and sends of a mail without noting it in the record
   * @param onRetained called after work on a mail that may need no owner any more, to check it again
   */
  constructor(
    options: OwnershipOptions,
    endWork: (deliveryId: string) => void,
    onRetained: (deliveryId: string) => void,
  ) {
    this.#options = options;
    this.#endWork = endWork;
    this.#onRetained = onRetained;
    // A window that was replaced must not overwrite what the other one has done.
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
   * Makes this window the mail's owner, with the record as the last owner left it, or confirms that it is.
   * Overlapping acts share one claim, so that none of them notes anything before the record is read.
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
      throw drivenElsewhere(await leases.whereIs(deliveryId).catch(() => undefined)); // Only for the message.
    try {
      await store.adopt(deliveryId);
      if (store.isForeign(deliveryId)) throw ofAnotherVersion();
    } catch (reason) {
      // Without knowing how far the last owner got, this window must not go on.
      await leases.release(deliveryId);
      throw reason;
    }
    // Removed meanwhile: the lease of no mail would stay forever. A discarded mail may still have work left.
    if (!store.has(deliveryId)) return leases.release(deliveryId);
    await store.dropSpentTargets(deliveryId, true).catch((reason: unknown) => log.warn(explain(reason)));
  }

  /** Owns a mail while it is worked on, even if it needs no owner otherwise. */
  during<T>(deliveryId: string, work: () => Promise<T>): Promise<T> {
    const claimed = async () => {
      await this.claim(deliveryId);
      return work();
    };
    return this.retain([deliveryId], claimed).finally(() => this.#onRetained(deliveryId));
  }

  /** Keeps mails that need no owner from being released before `work` is over. */
  retain<T>(deliveryIds: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#retained.during(deliveryIds, work);
  }

  isRetained(deliveryId: string): boolean {
    return this.#retained.has(deliveryId);
  }

  /** Rereads a record that some window has written, unless this window owns the mail and so knows better. */
  async noticed(deliveryId: string): Promise<void> {
    if (!this.holds(deliveryId)) await this.#options.store.reload(deliveryId);
  }

  /** Removes leases that dead windows have left, of mails that are gone or need no owner any more. */
  async tidy(): Promise<void> {
    const { store, leases } = this.#options;
    const isOver = (id: string) => isFinished(store.find(id) ?? { phase: "composing" });
    await leases.tidy((id) => store.isForeign(id) || (store.has(id) && !isOver(id)));
  }

  /** Lets other windows own the mail. */
  async release(deliveryId: string): Promise<void> {
    await this.#options.leases.release(deliveryId);
  }

  /**
   * Stops taking mails over, and releases each one as soon as it is saved. One that cannot be saved within
   * `ms` milliseconds is not released: another window would continue it from an outdated record.
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
    // Immediately: this window may own the mail again before it has read the new record.
    store.lost(deliveryId);
    this.#endWork(deliveryId);
    const where = await leases.whereIs(deliveryId).catch(() => undefined); // Only for the message.
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

/** Resolves when `work` is over, or after `ms` milliseconds. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
