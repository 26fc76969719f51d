import { BodyFormat } from "../../shared/contract.ts";
import { button, element, setAttribute } from "../dom/dom.ts";

export interface BodyToolsIntents {
  formatChosen(): void;
  showPreview(shown: boolean): void;
}

const LABELS: Readonly<Record<BodyFormat, string>> = {
  markdown: "Markdown",
  text: "Plain Text",
  html: "HTML",
};

/** What stands below the text: what it is written in, and whether it is shown as it will be read. */
export class BodyTools {
  readonly element: HTMLElement;
  readonly #choices = new Map<BodyFormat, HTMLInputElement>();
  readonly #preview: HTMLButtonElement;

  constructor(intents: BodyToolsIntents) {
    const segments = BodyFormat.options.map((format) => {
      const choice = element("input", {
        type: "radio",
        name: "format",
        id: `format-${format}`,
        value: format,
      });
      choice.addEventListener("change", () => intents.formatChosen());
      this.#choices.set(format, choice);
      return element("label", { class: "segment" }, choice, element("span", {}, LABELS[format]));
    });
    this.#preview = button("Preview", "quiet", () => intents.showPreview(!this.#isPreviewShown));
    this.#preview.setAttribute("aria-pressed", "false");
    const legend = element("legend", { class: "visually-hidden" }, "Format of the message");
    this.element = element(
      "div",
      { class: "body-tools" },
      element("fieldset", { class: "segments" }, legend, ...segments),
      this.#preview,
    );
  }

  get format(): BodyFormat {
    for (const [format, choice] of this.#choices) if (choice.checked) return format;
    return "text";
  }

  set format(format: BodyFormat) {
    const choice = this.#choices.get(format);
    if (choice !== undefined) choice.checked = true;
  }

  setReadOnly(readOnly: boolean): void {
    for (const choice of this.#choices.values()) choice.disabled = readOnly;
  }

  setPreviewShown(shown: boolean): void {
    setAttribute(this.#preview, "aria-pressed", String(shown));
  }

  get #isPreviewShown(): boolean {
    return this.#preview.getAttribute("aria-pressed") === "true";
  }
}
