/** The progress of one attachment: the bar, and the four steps as a row of icons. */
import type { AttachmentView } from "../../shared/contract/snapshot.ts";
import { described, percent } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { element, icon, setAttribute, setIcon, setText } from "../dom/dom.ts";

export class ProgressView {
  readonly bar = element(
    "div",
    { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" },
    element("div", { class: "handed" }),
    element("div", { class: "accepted" }),
  );
  readonly steps = element("ol", { class: "steps", "aria-label": t("Steps") });

  render({ name, sizeBytes, acceptedBytes, handedBytes, statusText, pace, steps }: AttachmentView): void {
    setAttribute(this.bar, "aria-label", t("Upload of {0}", name));
    setAttribute(this.bar, "aria-valuenow", `${percent(acceptedBytes, sizeBytes)}`);
    setAttribute(this.bar, "aria-valuetext", described(statusText, pace));
    this.bar.style.setProperty("--accepted", share(acceptedBytes, sizeBytes));
    this.bar.style.setProperty("--handed", share(handedBytes, sizeBytes));
    this.#renderSteps(steps);
  }

  #renderSteps(steps: AttachmentView["steps"]): void {
    while (this.steps.childElementCount > steps.length) this.steps.lastElementChild?.remove();
    steps.forEach((step, index) => {
      const item = this.steps.children.item(index) ?? this.steps.appendChild(stepItem());
      const [sign, label, state] = item.children;
      if (sign instanceof SVGSVGElement) setIcon(sign, step.state);
      if (label !== undefined) setText(label, step.label);
      if (state !== undefined) setText(state, ` (${STATE_WORDS[step.state]})`);
      setAttribute(item, "data-state", step.state);
      setAttribute(item, "aria-current", step.state === "doing" ? "step" : null);
    });
  }
}

const STATE_WORDS = { todo: t("to do"), doing: t("under way"), done: t("done"), failed: t("failed") };

function stepItem(): HTMLLIElement {
  return element("li", {}, icon("todo"), element("span"), element("span", { class: "visually-hidden" }));
}

function share(part: number, whole: number): string {
  return `${whole <= 0 ? 0 : Math.min(100, Math.max(0, (part / whole) * 100)).toFixed(2)}%`;
}
