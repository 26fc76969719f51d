import { changeOf, type Form, type FormTexts, overtakes } from "../../shared/contract/form.ts";
import type { Host } from "./host.ts";

/** A text of more characters than this is not copied with each key. */
const LONG = 50_000;
const DELAY_MS = 150;

/**
 * Carries what is typed to the host, with each key: a message that is posted while the page is being taken away may
 * never arrive, and a tab may be closed right after the last key. Only what has changed travels. The host writes as fast as its disk does, and leaves
 * out what newer texts have overtaken. A long text waits for a moment without a key, or until the page may go away.
 * What is on its way to a host that dies, or of a long text still waits, is kept on this side (see `Host.keep`).
 */
export class FormRelay {
  readonly #host: Host;
  readonly #readForm: () => FormTexts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the host was told last, or told us. */
  #last: Form | undefined;
  /** What the host was told last; undefined since it told us: what it sent may not be what it has by now. */
  #told: Form | undefined;

  constructor(host: Host, readForm: () => FormTexts) {
    this.#host = host;
    this.#readForm = readForm;
  }

  /** Goes on from these texts of the host. What was typed on older ones has no place any more. */
  begin(form: Form): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = form;
    this.#told = undefined;
  }

  get revision(): number {
    return this.#last?.revision ?? 0;
  }

  /** True for texts that were written elsewhere after, or beside, those that were written here. */
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

  /** Posts the edit that still waits, if there is one. */
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

  /** The form for an intent that carries it along; the waiting edit is then spoken for. */
  take(): Form {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const form = this.#next();
    this.#last = form;
    this.#told = form;
    // Kept before it is posted, so that the kept form is never older than the host's.
    this.#host.keep(form);
    return form;
  }

  /** The form as the next edit will carry it. */
  #next(): Form {
    return { ...this.#readForm(), revision: this.revision + 1 };
  }
}
