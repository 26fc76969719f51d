/** One recipient as a chip: what is shown of them, and the remark of who is outside or has no valid address. */

import { withoutHidden } from "../../shared/foreignText.ts";
import { described } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { type Circle, homeOf, isFamiliar, isMarkedOutside } from "../../shared/outsiders.ts";
import type { RecipientEntry } from "../../shared/recipients.ts";
import { shownAddress, shownName } from "../../shared/shownRecipient.ts";
import { element, icon, setAttribute, setHidden, setText } from "../dom/dom.ts";

/** One recipient: a row of the grid. The first cell takes the focus; the second is for the mouse. */
export class Chip {
  readonly element: HTMLElement;
  readonly cell: HTMLElement;
  readonly entry: RecipientEntry;
  readonly #address = element("span", { class: "chip-address", hidden: "" });
  readonly #external = element("span", { class: "external", hidden: "" }, icon("globe"));

  constructor(entry: RecipientEntry, onRemove: () => void) {
    this.entry = entry;
    const title = entry.problem ?? withoutHidden(entry.text);
    const label = element(
      "span",
      { class: "chip-label", title },
      element("bdi", { class: "chip-name" }, this.name),
      this.#address,
    );
    this.cell = element("span", { class: "chip-cell", role: "gridcell", tabindex: "-1" }, label);
    if (entry.problem === null) this.cell.append(this.#external);
    else {
      this.cell.prepend(icon("failed"));
      this.cell.setAttribute("aria-invalid", "true");
      this.cell.setAttribute("aria-description", entry.problem);
    }
    const remove = element(
      "button",
      { type: "button", class: "chip-remove", tabindex: "-1", title: t("Remove {0}", this.name) },
      icon("close"),
    );
    remove.addEventListener("click", onRemove);
    this.element = element(
      "div",
      { class: "chip", role: "row" },
      this.cell,
      element("span", { role: "gridcell" }, remove),
    );
    if (entry.problem !== null) this.element.setAttribute("data-invalid", "");
    this.setCircle(undefined);
  }

  /** The short name: a person's name, or else the address. */
  get name(): string {
    const { recipient, text } = this.entry;
    return recipient === null ? withoutHidden(text) : (shownName(recipient) ?? shownAddress(recipient.email));
  }

  /** Marks an outsider and spells out an unfamiliar address; without a circle nobody is familiar. */
  setCircle(circle: Circle | undefined): void {
    const { recipient } = this.entry;
    const hasName = recipient !== null && shownName(recipient) !== null;
    const address = hasName ? shownAddress(recipient.email) : "";
    const isOut =
      recipient !== null && circle?.from !== undefined && isMarkedOutside(recipient.email, circle);
    const isKnown = recipient !== null && circle !== undefined && isFamiliar(recipient, circle);
    setText(this.#address, hasName && !isKnown ? `<${address}>` : "");
    setHidden(this.#address, !hasName || isKnown);
    setHidden(this.#external, !isOut);
    const home = circle === undefined ? undefined : homeOf(circle);
    const why = home === undefined ? t("External: outside your domains") : t("External: outside {0}", home);
    this.#external.title = isOut ? why : "";
    setAttribute(this.cell, "aria-label", described(this.name, address, isOut ? t("external") : ""));
  }

  focus(): void {
    this.cell.focus();
  }
}
