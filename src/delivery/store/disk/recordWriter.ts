/** Saves one record until it is on disk: one write at a time, and a write that fails is repeated until it succeeds (how soon: `../recordSaving.ts`). */

export interface RecordWriterOptions {
  /** Makes sure that this window may write. The `write` after it includes what comes until it resolves. */
  readonly confirm: () => Promise<void>;
  /** Writes the state as it is now. Resolves when that is durable. */
  readonly write: () => Promise<void>;
  /** True for a failure that no repetition can mend: saving is then given up. */
  readonly isFinal: (reason: unknown) => boolean;
  /** A write has failed. */
  readonly onFailed: (reason: unknown) => void;
  /** Everything asked for so far is on disk. */
  readonly onSaved: () => void;
  /** How long to wait before the next try, in milliseconds, after that many failures in a row. */
  readonly retryMs: (failures: number) => number;
}

/** Resolves when a write is on disk, rejects when it has failed. */
type Attempt = Promise<void>;

export class RecordWriter {
  readonly #options: RecordWriterOptions;
  /** The number of the newest state to save, and of the newest one saved. */
  #asked = 0;
  #saved = 0;
  #failures = 0;
  /** The attempt that waits for another one, or for permission to write; it includes what comes meanwhile. */
  #waiting: Attempt | undefined;
  /** The newest attempt, which may be over. */
  #newest: Attempt | undefined;
  /** The number of the newest state that an attempt includes. */
  #carried = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #settled = new Set<() => void>();

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  get isDirty(): boolean {
    return this.#saved < this.#asked;
  }

  /** Saves the newest state: now, or after the write under way. */
  save(): void {
    this.#asked++;
    this.#begin();
  }

  /**
   * Resolves when everything that was asked for so far is on disk.
   * @throws why the attempt that included it failed; it is repeated all the same
   */
  async flushed(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    if (!this.isDirty || this.#carried === this.#asked) {
      await this.#newest;
      return;
    }
    // It failed and waits for its next try: the caller gets one now.
    await this.#begin();
  }

  /** Resolves when nothing is left to save, however many tries that takes. */
  settled(): Promise<void> {
    return this.isDirty ? new Promise((resolve) => this.#settled.add(resolve)) : Promise.resolve();
  }

  /** Drops what is not saved, and ends all retries. Resolves when no write is under way. */
  async stop(): Promise<void> {
    this.#giveUp();
    await this.#newest?.catch(() => {}); // Its callers were told.
  }

  #begin(): Attempt {
    if (this.#waiting !== undefined) return this.#waiting;
    clearTimeout(this.#timer);
    const previous = this.#newest ?? Promise.resolve();
    const attempt = previous.catch(() => {}).then(() => this.#attempt()); // Its failure was handled as below.
    attempt.catch((reason: unknown) => this.#failed(reason));
    this.#waiting = this.#newest = attempt;
    return attempt;
  }

  async #attempt(): Promise<void> {
    try {
      await this.#options.confirm();
    } finally {
      this.#waiting = undefined;
      this.#carried = this.#asked;
    }
    const carried = this.#asked;
    await this.#options.write();
    this.#saved = Math.max(this.#saved, carried);
    this.#failures = 0;
    if (this.isDirty) return;
    this.#options.onSaved();
    this.#settle();
  }

  #failed(reason: unknown): void {
    this.#carried = 0;
    if (!this.isDirty) return; // It was stopped.
    if (this.#options.isFinal(reason)) this.#giveUp();
    else {
      this.#failures++;
      if (this.#waiting === undefined)
        this.#timer = setTimeout(() => this.#begin(), this.#options.retryMs(this.#failures)).unref();
    }
    this.#options.onFailed(reason);
  }

  #giveUp(): void {
    clearTimeout(this.#timer);
    this.#saved = this.#asked;
    this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#settled) resolve();
    this.#settled.clear();
  }
}
