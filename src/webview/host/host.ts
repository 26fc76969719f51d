import { type Form, PanelState } from "../../shared/contract/form.ts";
import type { FromPanel } from "../../shared/contract/messages.ts";
import { FormBackup } from "./formBackup.ts";

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/** The extension host, as the page sees it: intents go there, and a little state is kept for the next load. */
export class Host {
  // VS Code hands the object out once only.
  readonly #api = acquireVsCodeApi();
  readonly #deliveryId: string;
  readonly #formBackup: FormBackup;
  readonly #posted: (intent: FromPanel) => void;

  /** @param posted is told of each intent, every one of which the host answers */
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

  /** True when VS Code has brought this page back, and it is not the first of its tab. */
  get isBack(): boolean {
    return this.#state !== undefined;
  }

  /** Keeps the form with the page, and where it cannot get lost on its way until the host has saved it. */
  keep(form: Form): void {
    const state: PanelState = { deliveryId: this.#deliveryId, form };
    this.#api.setState(state);
    this.#formBackup.hold(form);
  }

  /** The host has the form of this revision on disk, or a newer one. */
  saved(revision: number): void {
    this.#formBackup.saved(revision);
  }

  get #state(): PanelState | undefined {
    const state = PanelState.safeParse(this.#api.getState());
    return state.success && state.data.deliveryId === this.#deliveryId ? state.data : undefined;
  }
}
