/**
 * Runs acts on the files of an unsent mail one after another, in the order in which they were requested; each
 * sees the mail as the one before has left it.
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
   * Stops the work on some files of a mail, then changes something. A send about to begin waits for that.
   * @param attachmentIds the files whose work is stopped
   * @param reopens also for a mail that was saved as a draft, which is thereby continued
   * @returns false when the mail is being sent, or was sent, and nothing was done
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
      // Await only for a saved mail: otherwise one act could overtake another.
      const reopened = reopens ? takeBack.reopen(deliveryId) : undefined;
      if (reopened !== undefined) await reopened;
      if (!this.isOpen(deliveryId)) return;
      await sending.recall(deliveryId, () =>
        uploads.halt(deliveryId, attachmentIds, work, (turn) => this.#turns.take(deliveryId, turn)),
      );
    });
    return isDone;
  }

  /** Stops the work on a file, then does something about the file as it is then. */
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

  /** Lets a file go on, unless work on it is under way. */
  async goOn(deliveryId: string, attachmentId: string, event: AttachmentEvent): Promise<void> {
    await this.act(deliveryId, [], () => {
      const attachment = this.find(deliveryId, attachmentId);
      if (attachment !== undefined && !isUnderWay(attachment.status))
        this.note(deliveryId, attachmentId, event);
    });
  }

  /**
   * Stops the work on all files of a mail, then notes something, in turn with the other acts.
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

  /** @throws FreightError if changing this file, or adding one, would contradict the other mails of a set */
  assertFree(deliveryId: string, attachmentId?: string): void {
    const delivery = this.#store.find(deliveryId);
    const attachment = delivery?.attachments.find(({ id }) => id === attachmentId);
    const fixed = delivery && fixedFile(delivery, attachment);
    if (fixed !== undefined) throw fixed;
  }
}
