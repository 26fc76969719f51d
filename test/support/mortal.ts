/** What a process loses when it is killed: from that moment on nothing that it waits for comes any more. */
export class Life {
  readonly #disk = new Set<Promise<unknown>>();
  readonly #wills: (() => void)[] = [];
  #ending: Promise<unknown> | undefined;

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Work whose end a dead process does not hear of. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.isOver) return silence();
    try {
      const result = await work();
      return this.isOver ? silence() : result;
    } catch (reason) {
      if (this.isOver) return silence();
      throw reason;
    }
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
