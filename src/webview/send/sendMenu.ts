/** The other ways to send (as a draft, later) beside Send: a menu as the ARIA Authoring Practices describe it. */
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden } from "../dom/dom.ts";

export class SendMenu {
  readonly element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #menu = element("div", { class: "menu", id: "send-menu", role: "menu", hidden: "" });
  readonly #items: readonly HTMLButtonElement[];

  constructor(leave: (type: "saveDraft" | "sendLater") => void) {
    this.#toggle = button("", "secondary menu-toggle", () => {
      if (this.#isOpen) this.close();
      else this.#open(0);
    });
    this.#toggle.append(icon("chevron"));
    this.#toggle.title = t("More Ways to Send");
    for (const [name, value] of [
      ["aria-haspopup", "menu"],
      ["aria-expanded", "false"],
      ["aria-controls", "send-menu"],
    ] as const)
      setAttribute(this.#toggle, name, value);
    this.#items = [
      this.#item(t("Save as Draft"), () => leave("saveDraft")),
      this.#item(t("Send Later…"), () => leave("sendLater")),
    ];
    setAttribute(this.#menu, "aria-label", t("More Ways to Send"));
    this.#menu.append(...this.#items);
    this.element = element("div", { class: "send-menu" }, this.#toggle, this.#menu);
    this.#toggle.addEventListener("keydown", (event) => this.#onToggleKey(event));
    this.#menu.addEventListener("keydown", (event) => this.#onMenuKey(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) this.close();
    });
  }

  /** True while the focus is in it. */
  get hasFocus(): boolean {
    return this.element.contains(document.activeElement);
  }

  close(): void {
    setHidden(this.#menu, true);
    setAttribute(this.#toggle, "aria-expanded", "false");
  }

  get #isOpen(): boolean {
    return !this.#menu.hidden;
  }

  #open(index: number): void {
    setHidden(this.#menu, false);
    setAttribute(this.#toggle, "aria-expanded", "true");
    this.#items.at(index)?.focus();
  }

  #item(label: string, run: () => void): HTMLButtonElement {
    const item = button(label, "menu-item", () => {
      this.#toggle.focus();
      this.close();
      run();
    });
    setAttribute(item, "role", "menuitem");
    setAttribute(item, "tabindex", "-1");
    return item;
  }

  #onToggleKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.#open(event.key === "ArrowDown" ? 0 : -1);
  }

  #onMenuKey(event: KeyboardEvent): void {
    const at = this.#items.findIndex((item) => item.isSameNode(document.activeElement));
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % this.#items.length,
      ArrowUp: at - 1,
      Home: 0,
      End: -1,
    };
    const next = steps[event.key];
    if (next !== undefined) this.#items.at(next)?.focus();
    else if (event.key === "Escape") {
      this.#toggle.focus();
      this.close();
    } else return;
    event.preventDefault();
  }
}
