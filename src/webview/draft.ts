import type { Form, FormTexts } from "../shared/contract.ts";
import type { Host } from "./host.ts";

const DELAY_MS = 150;

/**
 * Carries what is typed to the host: soon after the last key, and at once when the page may go away. Until then the
 * editor keeps it: a message that is posted while the page is being taken away may never arrive.
 */
export class Draft {
  readonly #host: Host;
  readonly #readForm: () => FormTexts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #revision = 0;

  constructor(host: Host, readForm: () => FormTexts) {
    this.#host = host;
    this.#readForm = readForm;
  }

  /** Goes on from the texts that the page began with. */
  begin(revision: number): void {
    this.#revision = revision;
  }

  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), DELAY_MS);
    this.#host.keep(this.#next());
  }

  /** Posts the edit that still waits, if there is one. */
  flush(): void {
    if (this.#timer === undefined) return;
    const form = this.take();
    this.#host.post({ type: "edit", form });
  }

  /** The form for an intent that carries it along; the waiting edit is then spoken for. */
  take(): Form {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const form = this.#next();
    this.#revision = form.revision;
    // Kept before it is posted, so that the kept form is never older than the host's.
    this.#host.keep(form);
    return form;
  }

  /** The form as the next edit will carry it. */
  #next(): Form {
    return { ...this.#readForm(), revision: this.#revision + 1 };
  }
}
