/** Says that nobody receives this mail, and lets people try out what can go wrong on the way (`makeItHard.ts`). */
import type { SimulatorView } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setIcon, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";
import { MakeItHard } from "./makeItHard.ts";

export class PracticeBanner {
  readonly element: HTMLElement;
  readonly hard: MakeItHard;
  readonly #text = element("span");
  readonly #toggle: HTMLButtonElement;
  readonly #sign = icon("right");

  constructor(page: Page) {
    this.hard = new MakeItHard(page);
    this.#toggle = button("", "quiet", () =>
      page.post({ type: "makeItHard", act: this.hard.isOpen ? "close" : "open" }),
    );
    this.#toggle.append(this.#sign, t("Make It Hard"));
    setAttribute(this.#toggle, "aria-controls", "make-it-hard");
    setAttribute(this.#toggle, "aria-expanded", "false");
    this.element = element(
      "div",
      { class: "practice", hidden: "" },
      icon("beaker"),
      this.#text,
      element(
        "div",
        { class: "practice-ways" },
        button(t("Open Practice Mailbox"), "quiet", () => page.post({ type: "openPracticeMailbox" })),
        this.#toggle,
      ),
    );
  }

  /** @param words null for a mail that is really sent */
  render(words: string | null): void {
    setHidden(this.element, words === null);
    setText(this.#text, words ?? "");
    if (words === null) this.renderHard(null);
  }

  renderHard(view: SimulatorView | null): void {
    this.hard.render(view);
    setAttribute(this.#toggle, "aria-expanded", String(this.hard.isOpen));
    setIcon(this.#sign, this.hard.isOpen ? "chevron" : "right");
  }
}
