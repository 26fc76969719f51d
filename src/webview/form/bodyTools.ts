/**
 * The line below the text: its format, and the switch between Write and Preview; from which width on both are shown.
 * The preview itself: `bodyView.ts`.
 */
import { BodyFormat } from "../../shared/contract/form.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, setAttribute } from "../dom/dom.ts";

export interface BodyToolsIntents {
  formatChosen(): void;
  showPreview(shown: boolean): void;
}

const LABELS: Readonly<Record<BodyFormat, string>> = {
  markdown: "Markdown",
  text: t("Plain Text"),
  html: "HTML",
};

/** From this width on, text and preview are side by side; media/panel.css has the same breakpoint. */
const ROOM_FOR_BOTH = matchMedia("(min-width: 800px)");

export class BodyTools {
  readonly element: HTMLElement;
  readonly #intents: BodyToolsIntents;
  readonly #choices = new Map<BodyFormat, HTMLInputElement>();
  readonly #write: HTMLButtonElement;
  readonly #preview: HTMLButtonElement;
  /** Gets the class that replaces the text with the preview where there is no room for both. */
  readonly #text: HTMLElement;
  /** The host renders a preview: the person's choice, which holds for all mails. */
  #isMade = false;
  /** The person asked for the preview in this mail; a new mail starts with the text even in a narrow tab. */
  #isAskedFor = false;

  constructor(intents: BodyToolsIntents, text: HTMLElement) {
    this.#intents = intents;
    this.#text = text;
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
    this.#write = button(t("Write"), "quiet", () => this.#show(false));
    this.#preview = button(t("Preview"), "quiet", () => this.#show(!this.#isShown));
    const legend = element("legend", { class: "visually-hidden" }, t("Format of the message"));
    this.element = element(
      "div",
      { class: "body-tools" },
      element("fieldset", { class: "segments" }, legend, ...segments),
      element("div", { class: "views" }, this.#write, this.#preview),
    );
    ROOM_FOR_BOTH.addEventListener("change", () => this.#render());
    this.#render();
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
    this.#isMade = shown;
    this.#render();
  }

  /** Shows the text, so that it can be written in. */
  write(): void {
    this.#isAskedFor = false;
    this.#render();
  }

  get #isShown(): boolean {
    return this.#isMade && (this.#isAskedFor || ROOM_FOR_BOTH.matches);
  }

  #show(shown: boolean): void {
    this.#isAskedFor = shown;
    if (this.#isMade !== shown) this.#intents.showPreview(shown);
    this.#render();
  }

  #render(): void {
    setAttribute(this.#write, "aria-pressed", String(!this.#isShown));
    setAttribute(this.#preview, "aria-pressed", String(this.#isShown));
    this.#text.classList.toggle("is-previewed", this.#isShown);
  }
}
