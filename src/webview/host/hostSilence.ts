/**
 * Says that the host has stopped answering, and decides after how long; asks it for a sign of life when it is quiet.
 */
import { t } from "../../shared/l10n.ts";
import { element, icon, setHidden } from "../dom/dom.ts";

/** The host answers an intent within 100 ms, or within seconds on a busy machine. */
const PATIENCE_MS = 10_000;
/** A host that is starting has other things to do first. */
const START_PATIENCE_MS = 30_000;
/** While work is under way, snapshots keep arriving; after this long without one, the host is asked. */
const QUIET_MS = 5_000;

/**
 * When its process has ended, VS Code leaves the tab as it was, which would go on showing an upload, a countdown
 * and buttons that do nothing. What is typed is kept with the page, and restored when it loads again.
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
   * @param changed called when the host turns out to be silent, and when it answers again
   */
  constructor(ask: () => void, changed: (isSilent: boolean) => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /**
   * The page has posted something that the host answers.
   * @param isStart whether it was the page's first message: the host may still be starting
   */
  asked(isStart = false): void {
    this.#patience ??= setTimeout(() => this.#show(true), isStart ? START_PATIENCE_MS : PATIENCE_MS);
  }

  /** The host has answered. @param isUnderWay whether the page expects it to say more soon */
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
