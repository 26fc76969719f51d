/** A field for recipients: what is typed or pasted becomes chips, and who is suggested is shown below it. */

import type { Person } from "../../shared/contract/messages.ts";
import { sentences, t } from "../../shared/l10n.ts";
import type { Circle } from "../../shared/outsiders.ts";
import {
  formatRecipient,
  joinEntries,
  type RecipientEntry,
  readEntries,
  splitList,
  takeFinished,
  unique,
} from "../../shared/recipients.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import { element, setAttribute, setHidden, setText } from "../dom/dom.ts";
import { whenPointerRests } from "../dom/pointer.ts";
import type { Chip } from "./chip.ts";
import { ChipList } from "./chipList.ts";
import { Suggestions } from "./suggestions.ts";
import { TextField } from "./textField.ts";

export interface RecipientIntents {
  edited(): void;
  /** For screen readers. */
  say(sentence: string): void;
  /** The label of the field that already has this address, if any. */
  holder(email: string): string | undefined;
  /** People who match what is typed, the likeliest first. */
  suggest(typed: string): readonly Person[];
}

/** The most characters that the form accepts for one field. */
const MAX_LENGTH = 100_000;

/**
 * Recipients as chips, and an input for the next one. Chips are only a view of the field's text, which is the
 * whole list: code behind the form sees that one text and no chips.
 */
export class RecipientField extends TextField {
  readonly label: string;
  readonly #input: HTMLInputElement;
  readonly #chips: ChipList;
  readonly #suggestions: Suggestions;
  readonly #note = element("div", { class: "field-note", hidden: "" });
  readonly #intents: RecipientIntents;
  /** Index of the next chip: that of the chip being edited; undefined: at the end. */
  #place: number | undefined;
  /** The list was opened with the arrow key, so it grows as more people become known. */
  #isAsked = false;

