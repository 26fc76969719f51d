import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { readJson, writeJson } from "../base/records.ts";

const Kept = z.object({ bytesPerSecond: z.number().nullable() });

/** The line between a client and all services: how fast it carries what is sent, and whether it is there. */
export class Line {
  readonly #file: string | undefined;
  #bytesPerSecond: number | null = null;
  #downUntil = 0;
  /** When what was sent so far is through. */
  #freeAt = 0;
  /** Aborts when what waits for its turn has to look again. */
  #changed = new AbortController();

  /** @param file keeps the speed, for a line does not become faster with a new process */
  constructor(file?: string) {
    this.#file = file;
    const kept = Kept.safeParse(file === undefined ? undefined : readJson(file));
    if (kept.success) this.#bytesPerSecond = kept.data.bytesPerSecond;
  }

  /** Of all requests together; null: as fast as the machine is. */
  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  set bytesPerSecond(rate: number | null) {
    this.#bytesPerSecond = rate;
    this.#change();
    if (this.#file !== undefined) writeJson(this.#file, { bytesPerSecond: rate });
  }

  /** Ends what is under way, and carries nothing for so long. */
  drop(ms: number): void {
    this.#downUntil = Date.now() + ms;
    this.#change();
  }

  get isDown(): boolean {
    return Date.now() < this.#downUntil;
  }

  /** Settles when so many bytes are through. @param gone aborts when nobody sends any more */
  async carry(bytes: number, gone: AbortSignal): Promise<void> {
    if (this.#bytesPerSecond === null || this.isDown) return;
    const now = Date.now();
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.#bytesPerSecond) * 1000;
    const signal = AbortSignal.any([gone, this.#changed.signal]);
    await sleep(this.#freeAt - now, undefined, { signal }).catch(() => gone.throwIfAborted());
  }

  /** What waits is through, or finds that the line is down. */
  #change(): void {
    this.#freeAt = 0;
    this.#changed.abort();
    this.#changed = new AbortController();
  }
}
