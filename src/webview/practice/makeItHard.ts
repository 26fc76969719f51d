/**
 * "Make It Hard": buttons for what can go wrong, the speeds of the line, and below them how the mail arrived all the
 * same. What the buttons do: `ui/panel/practice/simulator.ts`.
 */
import type { FromPanel, SimulatorView } from "../../shared/contract/messages.ts";
import { formatRate } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setIcon, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";

type MakeItHardIntent = FromPanel & { type: "makeItHard" };

const KB = 1024;
/** From a bad mobile connection to the full speed of the machine; in bytes per second, null: no limit. */
const SPEEDS = [64 * KB, 256 * KB, 1024 * KB, 4096 * KB, 16_384 * KB, null] as const;

export class MakeItHard {
  readonly element: HTMLElement;
  readonly #speed = element("input", {
    ...{ type: "range", id: "line-speed", min: "0", max: String(SPEEDS.length - 1), step: "1" },
  });
  readonly #speedText = element("span", { class: "speed" });
  readonly #loseAnswer: HTMLButtonElement;
  readonly #done = element("div", { class: "detail" });
  readonly #sign = icon("todo");
  readonly #arrivedText = element("span");
  readonly #arrived = element("div", { class: "arrival" }, this.#sign, this.#arrivedText);
  readonly #page: Page;
  #last: SimulatorView | null = null;

  constructor(page: Page) {
    this.#page = page;
    const act = (label: string, what: MakeItHardIntent["act"]) =>
      button(label, "secondary", () => page.post({ type: "makeItHard", act: what }));
    this.#loseAnswer = act(t("Lose the Answer to Send"), "loseAnswer");
    this.#speed.addEventListener("input", () => this.#showSpeed());
    this.#speed.addEventListener("change", () =>
      page.post({ type: "lineSpeed", bytesPerSecond: this.#chosen }),
    );
    this.element = element(
      "div",
      {
        ...{ class: "make-it-hard", id: "make-it-hard", hidden: "" },
        ...{ role: "region", "aria-label": t("Make It Hard") },
      },
      element(
        "div",
        { class: "hard-line" },
        element("label", { for: "line-speed" }, t("Line speed")),
        this.#speed,
        this.#speedText,
      ),
      element(
        "div",
        { class: "hard-line" },
        act(t("Drop the Line"), "dropLine"),
        this.#loseAnswer,
        act(t("Expire the Session"), "expireSessions"),
        act(t("Kill the Extension Host…"), "killHost"),
      ),
      this.#arrived,
      this.#done,
    );
  }

  get isOpen(): boolean {
    return this.#last !== null;
  }

  /** @param view null when closed */
  render(view: SimulatorView | null): void {
    const before = this.#last;
    this.#last = view;
    setHidden(this.element, view === null);
    if (view === null) return;
    const { bytesPerSecond, losesAnswer, done, arrived } = view;
    if (before?.bytesPerSecond !== bytesPerSecond) {
      const at = SPEEDS.findIndex((speed) => speed !== null && speed >= (bytesPerSecond ?? Infinity));
      this.#speed.value = String(at < 0 ? SPEEDS.length - 1 : at);
      this.#showSpeed();
    }
    setAttribute(this.#loseAnswer, "aria-pressed", String(losesAnswer));
    setText(this.#done, done === "" ? "" : t("So far: {0}.", done));
    setAttribute(this.#arrived, "data-verdict", arrived === null ? null : arrived.isGood ? "good" : "bad");
    setIcon(this.#sign, arrived === null ? "todo" : arrived.isGood ? "done" : "failed");
    const words =
      arrived === null
        ? t("Recipient's side: nothing has arrived yet")
        : t("Recipient's side: {0}", arrived.words);
    setText(this.#arrivedText, words);
    if (before !== null && before.arrived === null && arrived !== null) this.#page.say(t("{0}.", words));
  }

  get #chosen(): number | null {
    return SPEEDS[Number(this.#speed.value)] ?? null;
  }

  #showSpeed(): void {
    const text = this.#chosen === null ? t("as fast as this machine") : formatRate(this.#chosen);
    setText(this.#speedText, text);
    setAttribute(this.#speed, "aria-valuetext", text);
  }
}
