/**
 * Aborts a request whose body stalls or whose answer never ends; passes the caller's cancellation on. After how long it
 * has stalled: `http.ts`.
 */
import type { Disposable } from "../base/lifecycle.ts";

export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  stalled = false;
  overdue = false;

  constructor(outer: AbortSignal, stallMs: number) {
    this.#outer = outer;
    this.#stallMs = stallMs;
    outer.addEventListener("abort", this.#cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same chunks. After the first, each must be asked for within the stall limit, as must the end. */
  async *over(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        this.#arm();
        yield chunk;
      }
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** The whole answer must be there within this time from now. */
  expect(withinMs: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.overdue = true;
      this.#controller.abort();
    }, withinMs);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#controller.abort();
    }, this.#stallMs);
  }

  readonly #cancel = (): void => this.#controller.abort(this.#outer.reason);

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    this.#outer.removeEventListener("abort", this.#cancel);
  }
}
