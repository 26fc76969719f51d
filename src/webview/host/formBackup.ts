import { type Form, KeptForm } from "../../shared/contract/form.ts";

const PREFIX = "freightMail.unheard.";
/** A mail that was removed elsewhere asks for its text no more. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Holds the form until the host has saved it: what is posted takes its way through other processes, and is gone when
 * they are taken down at that moment, and so is what VS Code keeps of a page. The browser's storage is written at once.
 * VS Code gives all panels of an extension the same storage, in each window and after a restart.
 */
export class FormBackup {
  readonly #key: string;
  /** The newest that is held. */
  #revision = -1;

  constructor(deliveryId: string) {
    this.#key = PREFIX + deliveryId;
  }

  /** What an earlier page of this mail held, in whichever tab that was. */
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

  /** The host has the form of this revision on disk. */
  saved(revision: number): void {
    if (this.#revision < 0 || revision < this.#revision) return;
    this.#revision = -1;
    attempt(() => localStorage.removeItem(this.#key));
  }
}

/** Storage may be switched off or full: then the text is as safe as VS Code keeps it. */
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
