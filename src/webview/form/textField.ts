/**
 * A labelled line of the form, with room below for what is wrong. Recipients have one with chips: `recipientField.ts`.
 */
import { element, icon, setAttribute, setHidden, setText } from "../dom/dom.ts";

type TextControl = HTMLInputElement | HTMLTextAreaElement;

export class TextField {
  readonly row: HTMLElement;
  readonly control: TextControl;
  readonly #box: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #problemText = element("span");

  /** @param box what looks like the field, if that is more than the control */
  constructor(label: HTMLLabelElement, control: TextControl, onEdit: () => void, box: HTMLElement = control) {
    this.control = control;
    this.#box = box;
    label.htmlFor = control.id;
    this.#problem = element(
      "div",
      { class: "field-problem", id: `${control.id}-problem`, hidden: "" },
      icon("failed"),
      this.#problemText,
    );
    this.row = element(
      "div",
      { class: `field field-${control.id}` },
      label,
      element("div", { class: "field-body" }, box, this.#problem),
    );
    control.addEventListener("input", () => {
      if (this.hasProblem) this.check();
      onEdit();
    });
  }

  get text(): string {
    return this.control.value;
  }

  set text(text: string) {
    // Writing the same text again would move the cursor.
    if (this.control.value !== text) this.control.value = text;
  }

  get hasProblem(): boolean {
    return !this.#problem.hidden;
  }

  /** Checks the text and shows what is wrong; a plain field takes any text. */
  check(): void {
    this.showProblem(null);
  }

  showProblem(message: string | null): void {
    setText(this.#problemText, message ?? "");
    setHidden(this.#problem, message === null);
    setAttribute(this.control, "aria-invalid", message === null ? null : "true");
    setAttribute(this.control, "aria-describedby", message === null ? null : this.#problem.id);
  }

  /** Puts a button into the field's right end. */
  addAccessory(button: HTMLElement): void {
    button.classList.add("accessory");
    this.#box.after(button);
    // Its width depends on the language of the page.
    new ResizeObserver(() => {
      this.#box.style.setProperty("--accessory", `${button.offsetWidth + 4}px`);
    }).observe(button);
  }

  /** Puts something below the field and its problem line. */
  addBelow(...nodes: readonly HTMLElement[]): void {
    this.#problem.after(...nodes);
  }

  setReadOnly(readOnly: boolean): void {
    if (this.control.readOnly !== readOnly) this.control.readOnly = readOnly;
  }
}
