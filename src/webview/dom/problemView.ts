/**
 * What went wrong, the buttons that fix it, and the request ID to quote to the service's support. What the buttons say:
 * `delivery/words/problemWords.ts`.
 */
import type { ProblemView as Problem, Remedy } from "../../shared/contract/snapshot.ts";
import { labelled } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setText } from "./dom.ts";

export class ProblemView {
  readonly element: HTMLElement;
  readonly #message = element("span", { class: "problem-message" });
  readonly #requestId = element("code");
  readonly #request = element("span", { class: "request-id" }, t("Request ID"), " ", this.#requestId);
  readonly #remedy: RemedyButton;
  readonly #also: RemedyButton;
  readonly #body: HTMLElement;

  constructor(onRemedy: (remedy: Remedy) => void) {
    this.#remedy = new RemedyButton(onRemedy);
    this.#also = new RemedyButton(onRemedy);
    this.#body = element(
      "div",
      { class: "problem-body" },
      element("div", { class: "problem-text" }, this.#message, this.#request),
      this.#remedy.element,
      this.#also.element,
    );
    this.element = element("div", { class: "problem", hidden: "" }, icon("failed"), this.#body);
  }

  /** Adds a button that the caller shows and hides. */
  add(button: HTMLButtonElement): void {
    this.#body.append(button);
  }

  /**
   * @param of what the problem is about, for the buttons' labels
   * @returns true when the focused button is gone
   */
  render(problem: Problem | null, of?: string): boolean {
    const hadFocus = this.#remedy.hasFocus || this.#also.hasFocus;
    setHidden(this.element, problem === null);
    if (problem === null) return hadFocus;
    setText(this.#message, problem.message);
    setHidden(this.#request, problem.requestId === null);
    setText(this.#requestId, problem.requestId ?? "");
    const isGone = this.#remedy.render(problem.remedy, of);
    return this.#also.render(problem.also ?? null, of) || isGone;
  }
}

class RemedyButton {
  readonly element: HTMLButtonElement;
  #remedy: Remedy | undefined;

  constructor(onRemedy: (remedy: Remedy) => void) {
    this.element = button("", "secondary", () => {
      if (this.#remedy !== undefined) onRemedy(this.#remedy);
    });
  }

  get hasFocus(): boolean {
    return this.element === document.activeElement;
  }

  /** @returns true when it had the focus and is gone */
  render(shown: Problem["remedy"], of: string | undefined): boolean {
    const isGone = this.hasFocus && shown === null;
    setHidden(this.element, shown === null);
    this.#remedy = shown?.remedy;
    setText(this.element, shown?.label ?? "");
    if (of !== undefined) setAttribute(this.element, "aria-label", shown && labelled(shown.label, of));
    return isGone;
  }
}
