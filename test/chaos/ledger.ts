/** What was promised to the person in one run, and whether it was kept. */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/delivery.ts";
import { FreightError } from "../../src/errors.ts";
import type { Form } from "../../src/shared/contract.ts";

interface Text {
  readonly body: string;
  readonly begun: number;
  /** When the window said that it has it; unset: it never did. */
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

  begin(id: string, { body }: Form): void {
    const account = new Account();
    account.texts.push({ body, begun: this.#tick++, heard: this.#tick++ });
    this.#mails.set(id, account);
  }

  /** Somebody types. @returns to be called when the window says that it has the text */
  types(id: string, { body }: Form): (present: DeliveryRecord | undefined) => void {
    const text: Text = { body, begun: this.#tick++ };
    this.#of(id).texts.push(text);
    return (present) => {
      // One that a newer text of another window has taken the place of is seen to be gone.
      if (present?.form.body === body) text.heard = this.#tick++;
    };
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
    if (isDiscarded !== "no" && saved === undefined) return;
    this.checkText(id, saved);
  }

  /** @param saved what the disk has, when no window is open @throws AssertionError when it is less than was heard */
  checkText(id: string, saved: DeliveryRecord | undefined): void {
    const { texts, isDiscarded } = this.#of(id);
    if (isDiscarded !== "no" && saved === undefined) return;
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
