/**
 * The mail's state, what keeps it from being sent, and Send; always visible. Which of its buttons are there when, and
 * where the focus goes when one disappears.
 */
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { formatTime } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import {
  button,
  element,
  type IconName,
  icon,
  setAttribute,
  setHidden,
  setIcon,
  setText,
} from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";
import { ProblemView } from "../dom/problemView.ts";
import { SendMenu } from "./sendMenu.ts";
import { SummaryStrip } from "./summaryStrip.ts";

/** The ways for a mail to leave: what is typed goes along. */
export interface SendIntents {
  send(undecided?: "retry" | "without"): void;
  leave(type: "saveDraft" | "sendLater"): void;
  /** Sends the files in several mails. @param inParts whether to split a file that fits into no mail */
  sendInMails(inParts: boolean): void;
}

const isMac = /mac/i.test(navigator.platform);

const PHASE_ICONS: Readonly<Partial<Record<PanelSnapshot["phase"], IconName>>> = {
  waiting: "doing",
  sending: "doing",
  sent: "done",
  saved: "done",
  scheduled: "done",
  unconfirmed: "warning",
  failed: "failed",
};

const DONE: ReadonlySet<PanelSnapshot["phase"]> = new Set(["sent", "scheduled"]);

export class SendBar {
  readonly element: HTMLElement;
  readonly strip: SummaryStrip;
  readonly #problem: ProblemView;
  readonly #provenanceText = element("span");
  readonly #provenance = element("p", { class: "notice", hidden: "" }, icon("warning"), this.#provenanceText);
  readonly #icon = icon("info");
  readonly #headline = element("span", { tabindex: "-1" });
  readonly #send: HTMLButtonElement;
  readonly #retry: HTMLButtonElement;
  readonly #without: HTMLButtonElement;
  readonly #withdraw: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #menu: SendMenu;

  constructor(page: Page, intents: SendIntents) {
    this.#problem = new ProblemView((remedy) => page.post({ type: "remedy", attachmentId: null, remedy }));
    this.#retry = button("", "primary", () => intents.send("retry"));
    this.#without = button("", "secondary", () => intents.send("without"));
    this.#withdraw = button(t("Keep Editing"), "secondary", () => page.post({ type: "withdraw" }));
    // It appears where Send was: a second click or a held key was meant for Send.
    this.#withdraw.addEventListener(
      "click",
      (event) => {
        if (event.detail > 1) event.stopImmediatePropagation();
      },
      { capture: true },
    );
    this.#withdraw.addEventListener("keydown", (event) => {
      if (event.repeat) event.preventDefault();
    });
    this.#cancel = button(t("Cancel Scheduled Mail"), "secondary", () =>
      page.post({ type: "cancelScheduled" }),
    );
    this.#again = button(t("Send Again to…"), "secondary", () => page.post({ type: "sendAgainTo" }));
    this.#menu = new SendMenu((type) => intents.leave(type));
    this.strip = new SummaryStrip(page, (inParts) => intents.sendInMails(inParts));
    this.#send = button(t("Send"), "primary", () => intents.send());
    this.#send.title = isMac ? t("⌘Enter") : t("Ctrl+Enter");
    this.#send.setAttribute("aria-keyshortcuts", isMac ? "Meta+Enter" : "Control+Enter");
    this.element = element(
      "div",
      { class: "send-bar" },
      this.#problem.element,
      this.#provenance,
      element(
        "div",
        { class: "send-line" },
        // On the left, because VS Code's notifications appear on the right.
        element(
          "div",
          { class: "send-buttons" },
          this.#send,
          this.#retry,
          this.#without,
          this.#withdraw,
          this.#menu.element,
          this.#again,
          this.#cancel,
        ),
        element("div", { class: "headline" }, this.#icon, this.#headline),
      ),
      // Displayed above that line, but later in Tab order: Tab goes from the text straight to Send.
      this.strip.element,
    );
    // The page scrolls a focused field clear of the bar, whose height grows with a problem.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--bar-height", `${this.element.offsetHeight + 8}px`);
    }).observe(this.element);
  }

  /** What is shown may be outdated: the host was last heard from at `heardAt`. */
  doubt(heardAt: number): void {
    setIcon(this.#icon, "warning");
    setAttribute(this.#icon, "hidden", null);
    const since = t("No response since {0}. This is the mail as of then.", formatTime(heardAt));
    setText(this.#headline, since);
  }

  render({ phase, stuck, headline, problem, provenance, send, ways, event }: PanelSnapshot): void {
    setHidden(this.#provenance, provenance === null);
    setText(this.#provenanceText, provenance ?? "");
    setAttribute(this.element, "data-phase", phase);
    // A sent mail that came back still needs attention.
    const asks = stuck || (phase === "sent" && problem !== null);
    setAttribute(this.element, "data-stuck", asks ? "" : null);
    const phaseIcon = asks ? "warning" : PHASE_ICONS[phase];
    if (phaseIcon !== undefined) setIcon(this.#icon, phaseIcon);
    setAttribute(this.#icon, "hidden", phaseIcon === undefined ? "" : null);
    setText(this.#headline, headline);
    const isMended = this.#problem.render(problem);
    setText(this.#send, send.label);
    const { undecided } = send;
    // While files are undecided, Send would only wait for the person who pressed it.
    setAttribute(this.#send, "aria-disabled", send.enabled && undecided === undefined ? null : "true");
    const choices = [
      [this.#retry, undecided?.retry ?? null],
      [this.#without, undecided?.without ?? null],
    ] as const;
    const hasChoice = choices.some(([, label]) => label !== null);
    setText(this.#withdraw, send.withdrawLabel);
    // No Send for an event's files, which leave automatically, or for a mail that is done.
    const isSendHidden = event !== null || send.withdrawable || DONE.has(phase) || hasChoice;
    const hasFocus = (node: Element) => node === document.activeElement;
    // When the focused button disappears, the focus stays nearby.
    const goes =
      (hasFocus(this.#withdraw) && !send.withdrawable) ||
      (hasFocus(this.#cancel) && !ways.cancelScheduled) ||
      (hasFocus(this.#send) && isSendHidden) ||
      choices.some(([node, label]) => hasFocus(node) && label === null) ||
      (this.#menu.hasFocus && !ways.others);
    setHidden(this.#send, isSendHidden);
    for (const [node, label] of choices) {
      setText(node, label ?? "");
      setHidden(node, label === null);
    }
    setHidden(this.#withdraw, !send.withdrawable);
    setHidden(this.#cancel, !ways.cancelScheduled);
    setHidden(this.#again, !ways.sendAgainTo);
    if (!ways.others) this.#menu.close();
    setHidden(this.#menu.element, !ways.others);
    if (!goes && !isMended) return;
    // Never focus a button that a second Enter must not press.
    const buttons = phase === "saved" ? [] : [this.#send, this.#withdraw];
    const next = buttons.find((node) => node.checkVisibility()) ?? this.#headline;
    next.focus();
  }

  /** Focuses the choice that has to be made before Send. */
  focusChoice(): void {
    [this.#retry, this.#without].find((node) => node.checkVisibility())?.focus();
  }
}
