/**
 * Holds the form in the browser's storage until the host has saved it, or for 30 days. When it is sent to the host:
 * `formRelay.ts`.
 */
import { type Form, KeptForm } from "../../shared/contract/form.ts";

const PREFIX = "freightMail.unheard.";
/** Nobody asks again for the text of a mail that was removed elsewhere. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Messages, and the state that VS Code keeps of a page, pass through other processes and are lost if those are
 * killed on the way; the browser's storage is written at once. VS Code gives all panels of an extension the same
 * storage, in every window and after a restart.
 */
export class FormBackup {
  readonly #key: string;
  /** The newest revision held; -1: none. */
  #revision = -1;

  constructor(deliveryId: string) {
    this.#key = PREFIX + deliveryId;
  }

  /** The form that an earlier page of this mail held, in whichever tab. */
  restore(): Form | undefined {
    const form = attempt(() => {
      sweep();
      return KeptForm.safeParse(JSON.parse(localStorage.getItem(this.#key) ?? "null")).data?.form;
    });
    this.#revision = form?.revision ?? -1;
    return form;
  }

  hold(form: Form): void {
    this.#revision = form.revision;
    const kept: KeptForm = { keptAt: Date.now(), form };
    attempt(() => localStorage.setItem(this.#key, JSON.stringify(kept)));
  }

  /** The host has this revision of the form on disk, or a newer one. */
  saved(revision: number): void {
    if (this.#revision < 0 || revision < this.#revision) return;
    this.#revision = -1;
    attempt(() => localStorage.removeItem(this.#key));
  }
}

/** Storage may be disabled or full: then the text is only as safe as VS Code keeps it. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function sweep(): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    const kept = KeptForm.safeParse(attempt(() => JSON.parse(localStorage.getItem(key) ?? "null"))).data;
    if (kept === undefined || Date.now() - kept.keptAt > KEEP_MS) localStorage.removeItem(key);
  }
}
