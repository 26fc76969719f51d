/** Attaches the images that a mail's text refers to, and removes those that it no longer refers to. */
import { basename } from "node:path";
import { explain, type Log } from "../../base/log.ts";
import { Turns } from "../../base/turns.ts";
import { imageSize } from "../../files/kind/imageSize.ts";
import type { DeliveryRecord, SavedAttachment } from "../record/delivery.ts";
import { isEditable } from "../record/queries.ts";
import type { DeliveryStore } from "../store/store.ts";
import { findImages } from "./bodyImages.ts";
import { isLong, readImageNames } from "./bodyText.ts";

export interface InlineImagesOptions {
  readonly store: DeliveryStore;
  readonly newId: () => string;
  /** An image that may be attached. @throws FreightError why it may not */
  readonly inspect: (path: string) => Promise<SavedAttachment>;
  readonly attach: (deliveryId: string, image: SavedAttachment) => void;
  readonly detach: (deliveryId: string, attachmentId: string) => Promise<void>;
  readonly log: Log;
}

/** Wait after the last key: a half-typed path may be that of a file, too. */
const SETTLE_MS = 400;

export class InlineImages {
  readonly #options: InlineImagesOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** One at a time per mail. */
  readonly #turns = new Turns();
  /** The text that was parsed last, and the images that it refers to. */
  #read:
    | {
        readonly id: string;
        readonly body: string;
        readonly format: string;
        readonly names: readonly string[];
      }
    | undefined;

  constructor(options: InlineImagesOptions) {
    this.#options = options;
  }

  /** Updates the images soon, once for many edits. A text too long to be parsed often waits for `update`. */
  updateSoon(deliveryId: string): void {
    clearTimeout(this.#timers.get(deliveryId));
    const timer = setTimeout(() => {
      this.#timers.delete(deliveryId);
      const delivery = this.#options.store.find(deliveryId);
      if (delivery === undefined || isLong(delivery)) return;
      this.update(deliveryId).catch((reason: unknown) => this.#options.log.warn(explain(reason)));
    }, SETTLE_MS);
    this.#timers.set(deliveryId, timer.unref());
  }

  /** Updates the images now, however long the text is. @returns a sentence for each that cannot be sent */
  update(deliveryId: string): Promise<readonly string[]> {
    clearTimeout(this.#timers.get(deliveryId));
    return this.#turns.take(deliveryId, () => this.#update(deliveryId));
  }

  async #update(deliveryId: string): Promise<readonly string[]> {
    const { store, newId, inspect, attach, detach } = this.#options;
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !isEditable(delivery)) return [];
    const { found, problems } = await findImages(await this.#names(delivery), delivery);
    for (const { id, inline } of delivery.attachments)
      if (inline !== null && !found.has(inline.name)) await detach(deliveryId, id);
    const failed: string[] = [];
    for (const [name, path] of found) {
      if (this.#carries(deliveryId, name)) continue;
      try {
        const file = await inspect(path);
        // Every mail program handles ids of letters and digits.
        const contentId = `img${newId().replace(/[^a-z0-9]/gi, "")}`;
        const size = (await imageSize(path).catch(() => undefined)) ?? null; // As wide as the mail, then.
        attach(deliveryId, { ...file, name: basename(path), inline: { contentId, name, size } });
      } catch (reason) {
        failed.push(reason instanceof Error ? reason.message : String(reason));
      }
    }
    return [...problems, ...failed];
  }

  /** Send updates several times, and parsing long text takes time: only a changed text is parsed again. */
  async #names(delivery: DeliveryRecord): Promise<readonly string[]> {
    const { body, format } = delivery.form;
    const known = this.#read;
    if (known?.id === delivery.id && known.body === body && known.format === format && !delivery.fillsIn)
      return known.names;
    const names = await readImageNames(delivery);
    this.#read = { id: delivery.id, body, format, names };
    return names;
  }

  #carries(deliveryId: string, name: string): boolean {
    const { attachments = [] } = this.#options.store.find(deliveryId) ?? {};
    return attachments.some(({ inline }) => inline?.name === name);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
