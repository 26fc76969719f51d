/** Fields that few mails need (Reply-To, headers), behind a button that shows them. */
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setIcon } from "../dom/dom.ts";
import type { TextField } from "./textField.ts";

export class MoreFields {
  readonly element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #sign = icon("right");
  readonly #fields: HTMLElement;

  constructor(fields: readonly TextField[]) {
    this.#fields = element(
      "div",
      { class: "more-fields", id: "more-fields", hidden: "" },
      ...fields.map(({ row }) => row),
    );
    this.#toggle = button("", "quiet more-toggle", () => this.setOpen(!this.isOpen));
    this.#toggle.append(this.#sign, t("More"));
    this.#toggle.title = t("Reply-To and custom headers");
    setAttribute(this.#toggle, "aria-controls", "more-fields");
    setAttribute(this.#toggle, "aria-expanded", "false");
    this.element = element("div", { class: "more" }, this.#toggle, this.#fields);
  }

  get isOpen(): boolean {
    return !this.#fields.hidden;
  }

  setOpen(open: boolean): void {
    setHidden(this.#fields, !open);
    setAttribute(this.#toggle, "aria-expanded", String(open));
    setIcon(this.#sign, open ? "chevron" : "right");
  }
}
