import type { ProblemView as Problem, Remedy } from "../../shared/contract/snapshot.ts";
import { labelled } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setText } from "./dom.ts";

/** What went wrong, the buttons that mend it, and the request id to quote to the service's support. */
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

  /** A button that somebody else shows and hides. */
  add(button: HTMLButtonElement): void {
    this.#body.append(button);
  }

  /** @param of what it is about, where there are several @returns true when the button that had the keyboard is gone with it */
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

  /** @returns true when it had the keyboard and is gone */
  render(shown: Problem["remedy"], of: string | undefined): boolean {
    const isGone = this.hasFocus && shown === null;
    setHidden(this.element, shown === null);
    this.#remedy = shown?.remedy;
    setText(this.element, shown?.label ?? "");
    if (of !== undefined) setAttribute(this.element, "aria-label", shown && labelled(shown.label, of));
    return isGone;
  }
}
