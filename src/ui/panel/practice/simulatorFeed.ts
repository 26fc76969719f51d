/** Loads "Make It Hard" on first use. */
import * as z from "zod";
import type { Memento } from "../../../accounts/accountBook.ts";
import { explain, type Log } from "../../../base/log.ts";
import type { DeliveryRecord } from "../../../delivery/record/delivery.ts";
import { isPracticeMail } from "../../../delivery/record/practiceWords.ts";
import type { FromPanel } from "../../../shared/contract/messages.ts";

/** The key in `memory` for what the simulator has done, and whether the person left it open. */
export const SIMULATOR_KEY = "simulator";
const Open = z.object({ isOpen: z.literal(true) });

export type SimulatorIntent = FromPanel & { type: "makeItHard" | "lineSpeed" };

/** See `Simulator`, which is not loaded here. */
export interface LoadedSimulator {
  restart(): Promise<void>;
  act(intent: SimulatorIntent): Promise<void>;
  update(): void;
}

export interface SimulatorFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  readonly memory: Memento;
  readonly load: () => Promise<LoadedSimulator>;
  readonly log: Log;
}

export class SimulatorFeed {
  readonly #options: SimulatorFeedOptions;
  #simulator: Promise<LoadedSimulator> | undefined;

  constructor(options: SimulatorFeedOptions) {
    this.#options = options;
  }

  /** Call when a page has loaded; it does not wait for the mailbox to start. */
  restart(): void {
    const { find, memory } = this.#options;
    const mail = find();
    if (mail === undefined || !isPracticeMail(mail)) return;
    if (Open.safeParse(memory.get(SIMULATOR_KEY)).success)
      this.#quietly(async (simulator) => simulator.restart());
  }

  async act(intent: SimulatorIntent): Promise<void> {
    await (await this.#loaded()).act(intent);
  }

  /** Call when the mail has changed. */
  update(): void {
    if (this.#simulator !== undefined) this.#quietly(async (simulator) => simulator.update());
  }

  #quietly(work: (simulator: LoadedSimulator) => Promise<void>): void {
    this.#loaded()
      .then(work)
      .catch((reason: unknown) => this.#options.log.warn(explain(reason)));
  }

  #loaded(): Promise<LoadedSimulator> {
    this.#simulator ??= this.#options.load();
    return this.#simulator;
  }
}
