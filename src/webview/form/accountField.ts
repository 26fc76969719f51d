/** "From": the choice of account, or a button to add the first one. */
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { noted } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";

export class AccountField {
  readonly row: HTMLElement;
  readonly #beaker = icon("beaker");
  readonly #select = element("select", { id: "from" });
  readonly #choice = element("div", { class: "select" }, this.#beaker, this.#select, icon("chevron"));
  readonly #invitation: HTMLElement;
  #shown = "";

  constructor(page: Page) {
    this.#select.addEventListener("change", () =>
      page.post({ type: "chooseAccount", accountId: this.#select.value }),
    );
    this.#invitation = element(
      "div",
      { class: "invitation" },
      element("span", {}, t("No account yet.")),
      button(t("Add Account…"), "secondary", () => page.post({ type: "addAccount" })),
    );
    this.row = element(
      "div",
      { class: "field" },
      element("label", { for: "from" }, t("From")),
      element("div", { class: "field-body" }, this.#choice, this.#invitation),
    );
  }

  render({ accounts, accountId, editable, practice }: PanelSnapshot): void {
    setHidden(this.#choice, accounts.length === 0);
    setHidden(this.#invitation, accounts.length > 0);
    this.#select.disabled = !editable;
    setAttribute(this.#beaker, "hidden", practice === null ? "" : null);
    // Rebuilding an open list would close it, and an older snapshot must not undo a choice just made.
    const wanted = JSON.stringify([accounts, accountId]);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const options = accounts.map(({ id, label, note }) =>
      element("option", { value: id }, note === undefined ? label : noted(label, note)),
    );
    if (accountId === null) {
      const prompt = element("option", { value: "", hidden: "" }, t("Choose an account"));
      setAttribute(prompt, "disabled", "");
      options.unshift(prompt);
    }
    this.#select.replaceChildren(...options);
    this.#select.value = accountId ?? "";
  }
}
