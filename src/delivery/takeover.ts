/** Checks every few seconds for mails whose window is gone, and whether the machine has slept. */

import { asFreightError } from "../base/errors.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { explain } from "../base/log.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import { isUnfinished } from "./record/queries.ts";
import { SleepWatch } from "./sleepWatch.ts";

/** What to do about each thing that is found. */
export interface TakeoverWork {
  /** Makes this window the mail's owner, and continues the mail. @throws FreightError `driven-elsewhere` */
  takeOver(deliveryId: string): Promise<void>;
  /** After a sleep connections are dead: restarts whatever uses one. */
  wake(): void;
  /** Asks about scheduled mails that are due. */
  askScheduled(): Promise<void>;
  /** Checks for mails that came back, when that is due. */
  lookForReturns(): Promise<void>;
}

/** Between two looks. When a window counts as gone is decided in `store/disk/holderWatch.ts`. */
const EVERY_MS = 5_000;

export class Takeover implements Disposable {
  readonly #options: Pick<EnginePorts, "store" | "leases" | "clock" | "log">;
  readonly #work: TakeoverWork;
  readonly #sleepWatch: SleepWatch;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Unset while nothing is being taken over. */
  #taking: Promise<void> | undefined;

  constructor(options: Pick<EnginePorts, "store" | "leases" | "clock" | "log">, work: TakeoverWork) {
    this.#options = options;
    this.#work = work;
    this.#sleepWatch = new SleepWatch(options.clock);
  }

  /** Looks around now, and regularly from now on. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#look(), EVERY_MS).unref();
    await this.#taking; // A look under way may have missed what is there now.
    await this.#look();
  }

  dispose(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // On a slow disk, a second look meanwhile would only ask for the same again.
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
    // First show the other windows that this one is alive, and find out which mails it has lost to them.
    await leases.beat();
    if (hasSlept) {
      log.info("The machine has slept: uploads begin again where the service stands.");
      this.#work.wake();
    }
    for (const { id } of [...store.list().filter(isUnfinished), ...store.withCleanup()]) {
      if (leases.holds(id) || store.isForeign(id) || this.#isOver) continue;
      try {
        await this.#work.takeOver(id);
      } catch (reason) {
        if (this.#isOver) return;
        const error = asFreightError(reason);
        if (error.is("driven-elsewhere")) store.trouble(id, null);
        // Logged once, not at every attempt.
        else if (store.trouble(id, error)) log.error(explain(reason));
      }
    }
  }
}
