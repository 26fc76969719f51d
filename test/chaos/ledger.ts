/** What was promised to the person in one run, and whether it was kept. */
import assert from "node:assert/strict";
import { FreightError } from "../../src/base/errors.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Form } from "../../src/shared/contract.ts";
import type { Window } from "../support/window.ts";

interface Text {
  readonly body: string;
  readonly begun: number;
  /** When the window said that it is on the disk; unset: it never did. */
  heard?: number;
}

/** What is known of one mail. */
class Account {
  readonly texts: Text[] = [];
  /** Somebody has said so; "maybe" until the window has said that it is done. */
  isDiscarded: "no" | "maybe" | "yes" = "no";
}

export class Ledger {
  readonly #mails = new Map<string, Account>();
  readonly #broken: string[] = [];
  /** Orders what happens. */
  #tick = 0;
  mayHaveMore = false;

  get ids(): string[] {
    return [...this.#mails.keys()];
  }

  begin(window: Window, id: string): void {
    this.#mails.set(id, new Account());
    this.types(window, id, window.store.get(id).form);
  }

  /** True for a mail that may be gone: nobody was told yet that it is saved, or somebody has discarded it. */
  mayBeGone(id: string): boolean {
    const { isDiscarded, texts } = this.#of(id);
    return isDiscarded !== "no" || texts.every(({ heard }) => heard === undefined);
  }

  /**
   * Somebody types, and the page holds the text until the window says that it is on the disk.
   * @returns to be called when the window refuses it, with words
   */
  types(window: Window, id: string, { revision, body }: Form): () => void {
    const text: Text = { body, begun: this.#tick++ };
    this.#of(id).texts.push(text);
    const look = () => {
      if (window.isDead || window.store.savedRevision(id) < revision) return;
      listening.dispose();
      const form = window.store.find(id)?.form;
      if (form?.body === body) text.heard = this.#tick++;
      // Else it was written elsewhere after, or beside, this one: the page shows that and keeps its own at hand, see
      // test/webview/panel.test.ts.
    };
    const listening = window.store.onDidChange((change) => {
      if (change.id === id) look();
    });
    look();
    return () => listening.dispose();
  }

  mayDiscard(id: string): void {
    this.#of(id).isDiscarded = "maybe";
  }

  discards(id: string): void {
    this.#of(id).isDiscarded = "yes";
  }

  isDiscarded(id: string): Account["isDiscarded"] {
    return this.#of(id).isDiscarded;
  }

  /** A mail is begun that nobody may hear of, when its window is killed just then. */
  mayBegin(): void {
    this.mayHaveMore = true;
  }

  /** Something was done that ended with an error. */
  failed(what: string, reason: unknown): void {
    if (!(reason instanceof FreightError)) this.#broken.push(`${what} ended with ${String(reason)}`);
  }

  claims(what: string): void {
    this.#broken.push(what);
  }

  /** @param saved what the disk has in the end */
  check(id: string, saved: DeliveryRecord | undefined): void {
    const { isDiscarded } = this.#of(id);
    if (isDiscarded === "yes") assert.equal(saved, undefined, `mail ${id} was discarded, and is still there`);
    this.checkText(id, saved);
  }

  /** @param saved what the disk has, when no window is open @throws AssertionError when it is less than was heard */
  checkText(id: string, saved: DeliveryRecord | undefined): void {
    const { texts } = this.#of(id);
    if (saved === undefined && this.mayBeGone(id)) return;
    assert.ok(saved, `mail ${id} is lost`);
    const { body } = saved.form;
    const last = texts.findLast((text) => text.body === body);
    assert.ok(last, `mail ${id} has a text that nobody has typed: ${body.slice(0, 40)}`);
    const newer = texts.find(
      ({ begun, heard }) => heard !== undefined && begun > (last.heard ?? Number.POSITIVE_INFINITY),
    );
    assert.equal(
      newer?.body.slice(0, 40),
      undefined,
      `a text was heard, and the disk has ${body.slice(0, 40)}`,
    );
  }

  /** @throws AssertionError for whatever was found on the way */
  finish(): void {
    assert.deepEqual(this.#broken, []);
  }

  #of(id: string): Account {
    const account = this.#mails.get(id);
    assert.ok(account, `nobody has begun mail ${id}`);
    return account;
  }
}
