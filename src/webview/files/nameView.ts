/** A file's name that turns into an input. Enter and losing focus save; Escape restores the old name. */
import { t } from "../../shared/l10n.ts";
import { button, element, icon, setAttribute, setHidden, setText } from "../dom/dom.ts";

export class NameView {
  readonly element = element("div", { class: "name" });
  readonly #onRename: (name: string) => void;
  readonly #name = element("bdi", { class: "file-name" });
  readonly #link: HTMLButtonElement;
  readonly #pencil = button("", "icon-button", () => this.#open());
  readonly #input = element("input", {
    type: "text",
    class: "rename",
    maxlength: "255",
    spellcheck: "false",
  });

  constructor(onRename: (name: string) => void, onOpen: () => void) {
    this.#onRename = onRename;
    this.#link = button("", "file-link", onOpen);
    this.#link.append(this.#name);
    this.#pencil.append(icon("pencil"));
    this.#input.setAttribute("aria-label", t("File name in the mail"));
    this.#input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") this.#close({ refocus: true });
      else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.save({ refocus: true });
      else return;
      event.preventDefault();
    });
    this.#input.addEventListener("blur", () => this.save({ refocus: false }));
    setHidden(this.#input, true);
    this.element.append(this.#link, this.#pencil, this.#input);
  }

  render(name: string, mayRename: boolean): void {
    setText(this.#name, name);
    // The title is also its accessible name: with a label as well, both would be read.
    setAttribute(this.#pencil, "title", t("Rename {0}", name));
    setAttribute(this.#link, "aria-label", t("Open {0}", name));
    if (!mayRename) this.#close({ refocus: false });
    setHidden(this.#pencil, !mayRename || !this.#input.hidden);
  }

  /** Saves the name, if one is being typed. */
  save({ refocus }: { refocus: boolean }): void {
    if (this.#input.hidden) return;
    const name = this.#input.value.trim();
    const changed = name !== "" && name !== this.#name.textContent;
    this.#close({ refocus });
    if (!changed) return;
    this.#onRename(name);
    // Shown at once; the next snapshot has the final say.
    setText(this.#name, name);
  }

  #open(): void {
    const name = this.#name.textContent;
    this.#input.value = name;
    this.#toggle(true);
    this.#input.focus();
    const dot = name.lastIndexOf(".");
    this.#input.setSelectionRange(0, dot > 0 ? dot : name.length);
  }

  #close({ refocus }: { refocus: boolean }): void {
    if (this.#input.hidden) return;
    this.#toggle(false);
    if (refocus) this.#pencil.focus();
  }

  #toggle(editing: boolean): void {
    setHidden(this.#pencil, editing);
    setHidden(this.#link, editing);
    setHidden(this.#input, !editing);
  }
}
