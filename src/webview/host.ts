import { type Form, type FromPanel, PanelState } from "../shared/contract.ts";

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

  constructor(deliveryId: string) {
    this.#deliveryId = deliveryId;
  }

  post(intent: FromPanel): void {
    this.#api.postMessage(intent);
  }

  /** What an earlier page of this delivery kept; undefined on the first load. */
  restore(): PanelState | undefined {
    const state = PanelState.safeParse(this.#api.getState());
    return state.success && state.data.deliveryId === this.#deliveryId ? state.data : undefined;
  }

  keep(form: Form | null): void {
    const state: PanelState = { deliveryId: this.#deliveryId, form };
    this.#api.setState(state);
  }
}
