/**
 * The list below a recipient field, as a combobox has it: the focus stays in the input, whose `aria-activedescendant`
 * names the option. Whom it suggests: `composeForm.ts`.
 */
import type { Person } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";
import { shownAddress, shownName } from "../../shared/shownRecipient.ts";
import { element, setAttribute, setHidden } from "../dom/dom.ts";

const ORIGINS: Readonly<Record<Person["origin"], string>> = {
  mail: t("Written to before"),
  history: t("In this repository"),
};

export class Suggestions {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #onTake: (person: Person) => void;
  #people: readonly Person[] = [];
  #active = -1;
  /** Whether the person has moved through this list. */
  #hasMoved = false;

  constructor(input: HTMLInputElement, onTake: (person: Person) => void) {
    this.#input = input;
    this.#onTake = onTake;
    const id = `${input.id}-suggestions`;
    this.element = element("ul", {
      ...{ class: "suggestions", id, role: "listbox", "aria-label": t("Suggestions"), hidden: "" },
    });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", id);
    input.setAttribute("aria-expanded", "false");
    // The input keeps the focus: leaving it would make a chip of what is typed.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** The person whom Enter would pick. */
  get active(): Person | undefined {
    return this.#people[this.#active];
  }

  /** @param active index of the option to start with; -1: none */
  show(people: readonly Person[], active: number): void {
    this.#hasMoved = false;
    this.#list(people, active);
  }

  /** Shows a longer list; a choice that the person moved to stays chosen. */
  update(people: readonly Person[], active: number): void {
    const { active: chosen } = this;
    const stays = people.findIndex(({ email }) => email === chosen?.email);
    this.#list(people, this.#hasMoved ? stays : active);
  }

  #list(people: readonly Person[], active: number): void {
    this.#people = people;
    this.element.replaceChildren(...people.map((person, index) => this.#option(person, index)));
    setHidden(this.element, people.length === 0);
    setAttribute(this.#input, "aria-expanded", String(people.length > 0));
    this.#choose(active);
  }

  close(): void {
    if (this.isOpen) this.show([], -1);
  }

  /** Moves up or down, and wraps around. */
  move(by: 1 | -1): void {
    const count = this.#people.length;
    this.#hasMoved = true;
    this.#choose(this.#active === -1 && by === -1 ? count - 1 : (this.#active + by + count) % count);
  }

  #choose(index: number): void {
    this.#active = index < this.#people.length ? index : -1;
    for (const [position, option] of [...this.element.children].entries())
      setAttribute(option, "aria-selected", String(position === this.#active));
    const active = this.element.children[this.#active];
    setAttribute(this.#input, "aria-activedescendant", active?.id ?? null);
    active?.scrollIntoView({ block: "nearest" });
  }

  #option(person: Person, index: number): HTMLElement {
    const name = shownName(person);
    const address = shownAddress(person.email);
    const option = element(
      "li",
      { role: "option", id: `${this.#input.id}-suggestion-${index}` },
      element("span", { class: "suggestion-name" }, name ?? address),
      ...(name === null ? [] : [" ", element("span", { class: "suggestion-email" }, address)]),
      " ",
      element("span", { class: "suggestion-origin" }, ORIGINS[person.origin]),
    );
    option.addEventListener("click", () => this.#onTake(person));
    return option;
  }
}
