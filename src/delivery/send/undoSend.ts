/** Gives each mail that is about to leave a moment in which it can still be taken back. */

import type { Disposable } from "../../base/lifecycle.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";

export class UndoSend implements Disposable {
  readonly #options: Pick<EnginePorts, "store" | "clock" | "undoSendMs">;
  /** By delivery id. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Mails whose moment is over. */
  readonly #due = new Set<string>();

  constructor(options: Pick<EnginePorts, "store" | "clock" | "undoSendMs">) {
    this.#options = options;
  }

  /**
   * True when a ready mail may leave now. Otherwise its moment starts, or goes on, and `onDue` is called at
   * its end: ask again then.
   */
  mayLeave(deliveryId: string, onDue: () => void): boolean {
    const { store, clock, undoSendMs } = this.#options;
    if (this.#due.delete(deliveryId)) return true;
    if (this.#timers.has(deliveryId)) return false;
    const ms = undoSendMs();
    if (ms <= 0) return true;
    store.apply(deliveryId, { type: "departing", at: clock.now() + ms });
    const timer = setTimeout(() => {
      this.#timers.delete(deliveryId);
      this.#due.add(deliveryId);
      onDue();
    }, ms);
    this.#timers.set(deliveryId, timer);
    return false;
  }

  /** To be called when a mail was taken back or is no longer ready: the next time, its moment starts over. */
  stay(deliveryId: string): void {
    clearTimeout(this.#timers.get(deliveryId));
    this.#timers.delete(deliveryId);
    this.#due.delete(deliveryId);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#due.clear();
  }
}
