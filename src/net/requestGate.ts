/** A last check before a request leaves, in the turn of the event loop in which its first byte does. */
import type { Agent, Dispatcher } from "undici";

/** The agent's connections, with a gate before each request that they take. */
export function gated(agent: Agent, gate: () => void): Dispatcher {
  return agent.compose(
    (dispatch) => (options, handler) => dispatch(options, new GatedHandler(handler, gate)),
  );
}

/** Calls the gate when a connection starts on the request: connecting may have taken long. */
class GatedHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #gate: () => void;

  constructor(handler: Dispatcher.DispatchHandler, gate: () => void) {
    this.#handler = handler;
    this.#gate = gate;
  }

  onRequestStart(...args: HandlerArguments<"onRequestStart">): void {
    this.#handler.onRequestStart?.(...args);
    const [controller] = args;
    if (!controller.aborted) this.#gate();
  }

  onResponseStart(...args: HandlerArguments<"onResponseStart">): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: HandlerArguments<"onResponseData">): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: HandlerArguments<"onResponseEnd">): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: HandlerArguments<"onResponseError">): void {
    this.#handler.onResponseError?.(...args);
  }
}

type HandlerArguments<K extends keyof Dispatcher.DispatchHandler> = Parameters<
  NonNullable<Dispatcher.DispatchHandler[K]>
>;
