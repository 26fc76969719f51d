/** Disposables and events in VS Code's shapes, without VS Code. */

export interface Disposable {
  dispose(): void;
}

/** Owns what is added to it. Adding to a disposed store disposes immediately; one failing `dispose` does not strand the rest. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  get isDisposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    for (const item of this.#items) {
      try {
        item.dispose();
      } catch (reason) {
        failures.push(reason);
      }
    }
    this.#items.clear();
    if (failures.length > 0) throw new AggregateError(failures, "Disposing failed");
  }
}

export type Listener<T> = (event: T) => void;

/** Calls its listeners in the order they were added; one that throws does not stop the others. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<{ readonly listener: Listener<T> }>();
  readonly #onError: (reason: unknown) => void;

  constructor(onError: (reason: unknown) => void = rethrowLater) {
    this.#onError = onError;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  readonly event = (listener: Listener<T>): Disposable => {
    const entry = { listener };
    this.#listeners.add(entry);
    return { dispose: () => void this.#listeners.delete(entry) };
  };

  fire(event: T): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch (reason) {
        this.#onError(reason);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

function rethrowLater(reason: unknown): void {
  queueMicrotask(() => {
    throw reason;
  });
}
