/**
 * Files that were not attached, and why, until a person dismisses that. Who remembers them:
 * `ui/notices/refusedFiles.ts`.
 */
import { sentences, t } from "../../shared/l10n.ts";
import { button, element, icon, setHidden } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";

export class RefusedView {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #list = element("ul", { class: "refused-list" });
  #shown: readonly string[] = [];

  constructor(page: Page) {
    this.#page = page;
    const dismiss = button("", "icon-button", () => page.post({ type: "dismissRefused" }));
    dismiss.append(icon("close"));
    dismiss.title = t("Dismiss what was not attached");
    this.element = element(
      "div",
      { class: "problem refused", role: "group", "aria-label": t("Not attached"), hidden: "" },
      icon("warning"),
      this.#list,
      dismiss,
    );
  }

  /** @returns true when the focused button is gone */
  render(reasons: readonly string[]): boolean {
    const before = this.#shown;
    if (reasons.length === before.length && reasons.every((reason, at) => reason === before[at]))
      return false;
    this.#shown = reasons;
    const hadFocus = this.element.contains(document.activeElement);
    this.#list.replaceChildren(...reasons.map((reason) => element("li", {}, reason)));
    setHidden(this.element, reasons.length === 0);
    const added = reasons.filter((reason) => !before.includes(reason));
    if (added.length > 0) this.#page.say(sentences(...added));
    return hadFocus && reasons.length === 0;
  }
}
