/** The chips of one recipient field: which has the focus, and what keys and clicks do to them. */

import { t } from "../../shared/l10n.ts";
import type { Circle } from "../../shared/outsiders.ts";
import { addressKey, type RecipientEntry } from "../../shared/recipients.ts";
import { button, element, setAttribute, setHidden, setText } from "../dom/dom.ts";
import { Chip } from "./chip.ts";

export interface ChipIntents {
  removed(chip: Chip): void;
  /** Turn it back into text. */
  edit(chip: Chip): void;
  /** Move the focus to the input. */
  leave(): void;
}

/** Nobody reads more than this of a list inserted at once; the rest is folded. */
const SHOWN = 20;

/** The chips of one field: a grid whose arrow keys move between chips, entered from the input behind it. */
export class ChipList {
  readonly element: HTMLElement;
  /** "+40 more", behind the chips: shows those that are folded. */
  readonly more: HTMLButtonElement;
  readonly #intents: ChipIntents;
  #chips: Chip[] = [];
  #addresses = new Set<string>();
  #circle: Circle | undefined;
  #readOnly = false;

  constructor(label: string, intents: ChipIntents) {
    this.#intents = intents;
    this.element = element("div", { class: "chips", role: "grid", "aria-label": label, hidden: "" });
    this.more = button("", "chip-more", () => {
      const first = this.#chips.find(({ element: { hidden } }) => hidden);
      this.#unfold();
      first?.focus();
    });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("dblclick", ({ target }) => {
      const chip = this.#find(target);
      if (chip !== undefined && !this.#readOnly) intents.edit(chip);
    });
    for (const type of ["copy", "cut"] as const)
      this.element.addEventListener(type, (event) => this.#onCopy(event));
    this.element.addEventListener("focusin", () => this.#rove());
  }

  get entries(): RecipientEntry[] {
    return this.#chips.map(({ entry }) => entry);
  }

  get isEmpty(): boolean {
    return this.#chips.length === 0;
  }

  has(email: string): boolean {
    return this.#addresses.has(addressKey(email));
  }

  clear(): void {
    this.#chips = [];
    this.element.replaceChildren();
    this.#changed();
  }

  insert(entries: readonly RecipientEntry[], at = this.#chips.length): void {
    const chips = entries.map((entry) => {
      const chip = new Chip(entry, () => this.#remove(chip, () => this.#intents.leave()));
      chip.setCircle(this.#circle);
      return chip;
    });
    const before = this.#chips[at]?.element ?? null;
    for (const chip of chips) this.element.insertBefore(chip.element, before);
    // An invalid recipient is always visible.
    for (const { element: row, entry } of chips.slice(SHOWN)) setHidden(row, entry.problem === null);
    this.#chips = [...this.#chips.slice(0, at), ...chips, ...this.#chips.slice(at)];
    this.#changed();
  }

  /** Takes a chip out without telling anybody. @returns its index */
  take(chip: Chip): number {
    const index = this.#chips.indexOf(chip);
    this.#chips.splice(index, 1);
    chip.element.remove();
    this.#changed();
    return index;
  }

  focusLast(): void {
    this.#unfold();
    this.#chips.at(-1)?.focus();
  }

  setCircle(circle: Circle): void {
    if (JSON.stringify(this.#circle) === JSON.stringify(circle)) return;
    this.#circle = circle;
    for (const chip of this.#chips) chip.setCircle(circle);
  }

  setReadOnly(readOnly: boolean): void {
    if (this.#readOnly === readOnly) return;
    this.#readOnly = readOnly;
    this.#rove();
  }

  #changed(): void {
    this.#addresses = new Set(
      this.entries.flatMap(({ recipient }) => (recipient === null ? [] : [addressKey(recipient.email)])),
    );
    setHidden(this.element, this.isEmpty);
    const folded = this.#chips.filter(({ element: { hidden } }) => hidden).length;
    setHidden(this.more, folded === 0);
    setText(this.more, t("+{0} more", folded));
    this.#rove();
  }

  #unfold(): void {
    for (const chip of this.#chips) setHidden(chip.element, false);
    this.#changed();
  }

  /** A read-only list has no input to enter it from, so Tab stops at one of its chips. */
  #rove(): void {
    const focused = this.#find(document.activeElement) ?? this.#chips[0];
    for (const chip of this.#chips) {
      setAttribute(chip.cell, "tabindex", this.#readOnly && chip === focused ? "0" : "-1");
      setAttribute(chip.cell, "aria-keyshortcuts", this.#readOnly ? null : "Delete F2");
    }
  }

  #find(target: unknown): Chip | undefined {
    return target instanceof Node ? this.#chips.find(({ cell }) => cell.contains(target)) : undefined;
  }

  #remove(chip: Chip, andThen: () => void): void {
    if (this.#readOnly) return;
    this.take(chip);
    andThen();
    this.#intents.removed(chip);
  }

  #onKey(event: KeyboardEvent): void {
    const chip = this.#find(event.target);
    if (chip === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.#chips.indexOf(chip);
    const leave = () => {
      if (!this.#readOnly) this.#intents.leave();
    };
    const go = (to: number) => {
      if (this.#chips[to]?.element.hidden === true) this.#unfold();
      const next = this.#chips[Math.max(0, to)];
      if (next === undefined) leave();
      else next.focus();
    };
    switch (event.key) {
      case "ArrowLeft":
        go(index - 1);
        break;
      case "ArrowRight":
        go(index + 1);
        break;
      case "Home":
        go(0);
        break;
      case "End":
        go(this.#chips.length - 1);
        break;
      case "Delete":
      case "Backspace":
        this.#remove(chip, () => go(index));
        break;
      case "Enter":
      case "F2":
        if (!this.#readOnly) this.#intents.edit(chip);
        break;
      default:
        // A letter begins the next address: the input has the focus in time to receive it.
        if (event.key.length === 1) leave();
        return;
    }
    event.preventDefault();
  }

  #onCopy(event: ClipboardEvent): void {
    const chip = this.#find(event.target);
    if (chip === undefined) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", chip.entry.recipient?.email ?? chip.entry.text);
    if (event.type === "cut") this.#remove(chip, () => this.#intents.leave());
  }
}
