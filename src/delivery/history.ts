/** Forgets mails that were sent long ago, unless the clock that says so may be wrong. */
import { FreightError } from "../base/errors.ts";
import { explain } from "../base/log.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import type { DeliveryRecord } from "./record/delivery.ts";
import { isFinished } from "./record/queries.ts";

type Options = Pick<EnginePorts, "store" | "clock" | "memory" | "log">;

const HOUR_MS = 3_600_000;
/** A clock is believed if it is at most this far ahead of the newest record. */
const NEAR_MS = 48 * HOUR_MS;
/** It is also believed if it was read before, at least this long ago, and has advanced plausibly since. */
const ANOTHER_DAY_MS = 20 * HOUR_MS;
const PLAUSIBLE_MS = 14 * 24 * HOUR_MS;
const SEEN_KEY = "clockSeenAt";

/**
 * A clock can be a year ahead until it is corrected: after an empty battery, or when a machine is restored
 * from a snapshot. Believing it would forget the whole history.
 */
export class History {
  readonly #options: Options;
  readonly #forget: (deliveryId: string) => Promise<void>;

  constructor(options: Options, forget: (deliveryId: string) => Promise<void>) {
    this.#options = options;
    this.#forget = forget;
  }

  /** Forgets mails that were sent or saved before an instant, in milliseconds since the epoch. Others stay. */
  async forgetOlder(before: number): Promise<void> {
    const { store, log } = this.#options;
    const old = store
      .list()
      .filter((delivery) => isFinished(delivery) && (delivery.finishedAt ?? before) < before);
    if (!(await this.#isBelieved(before))) return;
    await store.tidy(this.#options.clock.now());
    for (const { id } of old)
      await this.#forget(id).catch((reason: unknown) => {
        // Another window owns it: that window, or the next call, forgets it. Go on with the others.
        if (!(reason instanceof FreightError && reason.is("driven-elsewhere"))) log.warn(explain(reason));
      });
  }

  async #isBelieved(before: number): Promise<boolean> {
    const { store, clock, memory } = this.#options;
    const now = clock.now();
    const seen = memory?.get(SEEN_KEY);
    const passed = typeof seen === "number" ? now - seen : -1;
    if (passed < 0 || passed >= ANOTHER_DAY_MS) await memory?.update(SEEN_KEY, now);
    // Nobody asks to forget the future: one of the two times must be wrong.
    if (before > now + HOUR_MS) return false;
    const isPlausible = passed >= ANOTHER_DAY_MS && passed <= PLAUSIBLE_MS;
    return isPlausible || now - newestOf(store.list(), now) <= NEAR_MS;
  }
}

/** The latest time in the records that is not in the future; 0 if there is none. */
function newestOf(deliveries: readonly DeliveryRecord[], now: number): number {
  const instants = deliveries.flatMap(({ createdAt, finishedAt }) => [createdAt, finishedAt ?? createdAt]);
  return instants.reduce((newest, at) => (at <= now ? Math.max(newest, at) : newest), 0);
}
