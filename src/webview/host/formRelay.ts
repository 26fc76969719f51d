/**
 * Sends edits to the host: on every keystroke, in a long text after a pause. Only changes travel. What has not reached
 * the host yet is kept on this side as well (see `Host.keep`).
 */
import { changeOf, type Form, type FormTexts, overtakes } from "../../shared/contract/form.ts";
import type { Host } from "./host.ts";

/** A text of more characters than this is not posted with each keystroke. */
const LONG = 50_000;
const DELAY_MS = 150;

/**
 * On every keystroke, because a message posted while the page is being taken down may never arrive, and a tab may
 * be closed right after the last key. The host skips changes that newer ones overtake. Edits of a long text wait
 * for a pause in typing, or until the page may go away.
 */
export class FormRelay {
  readonly #host: Host;
  readonly #readForm: () => FormTexts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The newest form that the host was sent, or sent us. */
  #last: Form | undefined;
  /** The form last sent to the host; undefined after it sent us one, as it may have a newer one by now. */
  #told: Form | undefined;

  constructor(host: Host, readForm: () => FormTexts) {
    this.#host = host;
    this.#readForm = readForm;
  }

  /** Starts over from the host's texts. What was typed on top of older ones is dropped. */
  begin(form: Form): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = form;
    this.#told = undefined;
  }

  get revision(): number {
    return this.#last?.revision ?? 0;
  }

  /** True for texts written elsewhere after, or at the same time as, those written here. */
  isOvertakenBy(form: Form): boolean {
    return this.#last === undefined || overtakes(form, this.#last);
  }

  changed(): void {
    clearTimeout(this.#timer);
    const form = this.#next();
    this.#timer = setTimeout(() => this.flush(), DELAY_MS);
    if (form.body.length <= LONG) this.flush();
    else this.#host.keep(form);
  }

  /** Posts the edit that is waiting, if any. */
  flush(): void {
    if (this.#timer === undefined) return;
    const since = this.#told;
    if (since === undefined) this.tell();
    else this.#host.post({ type: "typed", change: changeOf(this.take(), since) });
  }

  /** Posts the whole form. */
  tell(): void {
    this.#host.post({ type: "edit", form: this.take() });
  }

  /** The form for an intent that carries it, which then also covers the waiting edit. */
  take(): Form {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const form = this.#next();
    this.#last = form;
    this.#told = form;
    // Kept before it is posted: the kept form is never older than the host's.
    this.#host.keep(form);
    return form;
  }

  /** The form as the next edit will send it. */
  #next(): Form {
    return { ...this.#readForm(), revision: this.revision + 1 };
  }
}
