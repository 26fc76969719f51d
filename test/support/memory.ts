import type { Memento } from "../../src/accounts/accountBook.ts";
import type { Log } from "../../src/base/log.ts";
import type { Journal, JournalEntry } from "../../src/delivery/store/disk/journal.ts";

/** A memento that forgets with the process. */
export class MemoryMemento implements Memento {
  readonly values = new Map<string, unknown>();

  get(key: string): unknown {
    return this.values.get(key);
  }

  async update(key: string, value: unknown): Promise<void> {
    this.values.set(key, value);
  }
}

/** A log that keeps its lines. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];

  trace(message: string): void {
    this.lines.push(`trace ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
}

/** A journal whose writes wait until a test lets them through; `hold` decides whether they do. */
export class MemoryJournal implements Journal {
  readonly records = new Map<string, unknown>();
  readonly aside: string[] = [];
  /** How often a record was written. */
  writes = 0;
  hold = false;
  /** What the next writes fail with. */
  failure: Error | undefined;
  /** The texts of what was set aside by earlier windows. */
  readonly earlier: string[] = [];
  readonly #held: (() => void)[] = [];

  async readAll(): Promise<readonly JournalEntry[]> {
    return [...this.records].map(([id, value]) => ({ id, value }));
  }

  /** The first of those that it was given. */
  async readNewest(count: number): Promise<readonly JournalEntry[]> {
    return this.records.size > count ? (await this.readAll()).slice(0, count) : [];
  }

  async read(id: string): Promise<unknown> {
    return this.records.get(id);
  }

  async write(id: string, value: unknown): Promise<void> {
    if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    this.writes += 1;
    this.records.set(id, structuredClone(value));
  }

  async remove(id: string): Promise<void> {
    this.records.delete(id);
  }

  async setAside(id: string): Promise<void> {
    this.aside.push(id);
    this.records.delete(id);
  }

  async readAside(): Promise<readonly string[]> {
    return this.earlier;
  }

  /** How many writes wait. */
  get held(): number {
    return this.#held.length;
  }

  /** Lets the writes that wait through. */
  release(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}
