/** Files dragged over the page: an overlay that says what a drop will do, and the drop itself. */
import { t } from "../../shared/l10n.ts";
import { element, icon, setHidden } from "../dom/dom.ts";

export interface DropZoneIntents {
  dropUris(uris: readonly string[]): void;
  /** Files from the desktop, and the names of folders among them. */
  dropFiles(files: readonly File[], folders: readonly string[]): void;
}

/** VS Code's own type lists every file; the standard type may list only the first. */
const CODE_URIS = "application/vnd.code.uri-list";
const URIS = "text/uri-list";
/** The browser's type for files from the desktop. */
const FILES = "Files";

export class DropZone {
  /** Hidden from assistive technology: "Add Files…" does the same from the keyboard. */
  readonly element: HTMLElement;
  readonly #intents: DropZoneIntents;
  readonly #hint = element("p", { class: "drop-hint" }, t("Hold Shift to drop here"));
  #editable = false;
  /** The page's own text or link is being dragged. */
  #isOwn = false;

  constructor(intents: DropZoneIntents) {
    this.#intents = intents;
    const words = element("p", { class: "drop-words" }, icon("file"), t("Drop files to attach them"));
    this.element = element(
      "div",
      { class: "drop-zone", "aria-hidden": "true", hidden: "" },
      element("div", { class: "drop-card" }, words, this.#hint),
    );
    document.addEventListener("dragstart", () => {
      this.#isOwn = true;
    });
    document.addEventListener("dragend", () => {
      this.#isOwn = false;
      this.#hide();
    });
    document.addEventListener("dragenter", (event) => this.#over(event));
    document.addEventListener("dragover", (event) => this.#over(event));
    document.addEventListener("dragleave", ({ relatedTarget }) => {
      // Moving between elements is not leaving the page.
      if (relatedTarget === null) this.#hide();
    });
    document.addEventListener("drop", (event) => this.#drop(event));
    // Pointer moves mean that no drag is under way: clears up after a drag that ended elsewhere.
    document.addEventListener("pointermove", () => this.#hide());
  }

  render(editable: boolean): void {
    this.#editable = editable;
    if (!editable) this.#hide();
  }

  #over(event: DragEvent): void {
    const { dataTransfer } = event;
    if (dataTransfer === null || !this.#isWanted(event, dataTransfer)) return;
    event.preventDefault();
    dataTransfer.dropEffect = "copy";
    // VS Code opens its own drags in an editor unless Shift is held.
    const needsShift = dataTransfer.types.includes(CODE_URIS) && !event.shiftKey;
    this.#hint.classList.toggle("unneeded", !needsShift);
    setHidden(this.element, false);
  }

  #drop(event: DragEvent): void {
    this.#hide();
    const { dataTransfer } = event;
    if (dataTransfer === null || !this.#isWanted(event, dataTransfer)) return;
    event.preventDefault();
    const uris = urisOf(dataTransfer);
    if (uris.length > 0) {
      this.#intents.dropUris(uris);
      return;
    }
    const { files, folders } = filesOf(dataTransfer);
    if (files.length + folders.length > 0) this.#intents.dropFiles(files, folders);
  }

  #isWanted({ target }: DragEvent, { types }: DataTransfer): boolean {
    if (!this.#editable || this.#isOwn) return false;
    if (types.includes(CODE_URIS) || types.includes(FILES)) return true;
    // Over a text field, a link from a browser is dropped as text.
    const isText = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    return types.includes(URIS) && !isText;
  }

  #hide(): void {
    setHidden(this.element, true);
  }
}

function urisOf(data: DataTransfer): readonly string[] {
  const list = data.getData(CODE_URIS) || data.getData(URIS);
  return list.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
}

function filesOf({ items }: DataTransfer) {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of items) {
    const file = item.getAsFile();
    if (file === null) continue;
    if (item.webkitGetAsEntry()?.isDirectory === true) folders.push(file.name);
    else files.push(file);
  }
  return { files, folders };
}
