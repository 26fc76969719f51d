/** Mails that are about to leave: a moment in which they can still be taken back. */

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
