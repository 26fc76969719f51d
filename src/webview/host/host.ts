/**
 * The extension host, as the page sees it: takes intents, and keeps the form for the next load. What holds it until the
 * host has saved it: `formBackup.ts`.
 */
import { type Form, PanelState } from "../../shared/contract/form.ts";
import type { FromPanel } from "../../shared/contract/messages.ts";
import { FormBackup } from "./formBackup.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

export class Host {
  // VS Code hands out the object only once.
  readonly #api = acquireVsCodeApi();
  readonly #deliveryId: string;
  readonly #formBackup: FormBackup;
  readonly #posted: (intent: FromPanel) => void;

  /** @param posted called with each intent; the host answers every one */
  constructor(deliveryId: string, posted: (intent: FromPanel) => void) {
    this.#deliveryId = deliveryId;
    this.#formBackup = new FormBackup(deliveryId);
    this.#posted = posted;
  }

  post(intent: FromPanel): void {
    this.#api.postMessage(intent);
    this.#posted(intent);
  }

  /** The newest form that an earlier page of this delivery kept; undefined when none did. */
  restore(): Form | undefined {
    const form = this.#state?.form ?? undefined;
    const unheard = this.#formBackup.restore();
    return (unheard?.revision ?? -1) > (form?.revision ?? -1) ? unheard : form;
  }

  /** True when VS Code has restored this page, so that it is not the first in its tab. */
  get isBack(): boolean {
    return this.#state !== undefined;
  }

  /** Keeps the form in the page's state, and in a backup until the host has saved it. */
  keep(form: Form): void {
    const state: PanelState = { deliveryId: this.#deliveryId, form };
    this.#api.setState(state);
    this.#formBackup.hold(form);
  }

  /** The host has this revision of the form on disk, or a newer one. */
  saved(revision: number): void {
    this.#formBackup.saved(revision);
  }

  get #state(): PanelState | undefined {
    const state = PanelState.safeParse(this.#api.getState());
    return state.success && state.data.deliveryId === this.#deliveryId ? state.data : undefined;
  }
}
