import assert from "node:assert/strict";
import type { Dialogs, Weight } from "../../src/ui/notices/dialogs.ts";

/** What a person was shown, and the buttons below it. */
export interface Shown {
  readonly how: Weight | "ask" | "pick" | "note";
  readonly text: string;
  readonly detail?: string;
  readonly buttons?: readonly string[];
}

/** A person who presses what the test says; whatever else appears, they close. */
export class ScriptedDialogs implements Dialogs {
  readonly shown: Shown[] = [];
  readonly #presses: string[];

  constructor(...presses: readonly string[]) {
    this.#presses = [...presses];
  }

  async tell(how: Weight, text: string, ...buttons: readonly string[]): Promise<string | undefined> {
    this.shown.push({ how, text, ...(buttons.length === 0 ? {} : { buttons }) });
    return this.#press(buttons);
  }

  async ask(text: string, detail: string, ...buttons: readonly string[]): Promise<string | undefined> {
    this.shown.push({ how: "ask", text, detail, buttons });
    return this.#press(buttons);
  }

  async pick<T>(
    text: string,
    detail: string,
    rows: readonly { readonly label: string; readonly value: T }[],
  ): Promise<T | undefined> {
    const buttons = rows.map(({ label }) => label);
    this.shown.push({ how: "pick", text, detail, buttons });
    const pressed = this.#press(buttons);
    return rows.find(({ label }) => label === pressed)?.value;
  }

  note(text: string): void {
    this.shown.push({ how: "note", text });
  }

  /** Throws when something was to be pressed that never appeared. */
  checkDone(): void {
    assert.deepEqual(this.#presses, []);
  }

  #press(buttons: readonly string[]): string | undefined {
    const [next] = this.#presses;
    if (next === undefined || !buttons.includes(next)) return undefined;
    this.#presses.shift();
    return next;
  }
}
