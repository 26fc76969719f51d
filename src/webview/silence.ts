import { element, icon, setHidden } from "./dom.ts";

/** The host answers an edit within a tenth of a second, and on a machine that is busy within a few. */
const PATIENCE_MS = 10_000;

/**
 * Says that the host does not answer: when its process has ended, VS Code hands an open tab to no new one. What is typed
 * is kept with the page, and a page that loads again brings it along.
 */
export class Silence {
  readonly element = element(
    "p",
    { class: "notice", role: "alert", hidden: "" },
    icon("warning"),
    element(
      "span",
      {},
      "Freight Mail does not answer in this tab. What you type is kept here: reload the window (“Developer: Reload Window”) before you close the tab.",
    ),
  );
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Something was said that the host answers. */
  asked(): void {
    this.#timer ??= setTimeout(() => setHidden(this.element, false), PATIENCE_MS);
  }

  /** The host has said something. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    setHidden(this.element, true);
  }
}
