/** Files that could not be attached to a mail, and why: its panel says so until somebody has read it. */
import { Emitter } from "../../base/lifecycle.ts";
import { plural } from "../../shared/l10n.ts";

/** More sentences nobody reads. */
const SHOWN = 8;

export class RefusedFiles {
  readonly #reasons = new Map<string, readonly string[]>();
  readonly #didChange = new Emitter<string>();
  readonly onDidChange = this.#didChange.event;

  /** A sentence for each, and one for those beyond. */
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

  /** They were read, or the mail is gone. */
  clear(deliveryId: string): void {
    if (this.#reasons.delete(deliveryId)) this.#didChange.fire(deliveryId);
  }
}
