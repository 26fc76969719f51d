/** Looks around every few seconds: for mails that another window has left alone, and whether the machine has slept. */

import type { Clock } from "../base/clock.ts";
import { asFreightError } from "../base/errors.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { explain, type Log } from "../base/log.ts";
import { isUnfinished } from "./record/queries.ts";
import { SleepWatch } from "./sleepWatch.ts";
import type { Leases } from "./store/disk/lease.ts";
import type { DeliveryStore } from "./store/store.ts";

export interface TakeoverOptions {
  readonly store: DeliveryStore;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is done about what is seen. */
export interface TakeoverWork {
  /** Makes this window a mail's driver, and goes on with it. @throws FreightError `driven-elsewhere` */
  takeOver(deliveryId: string): Promise<void>;
  /** Connections are dead after a sleep: begins anew what has some. */
  wake(): void;
  /** Asks about mails that wait at their service, when it is time to. */
  askScheduled(): Promise<void>;
  /** Looks whether mails came back, when it is time to. */
  lookForReturns(): Promise<void>;
}

/** Between two looks. When a window counts as gone: `store/disk/holderWatch.ts`. */
const EVERY_MS = 5_000;

export class Takeover implements Disposable {
  readonly #options: TakeoverOptions;
  readonly #work: TakeoverWork;
  readonly #sleepWatch: SleepWatch;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Unset while nothing is being taken over. */
  #taking: Promise<void> | undefined;

  constructor(options: TakeoverOptions, work: TakeoverWork) {
    this.#options = options;
    this.#work = work;
    this.#sleepWatch = new SleepWatch(options.clock);
  }

  /** Looks around now, and from now on. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#look(), EVERY_MS).unref();
    await this.#taking; // It may have looked before what is to be seen now.
    await this.#look();
  }

  dispose(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // On a slow disk another look would only ask for the same again.
    this.#taking ??= this.#takeOver().finally(() => {
      this.#taking = undefined;
    });
    await this.#taking;
    await this.#work.askScheduled();
    await this.#work.lookForReturns();
  }

  async #takeOver(): Promise<void> {
    const { store, leases, log } = this.#options;
    const hasSlept = this.#sleepWatch.hasSlept();
    // Others must hear of this window before it looks whose windows are gone, and it must not go on with what is lost.
    await leases.beat();
    if (hasSlept) {
      log.info("The machine has slept: uploads begin again where the service stands.");
      this.#work.wake();
    }
    for (const { id } of [...store.list().filter(isUnfinished), ...store.withFarewells()]) {
      if (leases.holds(id) || store.isForeign(id) || this.#isOver) continue;
      try {
        await this.#work.takeOver(id);
      } catch (reason) {
        if (this.#isOver) return;
        const error = asFreightError(reason);
        if (error.is("driven-elsewhere")) store.trouble(id, null);
        // Said once, and not each time that it is tried.
        else if (store.trouble(id, error)) log.error(explain(reason));
      }
    }
  }
}
