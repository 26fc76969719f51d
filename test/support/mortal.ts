/**
 * What a process loses when it is killed: from that moment on nothing that it waits for comes any more. One that is
 * stopped gets it when it goes on.
 */
export class Life {
  readonly #disk = new Set<Promise<unknown>>();
  readonly #wills: (() => void)[] = [];
  #ending: Promise<unknown> | undefined;
  #stop: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Work whose end a dead process does not hear of. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stop !== undefined) await this.goesOn();
    if (this.isOver) return silence();
    try {
      return await work();
    } finally {
      if (this.#stop !== undefined) await this.goesOn();
      if (this.isOver) await silence();
    }
  }

  get isStopped(): boolean {
    return this.#stop !== undefined;
  }

  /** As with SIGSTOP, or when the machine has no time for it: what it waits for comes when it goes on. */
  stop(): void {
    if (this.#stop !== undefined) return;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#stop = { over, end };
  }

  goOn(): void {
    this.#stop?.end();
    this.#stop = undefined;
  }

  /** Resolves when it is not stopped. */
  async goesOn(): Promise<void> {
    while (this.#stop !== undefined) await this.#stop.over;
  }

  /** The same for what the system finishes although the process has gone: `end` waits for it. */
  onDisk<T>(work: () => Promise<T>): Promise<T> {
    return this.guard(() => {
      const running = work();
      const settled = running.catch(() => {}).finally(() => this.#disk.delete(settled));
      this.#disk.add(settled);
      return running;
    });
  }

  /** What the system takes back from a process that is gone. */
  atEnd(will: () => void): void {
    this.#wills.push(will);
  }

  async end(): Promise<void> {
    this.goOn();
    if (this.#ending === undefined) {
      this.#ending = Promise.all(this.#disk);
      for (const will of this.#wills) will();
    }
    await this.#ending;
  }
}

function silence(): Promise<never> {
  return new Promise(() => {});
}
