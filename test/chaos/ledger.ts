/** What was promised to the person in one run, and whether it was kept. */
import assert from "node:assert/strict";
import { FreightError, isCancellation } from "../../src/base/errors.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import type { Window } from "../support/window.ts";

interface Text {
  readonly body: string;
  readonly window: Window;
  readonly begun: number;
  /** When the window said that it is on the disk; unset: it never did. */
  heard?: number;
  /** By when nothing could bring it to the disk any more, for its window was dead, and nobody had heard of it. */
  lost?: number;
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
  /** How many mails were begun that nobody has heard of: their window was killed before it could say so. */
  #unheardOf = 0;

  get ids(): string[] {
    return [...this.#mails.keys()];
  }

  #begin(window: Window, id: string): void {
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
    const { texts } = this.#of(id);
    for (const one of texts) if (one.window.isDead && one.heard === undefined) one.lost ??= this.#tick++;
    const text: Text = { body, window, begun: this.#tick++ };
    texts.push(text);
    const look = () => {
      if (window.isDead || window.store.savedRevision(id) < revision) return;
      listening.dispose();
      const form = window.store.find(id)?.form;
      if (form?.body === body) {
        text.heard = this.#tick++;
        const saved = window.onDisk(id);
        const isThere =
          saved === body || texts.some((other) => other.body === saved && other.begun > text.begun);
        if (!isThere)
          this.claims(`“${shortened(body)}” is said to be saved, and the disk has “${shortened(saved)}”`);
      }
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

  /**
   * Somebody begins a mail, and hears of it as late as its window likes; of one that is killed just then, never.
   * @returns the same, once it is known here
   */
  async begins<T>(window: Window, beginning: Promise<T>, idOf: (begun: T) => string | undefined): Promise<T> {
    this.#unheardOf++;
    const begun = await beginning.finally(() => this.#unheardOf--);
    const id = idOf(begun);
    if (id !== undefined) this.#begin(window, id);
    return begun;
  }

  /** @throws AssertionError for mails that nobody can have begun */
  checkAll(ids: readonly string[]): void {
    const unknown = ids.filter((id) => !this.#mails.has(id));
    assert.ok(unknown.length <= this.#unheardOf, `mails that nobody has begun: ${unknown.join(", ")}`);
  }

  /** Something was done that ended with an error, or with its window. */
  failed(what: string, reason: unknown): void {
    if (!(reason instanceof FreightError || isCancellation(reason)))
      this.#broken.push(`${what} ended with ${String(reason)}`);
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
    assert.ok(last, `mail ${id} has a text that nobody has typed: ${shortened(body)}`);
    const over = last.heard ?? last.lost ?? Number.POSITIVE_INFINITY;
    const newer = texts.find(({ begun, heard }) => heard !== undefined && begun > over);
    assert.ok(
      newer === undefined,
      `“${shortened(newer?.body)}” was heard last, and the disk has “${shortened(body)}”`,
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

function shortened(text = "nothing"): string {
  return text.slice(0, 40);
}
