/**
 * One attachment: the labels of its buttons, when its icon spins, when it takes a single line. Which buttons it has:
 * `delivery/words/fileActions.ts`; its words: `delivery/words/describeAttachment.ts`.
 */
import type { FromPanel } from "../../shared/contract/messages.ts";
import type { AttachmentView } from "../../shared/contract/snapshot.ts";
import { labelled } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { describeExpiry, EXPIRY_WARNING_MS } from "../../shared/sessionExpiry.ts";
import { button, element, icon, setAttribute, setHidden, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";
import { ProblemView } from "../dom/problemView.ts";
import { NameView } from "./nameView.ts";
import { ProgressView } from "./progressView.ts";

type RowAction = Extract<FromPanel, { type: "attachment" }>["action"];

const ACTIONS = [
  ["tryNow", t("Try Now")],
  ["pause", t("Pause")],
  ["resume", t("Resume")],
  ["retry", t("Retry")],
  ["keepVersion", t("Send as It Was")],
  ["asLink", t("Send as Link")],
  ["asAttachment", t("Attach Instead")],
  ["extendLink", t("Extend Link…")],
  ["stopSharing", t("Stop Sharing…")],
  ["deleteLinked", t("Delete File…")],
  ["cancel", t("Cancel")],
  ["remove", t("Remove")],
] as const satisfies readonly (readonly [RowAction, string])[];

/** Shown in the problem box, beside the other of the two answers to what it asks. */
const IN_THE_BOX = "keepVersion";

/** States in which the icon of the current step spins. */
const MOVING: ReadonlySet<AttachmentView["status"]> = new Set([
  "creating",
  "uploading",
  "completing",
  "sending",
]);

/** A finished file takes one line: nothing moves in it, and nothing is asked. */
const DONE: ReadonlySet<AttachmentView["status"]> = new Set(["ready", "sent", "saved", "scheduled"]);

/** Its nodes live as long as the attachment does, so that no snapshot takes the focus away. */
export class AttachmentRow {
  readonly element: HTMLLIElement;
  readonly #name: NameView;
  readonly #detail = element("div", { class: "detail" });
  readonly #actions = new Map<RowAction, HTMLButtonElement>();
  readonly #progress = new ProgressView();
  readonly #status = element("span", { class: "status" });
  readonly #pace = element("span", { class: "pace" });
  readonly #expiryText = element("span");
  readonly #expiry = element("span", { class: "expiry", role: "timer" }, icon("warning"), this.#expiryText);
  readonly #problem: ProblemView;
  #expiresAt: number | null = null;

  constructor(id: string, page: Page) {
    this.#name = new NameView(
      (name) => page.post({ type: "rename", attachmentId: id, name }),
      () => page.post({ type: "openFile", attachmentId: id }),
    );
    this.#problem = new ProblemView((remedy) => page.post({ type: "remedy", attachmentId: id, remedy }));
    for (const [action, label] of ACTIONS)
      this.#actions.set(
        action,
        button(label, action === IN_THE_BOX ? "secondary" : "quiet", () =>
          page.post({ type: "attachment", attachmentId: id, action }),
        ),
      );
    const { [IN_THE_BOX]: answer, ...others } = Object.fromEntries(this.#actions);
    if (answer !== undefined) this.#problem.add(answer);
    this.element = element(
      "li",
      { class: "attachment" },
      element(
        "div",
        { class: "attachment-head" },
        icon("file"),
        element("div", { class: "attachment-title" }, this.#name.element, this.#detail),
        element("div", { class: "attachment-actions" }, ...Object.values(others)),
      ),
      this.#progress.bar,
      element(
        "div",
        { class: "attachment-foot" },
        element("div", { class: "state" }, this.#status, this.#pace, this.#expiry),
        this.#progress.steps,
      ),
      this.#problem.element,
    );
  }

  render(view: AttachmentView): void {
    setAttribute(this.element, "data-status", view.status);
    this.element.classList.toggle("moving", MOVING.has(view.status) && view.waits !== true);
    this.element.classList.toggle("folded", DONE.has(view.status));
    this.#name.render(view.name, view.actions.includes("rename"));
    setText(this.#detail, view.detail);
    setAttribute(this.#detail, "title", view.place);
    setAttribute(this.#name.element, "title", view.place);
    setAttribute(this.element, "data-asks", view.asks === true ? "" : null);
    this.#progress.render(view);
    setText(this.#status, view.statusText);
    setText(this.#pace, view.pace);
    // The status already says that it has expired.
    this.#expiresAt = view.status === "expired" ? null : view.expiresAt;
    const lost = this.#problem.render(view.problem, view.name);
    this.#renderActions(view);
    if (lost) this.focus();
  }

  /** Shows the time left by the host's clock. @returns true while it is counting down */
  tick(hostNow: number): boolean {
    setHidden(this.#expiry, this.#expiresAt === null);
    if (this.#expiresAt === null) return false;
    const leftMs = this.#expiresAt - hostNow;
    setText(this.#expiryText, describeExpiry(leftMs));
    setAttribute(this.#expiry, "data-near", leftMs < EXPIRY_WARNING_MS ? "true" : null);
    return leftMs > 0;
  }

  saveName(): void {
    this.#name.save({ refocus: false });
  }

  /** Focuses the first visible action button, or else any button. @returns false when there is none */
  focus(): boolean {
    const buttons = [".attachment-actions button", "button"].flatMap((selector) => [
      ...this.element.querySelectorAll<HTMLButtonElement>(selector),
    ]);
    const seen = buttons.find((node) => node.checkVisibility());
    seen?.focus();
    return seen !== undefined;
  }

  #renderActions({ name, actions, problem }: AttachmentView): void {
    let lost = false;
    for (const [action, label] of ACTIONS) {
      const node = this.#actions.get(action);
      if (node === undefined) continue;
      setAttribute(node, "aria-label", labelled(label, name));
      // The problem box has the same button.
      const hidden = !actions.includes(action) || problem?.remedy?.remedy === action;
      lost ||= hidden && node === document.activeElement;
      setHidden(node, hidden);
    }
    // "Pause" became "Resume" while it had the focus: stay in this row.
    if (!lost) return;
    const next = [...this.#actions.values()].find((node) => !node.hidden);
    if (next === undefined) this.focus();
    else next.focus();
  }
}
