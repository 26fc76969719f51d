/** Whom the files of a mail cannot be opened to that go as links: found out while it is written, before Send. */
import { isCancellation } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { isUnseen } from "../../delivery/record/provenance.ts";
import { isEditable } from "../../delivery/record/queries.ts";
import type { AudienceRefusal } from "../../services/fileLinks.ts";

export interface LinkFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  /** @throws FreightError when it cannot be found out */
  readonly ask: (accountId: string | null, days: number | null) => Promise<readonly AudienceRefusal[]>;
  /** More is known than was told. */
  readonly changed: () => void;
  readonly log: Log;
}

export class LinkFeed {
  readonly #options: LinkFeedOptions;
  readonly #ending = new AbortController();
  /** What was asked about last. */
  #asked: string | undefined;
  #refused: readonly AudienceRefusal[] = [];

  constructor(options: LinkFeedOptions) {
    this.#options = options;
  }

  /** Asks where the mail is about something else than before. */
  update(): void {
    const delivery = this.#options.find();
    const isAbout = delivery?.attachments.some(({ asLink }) => asLink) === true && isEditable(delivery);
    // Before somebody has touched a mail that was not begun by a person, nothing is done for it.
    if (!isAbout || isUnseen(delivery) || this.#ending.signal.aborted) return;
    const { accountId, links } = delivery;
    const key = `${accountId} ${links.days}`;
    if (key === this.#asked) return;
    this.#asked = key;
    this.#refused = [];
    void this.#ask(key, accountId, links.days);
  }

  /** Empty while nothing is known. */
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
      // Then it is found out when the mail is to leave.
      if (!isCancellation(reason)) this.#options.log.info(explain(reason));
    }
  }
}
