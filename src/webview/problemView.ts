import type { ProblemView as Problem, Remedy } from "../shared/contract.ts";
import { button, element, icon, setHidden, setText } from "./dom.ts";

/** What went wrong, the button that mends it, and the request id to quote to the service's support. */
export class ProblemView {
  readonly element: HTMLElement;
  readonly #message = element("span", { class: "problem-message" });
  readonly #requestId = element("code");
  readonly #request = element("span", { class: "request-id" }, "Request ID ", this.#requestId);
  readonly #button: HTMLButtonElement;
  #remedy: Remedy | undefined;

  constructor(onRemedy: (remedy: Remedy) => void) {
    this.#button = button("", "secondary", () => {
      if (this.#remedy !== undefined) onRemedy(this.#remedy);
    });
    this.element = element(
      "div",
      { class: "problem", hidden: "" },
      icon("failed"),
      element(
        "div",
        { class: "problem-body" },
        element("div", { class: "problem-text" }, this.#message, this.#request),
        this.#button,
      ),
    );
  }

  /** @returns true when the button that had the keyboard is gone with it */
  render(problem: Problem | null): boolean {
    const hadFocus = this.#button === document.activeElement;
    setHidden(this.element, problem === null);
    if (problem === null) return hadFocus;
    setText(this.#message, problem.message);
    setHidden(this.#request, problem.requestId === null);
    setText(this.#requestId, problem.requestId ?? "");
    setHidden(this.#button, problem.remedy === null);
    this.#remedy = problem.remedy?.remedy;
    setText(this.#button, problem.remedy?.label ?? "");
    return hadFocus && problem.remedy === null;
  }
}
