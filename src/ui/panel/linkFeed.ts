/** Finds out, while a mail is being written, which audiences the service refuses for its links. */
import { isCancellation } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { isUnseen } from "../../delivery/record/provenance.ts";
import { isEditable } from "../../delivery/record/queries.ts";
import type { AudienceRefusal } from "../../services/fileLinks.ts";

export interface LinkFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  /** @throws FreightError when that cannot be found out */
  readonly ask: (accountId: string | null, days: number | null) => Promise<readonly AudienceRefusal[]>;
  /** Called when more is known. */
  readonly changed: () => void;
  readonly log: Log;
}

export class LinkFeed {
  readonly #options: LinkFeedOptions;
  readonly #ending = new AbortController();
  /** Key of the last question. */
  #asked: string | undefined;
  #refused: readonly AudienceRefusal[] = [];

  constructor(options: LinkFeedOptions) {
    this.#options = options;
  }

  /** Asks again if the mail's account or duration has changed. */
  update(): void {
    const delivery = this.#options.find();
    const isAbout = delivery?.attachments.some(({ asLink }) => asLink) === true && isEditable(delivery);
    // Nothing is done for a mail filled in by something else until a person has touched it.
    if (!isAbout || isUnseen(delivery) || this.#ending.signal.aborted) return;
    const { accountId, links } = delivery;
    const key = `${accountId} ${links.days}`;
    if (key === this.#asked) return;
    this.#asked = key;
    this.#refused = [];
    void this.#ask(key, accountId, links.days);
  }

  /** The refusals; empty while nothing is known. */
  get refused(): readonly AudienceRefusal[] {
    return this.#refused;
  }

  dispose(): void {
    this.#ending.abort();
  }

  async #ask(key: string, accountId: string | null, days: number | null): Promise<void> {
    try {
      const refused = await this.#options.ask(accountId, days);
      if (this.#asked !== key || this.#ending.signal.aborted) return;
      this.#refused = refused;
      this.#options.changed();
    } catch (reason) {
      // Send will find out, then.
      if (!isCancellation(reason)) this.#options.log.info(explain(reason));
    }
  }
}
