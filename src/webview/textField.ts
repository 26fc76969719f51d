import { parseRecipients } from "../shared/message.ts";
import { element, icon, setAttribute, setHidden, setText } from "./dom.ts";
import { whenPointerRests } from "./pointer.ts";

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** A labelled line of the form, with room under it for what is wrong. */
export class TextField {
  readonly row: HTMLElement;
  readonly control: TextControl;
  readonly #problem: HTMLElement;
  readonly #problemText = element("span");

  constructor(label: HTMLLabelElement, control: TextControl, onEdit: () => void) {
    this.control = control;
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
      element("div", { class: "field-body" }, control, this.#problem),
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

  /** Judges the text and shows the verdict; a plain field takes any text. */
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
    this.control.after(button);
  }

  setReadOnly(readOnly: boolean): void {
    if (this.control.readOnly !== readOnly) this.control.readOnly = readOnly;
  }
}

/** Addresses as raw text. They are judged when the field is left, and while typing only to take a verdict back. */
export class RecipientField extends TextField {
  constructor(name: "to" | "cc" | "bcc", label: string, onEdit: () => void) {
    // Of several lines, because a list pasted into an <input> loses its line breaks, which separate addresses.
    const control = element("textarea", {
      id: name,
      rows: "1",
      maxlength: "100000",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
    });
    super(element("label", {}, label), control, onEdit);
    control.addEventListener("blur", () => whenPointerRests(() => this.check()));
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.check();
    });
  }

  override check(): void {
    const { problems } = parseRecipients(this.text);
    this.showProblem(problems.length === 0 ? null : problems.join(" "));
  }
}
