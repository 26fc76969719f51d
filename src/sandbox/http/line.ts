/** The line between the clients and all services: how fast it is, also after a restart, and whether it is up. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { readJson, writeJson } from "../base/records.ts";

const Kept = z.object({ bytesPerSecond: z.number().nullable() });

export class Line {
  readonly #file: string | undefined;
  #bytesPerSecond: number | null = null;
  #downUntil = 0;
  /** When everything that was sent so far is through. */
  #freeAt = 0;
  /** Aborts when what is waiting has to look again. */
  #changed = new AbortController();

  /** @param file keeps the speed: a line does not become faster with a new process */
  constructor(file?: string) {
    this.#file = file;
    const kept = Kept.safeParse(file === undefined ? undefined : readJson(file));
    if (kept.success) this.#bytesPerSecond = kept.data.bytesPerSecond;
  }

  /** For all requests together; null: no limit. */
  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  set bytesPerSecond(rate: number | null) {
    this.#bytesPerSecond = rate;
    this.#change();
    if (this.#file !== undefined) writeJson(this.#file, { bytesPerSecond: rate });
  }

  /** Breaks what is in progress, and carries nothing for `ms`. */
  drop(ms: number): void {
    this.#downUntil = Date.now() + ms;
    this.#change();
  }

  get isDown(): boolean {
    return Date.now() < this.#downUntil;
  }

  /** Settles when this many bytes are through. @param gone aborts when the sender has left */
  async carry(bytes: number, gone: AbortSignal): Promise<void> {
    if (this.#bytesPerSecond === null || this.isDown) return;
    const now = Date.now();
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.#bytesPerSecond) * 1000;
    const signal = AbortSignal.any([gone, this.#changed.signal]);
    await sleep(this.#freeAt - now, undefined, { signal }).catch(() => gone.throwIfAborted());
  }

  /** What is waiting gets through, or finds that the line is down. */
  #change(): void {
    this.#freeAt = 0;
    this.#changed.abort();
    this.#changed = new AbortController();
  }
}
