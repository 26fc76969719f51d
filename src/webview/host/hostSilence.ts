import { t } from "../../shared/l10n.ts";
import { element, icon, setHidden } from "../dom/dom.ts";

/** The host answers an intent within a tenth of a second, and on a machine that is busy within a few. */
const PATIENCE_MS = 10_000;
/** A host that starts has other things to do first. */
const START_PATIENCE_MS = 30_000;
/** While something is under way the host has something new to say all the time; when it has not, it is asked. */
const QUIET_MS = 5_000;

/**
 * Says that the host does not answer. When its process has ended, VS Code leaves the tab as it was: it would go on
 * showing an upload, a countdown, and buttons that nobody hears. What is typed is kept with the page, and a page that
 * loads again brings it along.
 */
export class HostSilence {
  readonly element = element(
    "p",
    { class: "notice", role: "alert", hidden: "" },
    icon("warning"),
    element(
      "span",
      {},
      t(
        "Freight Mail has stopped responding in this tab. Your text is safe: reload the window (“Developer: Reload Window”) before you close the tab.",
      ),
    ),
  );
  readonly #ask: () => void;
  readonly #changed: (isSilent: boolean) => void;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param ask asks the host for a sign of life
   * @param changed is told when it turns out that the host is silent, and when it speaks again
   */
  constructor(ask: () => void, changed: (isSilent: boolean) => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Something was said that the host answers. @param isStart that the page is there, to a host that may be starting */
  asked(isStart = false): void {
    this.#patience ??= setTimeout(() => this.#show(true), isStart ? START_PATIENCE_MS : PATIENCE_MS);
  }

  /** The host has said something. @param isUnderWay that it will soon have more to say, as far as the page knows */
  heard(isUnderWay: boolean): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#quiet);
    this.#patience = undefined;
    this.#quiet = isUnderWay ? setTimeout(this.#ask, QUIET_MS) : undefined;
    if (!this.element.hidden) this.#show(false);
  }

  #show(isSilent: boolean): void {
    setHidden(this.element, !isSilent);
    this.#changed(isSilent);
  }
}
