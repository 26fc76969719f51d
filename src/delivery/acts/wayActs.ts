/** What a person chooses about how files travel: account, in the mail or by upload, as links and to whom. */

import type { EnginePorts } from "../ports/enginePorts.ts";
import type { LinkChoice } from "../record/delivery.ts";
import { canBeLink, chooseWays, mostBytesOf } from "../words/fileWays.ts";
import { mailboxOf } from "../words/sendMethod.ts";
import type { ActParts } from "./actParts.ts";
import type { FileTurns } from "./fileTurns.ts";

type Options = Pick<EnginePorts, "store" | "accounts" | "mostBytes">;
type Parts = Pick<ActParts, "uploads" | "remoteCleanup">;

export class WayActs {
  readonly #options: Options;
  readonly #parts: Parts;
  readonly #turns: FileTurns;

  constructor(options: Options, turns: FileTurns, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = turns;
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  async chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    const { store, accounts } = this.#options;
    const work = async () => {
      const known = store.get(deliveryId);
      const mailbox = mailboxOf(accounts.find(accountId));
      // Even the same account may have more or fewer permissions by now.
      const isSame =
        (known.inMail === "sendOnly") === (mailbox.inMail === "sendOnly") &&
        known.hasLinks === mailbox.hasLinks;
      if (known.accountId === accountId && isSame) return;
      await this.#startOver(deliveryId, () => {
        store.apply(deliveryId, { type: "accountChosen", accountId, ...mailbox });
        const delivery = store.get(deliveryId);
        const mostBytes = mostBytesOf(this.#options, accountId);
        for (const { id, asLink } of chooseWays(delivery.attachments, [], { ...delivery, mostBytes }))
          this.#turns.note(deliveryId, id, { type: "wayChosen", asLink });
      });
    };
    await this.#turns.act(deliveryId, [], work, true);
  }

  /** Makes a file go as a link, or as an attachment: it is uploaded again, to another place. */
  async chooseWay(deliveryId: string, attachmentId: string, asLink: boolean): Promise<void> {
    await this.#turns.act(deliveryId, [attachmentId], () => {
      const attachment = this.#turns.find(deliveryId, attachmentId);
      if (attachment === undefined || attachment.asLink === asLink) return;
      this.#turns.assertFree(deliveryId, attachmentId);
      if (asLink && !canBeLink(this.#options.store.get(deliveryId), attachment)) return;
      const { status } = attachment;
      this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#turns.note(deliveryId, attachmentId, { type: "wayChosen", asLink });
      this.#parts.remoteCleanup.discardDraft(deliveryId);
      if (status !== "paused" && status !== "cancelled")
        this.#turns.note(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Sets who may open the files that go as links; files for which that was refused are tried again. */
  async chooseLinks(deliveryId: string, links: LinkChoice): Promise<void> {
    const { store } = this.#options;
    await this.#turns.act(deliveryId, [], () => {
      store.apply(deliveryId, { type: "linksChosen", links });
      for (const { id, status, error } of store.get(deliveryId).attachments)
        if (status === "failed" && error?.code === "link-refused")
          this.#turns.note(deliveryId, id, { type: "queued" });
    });
  }

  /** Restarts all files, to go in the mail itself or by upload. Ignored if the account decides that. */
  async chooseMethod(deliveryId: string, inMail: boolean): Promise<void> {
    const { store } = this.#options;
    const why = inMail ? "chosen" : null;
    const work = async () => {
      const known = store.get(deliveryId).inMail;
      if (known === why || (known !== null && known !== "chosen")) return;
      await this.#startOver(deliveryId, () => store.apply(deliveryId, { type: "inMailTaken", why }));
    };
    await this.#turns.act(deliveryId, [], work, true);
  }

  /** Drops what was uploaded, and the draft; every file starts again. */
  async startOver(deliveryId: string): Promise<void> {
    await this.#turns.act(deliveryId, [], () => this.#startOver(deliveryId, () => {}));
  }

  async #startOver(deliveryId: string, note: () => void): Promise<void> {
    const { store } = this.#options;
    const { uploads, remoteCleanup } = this.#parts;
    const restart = (ids: readonly string[], alsoNote = () => {}) =>
      uploads.halt(deliveryId, ids, () => {
        // It was discarded meanwhile, here or in another window.
        if (!this.#turns.isOpen(deliveryId)) return;
        for (const id of ids) remoteCleanup.abandon(deliveryId, id);
        alsoNote();
        for (const { id, status } of store.get(deliveryId).attachments)
          if (ids.includes(id) && status !== "cancelled")
            this.#turns.note(deliveryId, id, { type: "queued" });
      });
    const known = this.#turns.ids(deliveryId);
    await restart(known, () => {
      remoteCleanup.discardDraft(deliveryId, true);
      note();
    });
    // Files attached meanwhile have started in the old way.
    const late = this.#turns.ids(deliveryId).filter((id) => !known.includes(id));
    if (late.length > 0) await restart(late);
  }
}
