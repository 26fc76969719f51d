/** Files that could not be attached to a mail, and why: its panel shows that until somebody dismisses it. */
import { Emitter } from "../../base/lifecycle.ts";
import { plural } from "../../shared/l10n.ts";

/** Nobody reads more sentences than this. */
const SHOWN = 8;

export class RefusedFiles {
  readonly #reasons = new Map<string, readonly string[]>();
  readonly #didChange = new Emitter<string>();
  readonly onDidChange = this.#didChange.event;

  /** A sentence for each of the first, and one that counts the rest. */
  of(deliveryId: string): readonly string[] {
    const all = this.#reasons.get(deliveryId) ?? [];
    const more = all.length - SHOWN;
    if (more <= 0) return all;
    return [
      ...all.slice(0, SHOWN),
      plural(more, "{0} more was not attached.", "{0} more were not attached."),
    ];
  }

  add(deliveryId: string, reason: string): void {
    this.#reasons.set(deliveryId, [...(this.#reasons.get(deliveryId) ?? []), reason]);
    this.#didChange.fire(deliveryId);
  }

  /** Forgets a mail's refused files, once dismissed or the panel is closed. */
  clear(deliveryId: string): void {
    if (this.#reasons.delete(deliveryId)) this.#didChange.fire(deliveryId);
  }
}
