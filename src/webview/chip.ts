import type { RecipientEntry } from "../shared/message.ts";
import { isExternal } from "../shared/recipients.ts";
import { element, icon, setAttribute, setHidden } from "./dom.ts";

/** One recipient of a field: a row of its grid. The first cell takes the focus, the second is for the pointer. */
export class Chip {
  readonly element: HTMLElement;
  readonly cell: HTMLElement;
  readonly entry: RecipientEntry;
  readonly #external = element("span", { class: "external", hidden: "" }, icon("globe"));

  constructor(entry: RecipientEntry, onRemove: () => void) {
    this.entry = entry;
    const label = element("span", { class: "chip-label", title: entry.problem ?? entry.text }, this.name);
    this.cell = element("span", { class: "chip-cell", role: "gridcell", tabindex: "-1" }, label);
    if (entry.problem === null) this.cell.append(this.#external);
    else {
      this.cell.prepend(icon("failed"));
      this.cell.setAttribute("aria-invalid", "true");
      this.cell.setAttribute("aria-description", entry.problem);
    }
    const remove = element(
      "button",
      { type: "button", class: "chip-remove", tabindex: "-1", "aria-label": `Remove ${this.name}` },
      icon("close"),
    );
    remove.title = "Remove";
    remove.addEventListener("click", onRemove);
    this.element = element(
      "div",
      { class: "chip", role: "row" },
      this.cell,
      element("span", { role: "gridcell" }, remove),
    );
    if (entry.problem !== null) this.element.setAttribute("data-invalid", "");
    this.setOwnDomain(undefined);
  }

  /** What it is called where there is little room. */
  get name(): string {
    return this.entry.recipient?.name ?? this.entry.recipient?.email ?? this.entry.text;
  }

  /** Marks it when it is outside the account's domain; without one nothing can be told. */
  setOwnDomain(ownDomain: string | undefined): void {
    const { recipient } = this.entry;
    const isOutside = recipient !== null && ownDomain !== undefined && isExternal(recipient.email, ownDomain);
    setHidden(this.#external, !isOutside);
    this.#external.title = isOutside ? `External: outside ${ownDomain}` : "";
    const parts = [this.name, recipient?.name ? recipient.email : "", isOutside ? "external" : ""];
    setAttribute(this.cell, "aria-label", parts.filter(Boolean).join(", "));
  }

  focus(): void {
    this.cell.focus();
  }
}
