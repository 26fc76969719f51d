/** What a person can do about a file sent as a link. Anything that ends the link is confirmed first. */

import type { LinkLimits } from "../../delivery/links/linkLimits.ts";
import { endLinkQuestion } from "../../delivery/links/linkWords.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { pickExtension } from "../notices/linkChoicePick.ts";
import { plain } from "../notices/plain.ts";

export interface SentLinkActsOptions {
  readonly store: Pick<DeliveryStore, "find">;
  readonly runner: Pick<DeliveryRunner, "extendLink" | "stopSharing" | "deleteLinked">;
  readonly dialogs: Pick<Dialogs, "ask" | "pick">;
  readonly now: () => number;
  readonly limits: () => LinkLimits;
}

export class SentLinkActs {
  readonly #options: SentLinkActsOptions;

  constructor(options: SentLinkActsOptions) {
    this.#options = options;
  }

  async extend(deliveryId: string, attachmentId: string): Promise<void> {
    const { runner, dialogs, now, limits } = this.#options;
    const link = this.#file(deliveryId, attachmentId)?.link;
    if (link == null) return;
    const chosen = await pickExtension(dialogs, link.until, now(), limits());
    if (chosen !== undefined) await runner.extendLink(deliveryId, attachmentId, chosen.days);
  }

  /** @param isDeleted whether the file is deleted as well */
  async end(deliveryId: string, attachmentId: string, isDeleted: boolean): Promise<void> {
    const { runner, dialogs } = this.#options;
    const file = this.#file(deliveryId, attachmentId);
    if (file === undefined) return;
    const { question, detail, button } = endLinkQuestion(file, isDeleted);
    if ((await dialogs.ask("warning", plain(question), detail, button)) !== button) return;
    await (isDeleted
      ? runner.deleteLinked(deliveryId, attachmentId)
      : runner.stopSharing(deliveryId, attachmentId));
  }

  #file(deliveryId: string, attachmentId: string) {
    return this.#options.store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
  }
}
