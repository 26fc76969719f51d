/** One attachment on its way: what carries it, and access to its record. */
import type { DisposableStore } from "../../base/lifecycle.ts";
import type { FileCarrier } from "../../services/mailService.ts";
import type { DeliveryEvent } from "../record/advance.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import type { DeliveryStore } from "../store/store.ts";

export interface CargoOptions {
  readonly deliveryId: string;
  readonly attachmentId: string;
  readonly service: FileCarrier;
  readonly signal: AbortSignal;
  /** Disposed of, with all that was added to it, when this upload ends. */
  readonly owner: DisposableStore;
}

export class Cargo implements CargoOptions {
  readonly deliveryId: string;
  readonly attachmentId: string;
  readonly service: FileCarrier;
  readonly signal: AbortSignal;
  readonly owner: DisposableStore;
  readonly #store: DeliveryStore;

  constructor(store: DeliveryStore, { deliveryId, attachmentId, service, signal, owner }: CargoOptions) {
    this.#store = store;
    this.deliveryId = deliveryId;
    this.attachmentId = attachmentId;
    this.service = service;
    this.signal = signal;
    this.owner = owner;
  }

  /** As it is at this moment; so is `file`. */
  get mail(): DeliveryRecord {
    return this.#store.get(this.deliveryId);
  }

  get file(): AttachmentRecord {
    const file = this.mail.attachments.find(({ id }) => id === this.attachmentId);
    if (file === undefined) throw new Error(`No attachment ${this.attachmentId}`);
    return file;
  }

  /** Notes a fact about the file. */
  note(event: AttachmentEvent): void {
    this.noteOfMail({ type: "attachment", attachmentId: this.attachmentId, event });
  }

  noteOfMail(event: DeliveryEvent): void {
    this.#store.apply(this.deliveryId, event);
  }
}
