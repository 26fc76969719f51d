/** Mails that are about to leave: a moment in which they can still be taken back. */

import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { DeliveryStore } from "../store/store.ts";

export interface UndoSendOptions {
  readonly store: DeliveryStore;
  readonly clock: Clock;
  /** How long a mail waits before its request leaves, in milliseconds; 0: not at all. */
  readonly undoSendMs: () => number;
}

export class UndoSend implements Disposable {
  readonly #options: UndoSendOptions;
  /** By delivery id. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Mails whose moment is over. */
  readonly #due = new Set<string>();

  constructor(options: UndoSendOptions) {
    this.#options = options;
  }

  /**
   * True when a mail that is ready may leave now. Else its moment begins, or goes on, and `onDue` is called at its end:
   * ask again then.
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

  /** Somebody took it back, or it is not ready any more: the next time its moment begins anew. */
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
