/** Records on disk, one file each, so that two windows never overwrite each other's and a torn write harms one at most. */
import { type FSWatcher, watch } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FreightError } from "../errors.ts";
import type { Disposable } from "../lifecycle.ts";

export interface JournalEntry {
  readonly id: string;
  /** Undefined when the file is not JSON. */
  readonly value: unknown;
  /** Why the file could not be read at the moment; it may be whole. */
  readonly failure?: unknown;
}

/** Where records are kept. Writes of one record must not overlap: the store sees to that. */
export interface Journal {
  readAll(): Promise<readonly JournalEntry[]>;
  /** @returns undefined when there is no such record, or it is not JSON @throws Error when it cannot be read now */
  read(id: string): Promise<unknown>;
  /** Resolves when the record is durable. */
  write(id: string, value: unknown): Promise<void>;
  remove(id: string): Promise<void>;
  /** Moves a record that cannot be read out of the way without losing it. */
  setAside(id: string): Promise<void>;
}

const ENDING = ".json";

export class FileJournal implements Journal {
  readonly #folder: string;

  /** @param folder made when the first record is written */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async readAll(): Promise<readonly JournalEntry[]> {
    const names = await readdir(this.#folder).catch((reason: unknown) => {
      if (isMissing(reason)) return [];
      throw reason;
    });
    const ids = names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
    return Promise.all(
      ids.map((id) =>
        this.read(id).then(
          (value) => ({ id, value }),
          (failure: unknown) => ({ id, value: undefined, failure }),
        ),
      ),
    );
  }

  async read(id: string): Promise<unknown> {
    const text = await readFile(this.#path(id), "utf8").catch((reason: unknown) => {
      if (isMissing(reason)) return "";
      throw reason;
    });
    return tryParse(text);
  }

  /**
   * Tells of records that were written or removed, by whatever window. Where the system cannot watch a folder (its
   * number of watches may be used up), other windows' records are seen when they are asked for.
   * @throws Error when the folder can neither be made nor watched
   */
  async watch(onChange: (id: string) => void): Promise<Disposable> {
    await mkdir(this.#folder, { recursive: true });
    const watcher: FSWatcher = watch(this.#folder, { persistent: false }, (_event, name) => {
      if (name?.endsWith(ENDING) === true) onChange(name.slice(0, -ENDING.length));
    });
    watcher.on("error", () => watcher.close()); // The folder was removed: nothing is left to watch.
    return { dispose: () => watcher.close() };
  }

  async write(id: string, value: unknown): Promise<void> {
    const path = this.#path(id);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await open(temporary, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(value));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (reason) {
      await rm(temporary, { force: true }).catch(() => {}); // The failure to report is the first one.
      throw unwritable(reason);
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async setAside(id: string): Promise<void> {
    await rename(this.#path(id), `${this.#path(id)}.unreadable`);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${ENDING}`);
  }
}

export function unwritable(cause: unknown): FreightError {
  return new FreightError(
    "journal-unwritable",
    "Freight Mail cannot save its state on this disk. Make room on it.",
    { cause, remedy: "retry" },
  );
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A torn file: the store sets it aside and says so.
  }
}

function isMissing(reason: unknown): boolean {
  return reason instanceof Error && "code" in reason && reason.code === "ENOENT";
}
