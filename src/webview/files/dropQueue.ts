/** Copies files from the desktop to the host, which cannot read them itself: one at a time, in pieces. */
import { DROP_CHUNK_BYTES } from "../../shared/contract/messages.ts";
import { moreFiles, percent } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { button, element, setAttribute, setHidden, setText } from "../dom/dom.ts";
import type { Page } from "../dom/page.ts";

interface Copy {
  readonly id: string;
  readonly file: File;
}

export class DropQueue {
  readonly element: HTMLElement;
  readonly #page: Page;
  readonly #line = element("p", { class: "drop-line", hidden: "" });
  readonly #name = element("span", { class: "drop-name" });
  readonly #share = element("span", { class: "detail" });
  readonly #note = element("p", { class: "field-note", hidden: "" });
  readonly #cancelButton = button(t("Cancel"), "secondary", () => this.#cancel());
  #current: Copy | undefined;
  #waiting: readonly File[] = [];
  #begun = 0;
  /** The note asks to wait for the file being copied. */
  #saysWait = false;

  constructor(page: Page) {
    this.#page = page;
    this.#line.append(this.#name, this.#share, this.#cancelButton);
    this.element = element("div", { class: "drop-queue" }, this.#line, this.#note);
  }

  /** Queues files; names the folders, which a page cannot read whole, and leaves them out. */
  add(files: readonly File[], folders: readonly string[]): void {
    const [folder = ""] = folders;
    this.tell(
      folders.length === 0
        ? ""
        : folders.length === 1
          ? t("“{0}” is a folder: right-click it in the Explorer to send it.", folder)
          : t("{0} of these are folders: right-click them in the Explorer to send them.", folders.length),
    );
    this.#waiting = [...this.#waiting, ...files];
    this.#next();
  }

  /** The host has `offset` bytes of a file: sends it the next piece. */
  async acknowledged(id: string, offset: number): Promise<void> {
    const copy = this.#current;
    if (copy === undefined || copy.id !== id) return;
    this.#show(copy.file, offset);
    try {
      const piece = await copy.file.slice(offset, offset + DROP_CHUNK_BYTES).arrayBuffer();
      if (this.#current !== copy) return;
      this.#page.post({ type: "dropChunk", id, offset, bytes: new Uint8Array(piece) });
    } catch {
      if (this.#current !== copy) return;
      this.tell(t("“{0}” could not be read and was not attached.", copy.file.name));
      this.#cancel();
    }
  }

  /** The host has attached the file, or has refused it and said why. */
  over(id: string): void {
    if (this.#current?.id !== id) return;
    this.#current = undefined;
    if (this.#saysWait) this.tell("");
    this.#next();
  }

  /** True, with a note, while a dropped file is still being added and the mail would leave without it. */
  holdsBack(): boolean {
    const file = this.#current?.file;
    if (file === undefined) return false;
    this.tell(t("“{0}” is still being added. Wait for it or cancel it, then send.", file.name));
    this.#saysWait = true;
    return true;
  }

  /** Cancels what is left once the mail takes no more files. */
  render(editable: boolean): void {
    if (editable || this.#current === undefined) return;
    this.tell(t("“{0}” was not added: the mail has been sent.", this.#current.file.name));
    this.#waiting = [];
    this.#cancel();
  }

  /** Shows a sentence below the files and has it read aloud; an empty one clears the line. */
  tell(sentence: string): void {
    setText(this.#note, sentence);
    setHidden(this.#note, sentence === "");
    this.#saysWait = false;
    if (sentence !== "") this.#page.say(sentence);
  }

  #cancel(): void {
    const copy = this.#current;
    this.#current = undefined;
    if (this.#saysWait) this.tell("");
    if (copy !== undefined) this.#page.post({ type: "dropCancel", id: copy.id });
    this.#next();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const [file, ...rest] = this.#waiting;
    setHidden(this.#line, file === undefined);
    if (file === undefined) return;
    this.#waiting = rest;
    // Unique to this page, so that an answer to an earlier page is not taken for ours.
    this.#current = { id: `${performance.timeOrigin}-${++this.#begun}`, file };
    this.#show(file, 0);
    const { id } = this.#current;
    this.#page.post({ type: "dropBegin", id, name: file.name, size: file.size, waiting: rest.length });
  }

  #show({ name, size }: File, received: number): void {
    const others = this.#waiting.length;
    setText(this.#name, name);
    setAttribute(this.#cancelButton, "aria-label", t("Cancel adding {0}", name));
    const share = t("adding {0}%", percent(received, size));
    setText(this.#share, others === 0 ? share : `${share} · ${moreFiles(others)}`);
  }
}
