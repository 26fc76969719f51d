/** Has a mail carry the images that its text names: adds those that are new, takes away those that are not named any more. */
import { basename } from "node:path";
import { explain, type Log } from "../log.ts";
import { isLong, readImages } from "./bodyText.ts";
import { isEditable, type SavedAttachment } from "./delivery.ts";
import type { DeliveryStore } from "./store.ts";

export interface IllustratorOptions {
  readonly store: DeliveryStore;
  readonly newId: () => string;
  /** An image that may be attached. @throws FreightError why it may not */
  readonly inspect: (path: string) => Promise<SavedAttachment>;
  readonly attach: (deliveryId: string, image: SavedAttachment) => void;
  readonly detach: (deliveryId: string, attachmentId: string) => Promise<void>;
  readonly log: Log;
}

/** After the last key: a path that is half typed may name a file, too. */
const SETTLE_MS = 400;

export class Illustrator {
  readonly #options: IllustratorOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** One at a time for each mail. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(options: IllustratorOptions) {
    this.#options = options;
  }

  /** Looks soon; once for many edits. */
  updateSoon(deliveryId: string): void {
    clearTimeout(this.#timers.get(deliveryId));
    const timer = setTimeout(() => {
      this.#timers.delete(deliveryId);
      this.update(deliveryId).catch((reason: unknown) => this.#options.log.warn(explain(reason)));
    }, SETTLE_MS);
    this.#timers.set(deliveryId, timer.unref());
  }

  /** Looks now. @returns a sentence for each image that the mail cannot carry */
  async update(deliveryId: string): Promise<readonly string[]> {
    clearTimeout(this.#timers.get(deliveryId));
    const before = this.#running.get(deliveryId);
    const running = (async () => {
      await before?.catch(() => {}); // Told to whoever asked for it.
      return this.#update(deliveryId);
    })();
    this.#running.set(deliveryId, running);
    try {
      return await running;
    } finally {
      if (this.#running.get(deliveryId) === running) this.#running.delete(deliveryId);
    }
  }

  async #update(deliveryId: string): Promise<readonly string[]> {
    const { store, newId, inspect, attach, detach } = this.#options;
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !isEditable(delivery) || isLong(delivery)) return [];
    const { found, problems } = await readImages(delivery);
    for (const { id, inline } of delivery.attachments)
      if (inline !== null && !found.has(inline.name)) await detach(deliveryId, id);
    const failed: string[] = [];
    for (const [name, path] of found) {
      if (this.#carries(deliveryId, name)) continue;
      try {
        const file = await inspect(path);
        // Letters and digits: what every mail program finds again.
        const contentId = `img${newId().replace(/[^a-z0-9]/gi, "")}`;
        attach(deliveryId, { ...file, name: basename(path), inline: { contentId, name } });
      } catch (reason) {
        failed.push(reason instanceof Error ? reason.message : String(reason));
      }
    }
    return [...problems, ...failed];
  }

  #carries(deliveryId: string, name: string): boolean {
    const { attachments = [] } = this.#options.store.find(deliveryId) ?? {};
    return attachments.some(({ inline }) => inline?.name === name);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