  constructor(name: "to" | "cc" | "bcc" | "replyTo", label: string, intents: RecipientIntents) {
    const input = element("input", {
      ...{ id: name, type: "text", maxlength: String(MAX_LENGTH), spellcheck: "false" },
      ...{ autocapitalize: "off", autocomplete: "off" },
    });
    const chips = new ChipList(t("Recipients in {0}", label), {
      removed: (chip) => this.#removed(chip),
      edit: (chip) => this.#edit(chip),
      leave: () => input.focus(),
    });
    const box = element("div", { class: "recipients" }, chips.element, chips.more, input);
    super(element("label", {}, label), input, () => intents.edited(), box);
    this.label = label;
    this.#input = input;
    this.#chips = chips;
    this.#intents = intents;
    this.#suggestions = new Suggestions(input, (person) => this.#take(person));
    box.parentElement?.append(this.#note, this.#suggestions.element);
    box.addEventListener("mousedown", (event) => {
      if (event.target !== box && event.target !== chips.element) return;
      event.preventDefault(); // Otherwise the input would lose the focus and get it back.
      input.focus();
    });
    input.addEventListener("input", (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) this.#typed();
    });
    input.addEventListener("compositionend", () => this.#typed());
    input.addEventListener("paste", (event) => this.#insertText(event, event.clipboardData));
    input.addEventListener("drop", (event) => this.#insertText(event, event.dataTransfer));
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("blur", () => {
      // The whole window lost the focus: the person may look up an address and go on typing.
      if (document.activeElement === input) return;
      whenPointerRests(() => {
        if (document.activeElement !== input) this.commit();
      });
    });
  }

  override get text(): string {
    return joinEntries(this.#chips.entries, this.#input.value.trim() === "" ? "" : this.#input.value);
  }

  override set text(text: string) {
    const { entries, open } = splitList(text);
    this.#place = undefined;
    this.#chips.clear();
    this.#chips.insert(unique(entries));
    this.#input.value = open;
  }

  has(email: string): boolean {
    return this.#chips.has(email);
  }

  override check(): void {
    const problems = this.#chips.entries.flatMap(({ problem }) => problem ?? []);
    this.showProblem(problems.length === 0 ? null : sentences(...problems));
  }

  override setReadOnly(readOnly: boolean): void {
    super.setReadOnly(readOnly);
    if (readOnly) this.#suggestions.close();
    this.#chips.setReadOnly(readOnly);
    // The input stays in place, as it may have the focus.
    setAttribute(this.#input, "tabindex", readOnly && !this.#chips.isEmpty ? "-1" : null);
  }

  setCircle(circle: Circle): void {
    this.#chips.setCircle(circle);
  }

  /** More people are known: updates the list that is open, or would be. */
  peopleChanged(): void {
    if (document.activeElement !== this.#input || (this.#input.value === "" && !this.#isAsked)) return;
    this.#suggestions.update(...this.#suggested());
  }

  /** Turns what is typed into chips, finished or not. */
  commit(): void {
    this.#isAsked = false;
    this.#suggestions.close();
    const typed = this.#input.value;
    if (typed !== "") {
      this.#input.value = "";
      this.#add(readEntries(typed));
    }
    this.#place = undefined;
  }

  /** Adds what a person entered, and announces the result. */
  #add(entries: readonly RecipientEntry[]): void {
    const added: RecipientEntry[] = [];
    const refusals: string[] = [];
    let room = MAX_LENGTH - this.text.length;
    for (const entry of unique(entries)) {
      const email = entry.recipient?.email;
      const holder = email === undefined ? undefined : this.#intents.holder(email);
      room -= entry.text.length + 2;
      if (holder !== undefined) refusals.push(t("{0} is already in {1}.", email ?? "", holder));
      else if (room < 0) refusals.push(t("{0} does not fit into {1}.", entry.text.slice(0, 50), this.label));
      else added.push(entry);
    }
    this.#chips.insert(added, this.#place);
    this.#place = undefined;
    const [first, ...others] = added.flatMap(({ recipient }) => recipient ?? []);
    const said = added.flatMap(({ problem }) => problem ?? []).concat(refusals);
    if (first !== undefined)
      said.unshift(
        others.length === 0
          ? t("{0} added to {1}.", shownRecipient(first), this.label)
          : t("{0} recipients added to {1}.", others.length + 1, this.label),
      );
    if (said.length > 0) this.#intents.say(sentences(...said));
    this.#remark(sentences(...refusals.slice(0, 3)));
    this.#settled();
  }

  #take(person: Person): void {
    this.#suggestions.close();
    this.#input.value = "";
    this.#add(readEntries(formatRecipient(person)));
  }

  #removed(chip: Chip): void {
    this.#intents.say(t("{0} removed from {1}.", chip.name, this.label));
    this.#remark("");
    this.#settled();
  }

  #edit(chip: Chip): void {
    this.commit();
    this.#place = this.#chips.take(chip);
    this.#input.value = chip.entry.text;
    this.#input.focus();
    this.#input.setSelectionRange(chip.entry.text.length, chip.entry.text.length);
    this.#remark("");
    this.#settled();
  }

  #settled(): void {
    this.check();
    this.#intents.edited();
  }

  /** Says what was left out, which is not an error. */
  #remark(text: string): void {
    setText(this.#note, text);
    setHidden(this.#note, text === "");
  }

  #typed(): void {
    this.#remark("");
    const parts = takeFinished(this.#input.value);
    if (parts !== undefined) {
      this.#input.value = parts.open.trimStart();
      this.#add(readEntries(parts.finished));
    }
    if (this.#input.value.trim() === "") {
      this.#input.value = "";
      this.#suggestions.close();
    } else this.#suggestions.show(...this.#suggested());
  }

  #suggested(): [people: readonly Person[], active: number] {
    const typed = this.#input.value;
    const isAddress = readEntries(typed).some(({ recipient }) => recipient !== null);
    // Enter must never replace a complete address with another one.
    return [this.#intents.suggest(typed), isAddress ? -1 : 0];
  }

  /** Several entries, or one complete address, become chips at once; any other text stays to be edited. */
  #insertText(event: Event, data: DataTransfer | null): void {
    const { value, selectionStart, selectionEnd, readOnly } = this.#input;
    const text = data?.getData("text/plain") ?? "";
    const before = event.type === "drop" ? value : value.slice(0, selectionStart ?? 0);
    const after = event.type === "drop" ? "" : value.slice(selectionEnd ?? 0);
    const entries = readEntries(before + text + after);
    const isWhole = before + after === "" && entries[0]?.recipient;
    if (readOnly || !(entries.length > 1 || isWhole)) return;
    event.preventDefault();
    this.#suggestions.close();
    this.#input.value = "";
    this.#add(entries);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || this.#input.readOnly) return;
    const { value, selectionStart, selectionEnd } = this.#input;
    const chosen = event.shiftKey ? undefined : this.#suggestions.active;
    switch (event.key) {
      case "Enter":
        event.preventDefault();
        if (chosen !== undefined) this.#take(chosen);
        else this.commit();
        return;
      case "Tab": // still goes on to the next field
        if (chosen !== undefined) this.#take(chosen);
        return;
      case "Escape":
        this.#isAsked = false;
        this.#suggestions.close();
        return;
      case "ArrowDown":
      case "ArrowUp":
        event.preventDefault();
        if (this.#suggestions.isOpen) this.#suggestions.move(event.key === "ArrowDown" ? 1 : -1);
        else if (event.key === "ArrowDown") {
          this.#isAsked = true;
          this.#suggestions.show(...this.#suggested());
        }
        return;
      case "Backspace":
        // Somebody who holds the key down to clear the text does not mean the chips before it.
        if (value === "" && !event.repeat) this.#chips.focusLast();
        return;
      case "ArrowLeft":
        if (selectionStart !== 0 || selectionEnd !== 0 || this.#chips.isEmpty) return;
        event.preventDefault();
        this.#chips.focusLast();
    }
  }
}
