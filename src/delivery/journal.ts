/** Records on disk, one file each, so that two windows never overwrite each other's and a torn write harms one at most. */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FreightError } from "../errors.ts";

export interface JournalEntry {
  readonly id: string;
  /** Undefined when the file is not JSON. */
  readonly value: unknown;
}

/** Where records are kept. Writes of one record must not overlap: the store sees to that. */
export interface Journal {
  readAll(): Promise<readonly JournalEntry[]>;
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
    const entries: JournalEntry[] = [];
    for (const name of names) {
      if (!name.endsWith(ENDING)) continue;
      const text = await readFile(join(this.#folder, name), "utf8").catch(() => "");
      entries.push({ id: name.slice(0, -ENDING.length), value: tryParse(text) });
    }
    return entries;
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
      throw new FreightError(
        "journal-unwritable",
        "Freight Mail cannot save its state on this disk. Make room on it.",
        {
          cause: reason,
          remedy: "retry",
        },
      );
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
