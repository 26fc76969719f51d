import assert from "node:assert/strict";
import type { Dialogs, PickRow, Remark, Weight } from "../../src/ui/notices/dialogs.ts";

/** What a person was shown, and the buttons below it. */
export interface Shown {
  readonly how: Weight | "ask" | "pick" | "keep" | "type" | "note" | "copy";
  readonly text: string;
  readonly detail?: string;
  /** Of a question that is no warning. */
  readonly weight?: Weight;
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

  async ask(
    weight: Weight,
    text: string,
    detail: string,
    ...buttons: readonly string[]
  ): Promise<string | undefined> {
    this.shown.push({ how: "ask", text, detail, buttons, ...(weight === "warning" ? {} : { weight }) });
    return this.#press(buttons);
  }

  async pick<T>(text: string, detail: string, rows: readonly PickRow<T>[]): Promise<T | undefined> {
    const buttons = rows.map(({ label }) => label);
    this.shown.push({ how: "pick", text, detail, buttons });
    const pressed = this.#press(buttons);
    return rows.find(({ label }) => label === pressed)?.value;
  }

  /** A press `-name` takes the tick away from the row of that name, `+name` gives it one; without any the person leaves. */
  async keep<T>(
    text: string,
    detail: string,
    rows: readonly PickRow<T>[],
  ): Promise<readonly T[] | undefined> {
    const buttons = rows.map(({ label, isTicked = true }) => `${isTicked ? "-" : "+"}${label}`);
    this.shown.push({ how: "keep", text, detail, buttons });
    const changed = new Set<string>();
    for (let press = this.#press(buttons); press !== undefined; press = this.#press(buttons))
      changed.add(press);
    return changed.size === 0
      ? undefined
      : rows
          .filter(({ isTicked = true }, at) => isTicked !== changed.has(buttons[at] ?? ""))
          .map(({ value }) => value);
  }

  /** A press `=text` types that; what is said of it is the last button. */
  async type(
    text: string,
    detail: string,
    placeholder: string,
    look: (text: string) => Remark | undefined,
  ): Promise<string | undefined> {
    const next = this.#presses[0]?.startsWith("=") === true ? this.#presses.shift() : undefined;
    const typed = next?.slice(1);
    const remark = typed === undefined ? undefined : look(typed);
    const words = remark === undefined ? [] : Object.values(remark);
    this.shown.push({ how: "type", text, detail, buttons: [placeholder, ...words] });
    return remark !== undefined && "problem" in remark ? undefined : typed;
  }

  note(text: string): void {
    this.shown.push({ how: "note", text });
  }

  async copy(text: string, noted: string): Promise<void> {
    this.shown.push({ how: "copy", text, detail: noted });
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
