/**
 * Acts about the files of a mail that has not left yet happen one after another, in the order in which they were asked
 * for; each looks at the mail as the one before has left it.
 */
import { Turns } from "../../base/turns.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import type { AttachmentRecord } from "../record/delivery.ts";
import { fixedFile } from "../record/fixedFiles.ts";
import { isOpen, isUnderWay } from "../record/queries.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { ActParts } from "./actParts.ts";

type Parts = Pick<ActParts, "ownership" | "uploads" | "sending" | "takeBack">;

export class FileTurns {
  readonly #store: DeliveryStore;
  readonly #parts: Parts;
  readonly #turns = new Turns();

  constructor(store: DeliveryStore, parts: Parts) {
    this.#store = store;
    this.#parts = parts;
  }

  /**
   * Does something about the files of a mail, whose work ends before. A sending that is about to begin is held up so long.
   * @param reopens also of one that was saved, which a person then goes on with
   * @returns false when the mail is leaving, or has left, and nothing was done
   * @throws FreightError `driven-elsewhere`
   */
  async act(
    deliveryId: string,
    attachmentIds: readonly string[],
    note: () => void | Promise<void>,
    reopens = false,
  ): Promise<boolean> {
    const { ownership, sending, uploads, takeBack } = this.#parts;
    let isDone = false;
    const work = async () => {
      if (!this.isOpen(deliveryId)) return;
      this.#store.apply(deliveryId, { type: "touched" });
      await note();
      isDone = true;
    };
    await sending.hold(deliveryId, async () => {
      await ownership.claim(deliveryId);
      // Of a mail that was not saved nothing is waited for, and no act overtakes another.
      const reopened = reopens ? takeBack.reopen(deliveryId) : undefined;
      if (reopened !== undefined) await reopened;
      if (!this.isOpen(deliveryId)) return;
      await sending.recall(deliveryId, () =>
        uploads.halt(deliveryId, attachmentIds, work, (turn) => this.#turns.take(deliveryId, turn)),
      );
    });
    return isDone;
  }

  /** Has the work on a file end, and then something done about it as it is then. */
  async actOn(
    deliveryId: string,
    attachmentId: string,
    note: (attachment: AttachmentRecord) => void,
    reopens = false,
  ): Promise<void> {
    const work = () => {
      const attachment = this.find(deliveryId, attachmentId);
      if (attachment !== undefined) note(attachment);
    };
    await this.act(deliveryId, [attachmentId], work, reopens);
  }

  /** Has a file go on that nothing works on. */
  async goOn(deliveryId: string, attachmentId: string, event: AttachmentEvent): Promise<void> {
    await this.act(deliveryId, [], () => {
      const attachment = this.find(deliveryId, attachmentId);
      if (attachment !== undefined && !isUnderWay(attachment.status))
        this.note(deliveryId, attachmentId, event);
    });
  }

  /**
   * Has the work on all files of a mail end, and then something noted, in the line of acts.
   * @param note not called when the mail was discarded meanwhile
   */
  async haltAll(deliveryId: string, note: () => void | Promise<void>): Promise<void> {
    const work = async () => {
      if (this.#store.find(deliveryId) !== undefined) await note();
    };
    await this.#parts.uploads.halt(deliveryId, this.ids(deliveryId), work, (turn) =>
      this.#turns.take(deliveryId, turn),
    );
  }

  isOpen(deliveryId: string): boolean {
    const delivery = this.#store.find(deliveryId);
    return delivery !== undefined && isOpen(delivery);
  }

  ids(deliveryId: string): string[] {
    return (this.#store.find(deliveryId)?.attachments ?? []).map(({ id }) => id);
  }

  find(deliveryId: string, attachmentId: string): AttachmentRecord | undefined {
    return this.#store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
  }

  note(deliveryId: string, attachmentId: string, event: AttachmentEvent): void {
    this.#store.apply(deliveryId, { type: "attachment", attachmentId, event });
  }

  /** @throws FreightError where a file, or one more, would change what other mails say of this one */
  assertFree(deliveryId: string, attachmentId?: string): void {
    const delivery = this.#store.find(deliveryId);
    const attachment = delivery?.attachments.find(({ id }) => id === attachmentId);
    const fixed = delivery && fixedFile(delivery, attachment);
    if (fixed !== undefined) throw fixed;
  }
}
