import assert from "node:assert/strict";
import { Emitter } from "../../src/base/lifecycle.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { DeliveryChange } from "../../src/delivery/store/store.ts";

/** What the user interface reads of a `DeliveryStore`; a test writes it. */
export class Mails {
  readonly #mails = new Map<string, DeliveryRecord>();
  readonly #didChange = new Emitter<DeliveryChange>();
  readonly onDidChange = this.#didChange.event;

  constructor(...mails: readonly DeliveryRecord[]) {
    for (const mail of mails) this.#mails.set(mail.id, mail);
  }

  get listenerCount(): number {
    return this.#didChange.listenerCount;
  }

  readonly list = () => [...this.#mails.values()];
  readonly find = (id: string) => this.#mails.get(id);
  readonly get = (id: string) => {
    const mail = this.#mails.get(id);
    assert.ok(mail);
    return mail;
  };

  /** What is known of a mail from now on, all of it. */
  put(mail: DeliveryRecord): void {
    this.#mails.set(mail.id, mail);
    this.#didChange.fire({ id: mail.id, delivery: mail });
  }

  remove(id: string): void {
    this.#mails.delete(id);
    this.#didChange.fire({ id, delivery: undefined });
  }
}
