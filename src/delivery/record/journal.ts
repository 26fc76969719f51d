/** Records on disk, one file each, so that two windows never overwrite each other's and a torn write harms one at most. */
import { randomUUID } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import {
  hasCode,
  isHeldOpening,
  isMissing,
  type Patience,
  patiently,
  whyUnwritable,
} from "../../base/fsErrors.ts";
import type { Disposable } from "../../base/lifecycle.ts";

export interface JournalEntry {
  readonly id: string;
  /** Undefined when the file is not JSON. */
  readonly value: unknown;
  /** What the file holds when that is not JSON. */
  readonly text?: string;
  /** Why the file could not be read at the moment; it may be whole. */
  readonly failure?: unknown;
}

/** Where records are kept. Writes of one record must not overlap: the store sees to that. */
export interface Journal {
  readAll(): Promise<readonly JournalEntry[]>;
  /** @returns undefined when there is no such record, or it is not JSON @throws Error when it cannot be read now */
  read(id: string): Promise<unknown>;
  /**
   * Resolves when the record is durable.
   * @param isStillOurs asked in the turn in which the record takes the place of the one before; unset: it is
   * @throws FreightError `journal-unwritable`; StoodStill when it is not ours at that moment
   */
  write(id: string, value: unknown, isStillOurs?: () => boolean): Promise<void>;
  remove(id: string): Promise<void>;
  /** Moves a record that cannot be read out of the way without losing it. */
  setAside(id: string): Promise<void>;
  /** The texts of the records that were set aside. */
  readAside?(): Promise<readonly string[]>;
  /** Deletes what crashes have left, and what was set aside long ago. @param now milliseconds since the epoch */
  tidy?(now: number): Promise<void>;
}

/** This window may have been replaced since it last looked: it has to look again. */
export class StoodStill extends Error {
  constructor() {
    super("The window stood still, and another one may have taken over");
  }
}

const ENDING = ".json";
const ASIDE = `${ENDING}.unreadable`;
/** Of what was being written. */
const TORN = ".tmp";
const DAY_MS = 24 * 3_600_000;
/** A write takes seconds. Should one be under way all the same, it fails, and is repeated. */
const TORN_MS = DAY_MS;
/** Whoever wants to mend a record by hand has done it by then. */
const ASIDE_MS = 180 * DAY_MS;
/** A process may open some thousand files at once, and some systems allow 256: what is read side by side stays far below. */
const LANES = 16;

export class FileJournal implements Journal {
  readonly #folder: string;
  readonly #patience: Patience;
  /** Differs between any two windows, also of machines that share the folder. */
  readonly #writer = randomUUID();

  /** @param folder made when the first record is written */
  constructor(folder: string, patience: Patience = {}) {
    this.#folder = folder;
    this.#patience = patience;
  }

  async readAll(): Promise<readonly JournalEntry[]> {
    return this.#readEach(ENDING, async (id) => {
      try {
        const text = await this.#text(id);
        const value = tryParse(text);
        return value === undefined ? { id, value, text } : { id, value };
      } catch (failure) {
        return { id, value: undefined, failure };
      }
    });
  }

  async read(id: string): Promise<unknown> {
    return tryParse(await this.#text(id));
  }

  readAside(): Promise<readonly string[]> {
    return this.#readEach(ASIDE, (id) => readFile(join(this.#folder, id + ASIDE), "utf8"));
  }

  /** @returns what is made of each file with this ending, in the order of the folder */
  async #readEach<T>(ending: string, read: (id: string) => Promise<T>): Promise<T[]> {
    const names = await readdir(this.#folder).catch((reason: unknown) => {
      if (isMissing(reason)) return [];
      throw reason;
    });
    const ids = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
    const found: T[] = [];
    const left = ids.entries();
    const lane = async () => {
      for (const [at, id] of left) found[at] = await read(id);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return found;
  }

  /** What is in a record's file; nothing where there is none. */
  async #text(id: string): Promise<string> {
    return this.#opening(() => readFile(this.#path(id), "utf8")).catch((reason: unknown) => {
      if (isMissing(reason)) return "";
      throw reason;
    });
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

  async write(id: string, value: unknown, isStillOurs = () => true): Promise<void> {
    const path = this.#path(id);
    const temporary = `${path}.${this.#writer}${TORN}`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await this.#opening(() => open(temporary, "w", 0o600));
      try {
        await file.writeFile(JSON.stringify(value));
        await file.sync();
      } finally {
        await file.close();
      }
      const replace = async () => {
        if (!isStillOurs()) throw new StoodStill();
        await rename(temporary, path);
      };
      await patiently(replace, this.#patience);
      await this.#syncFolder();
    } catch (reason) {
      await rm(temporary, { force: true }).catch(() => {}); // The failure to report is the first one.
      throw reason instanceof StoodStill ? reason : unwritable(reason);
    }
  }

  async remove(id: string): Promise<void> {
    await patiently(() => rm(this.#path(id), { force: true }), this.#patience);
    // A mail that comes back after a power cut would go on, although it was discarded.
    await this.#syncFolder();
  }

  async setAside(id: string): Promise<void> {
    const path = join(this.#folder, id + ASIDE);
    await patiently(() => rename(this.#path(id), path), this.#patience);
    // How long it lies there is counted from now on.
    const now = new Date();
    await utimes(path, now, now);
  }

  async tidy(now: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const keptMs = name.endsWith(ASIDE) ? ASIDE_MS : name.endsWith(TORN) ? TORN_MS : undefined;
      if (keptMs === undefined) continue;
      const path = join(this.#folder, name);
      const age = await stat(path).then(
        ({ mtimeMs }) => now - mtimeMs,
        () => 0,
      ); // It is gone by now.
      if (age > keptMs) await rm(path, { force: true });
    }
  }

  /**
   * Makes durable which names the folder has: a file that was synced and then renamed can be the old one after a power
   * cut until its folder is synced, too.
   */
  async #syncFolder(): Promise<void> {
    // Windows opens no folders, some network disks sync none: there the system has to see to it.
    const cannot = (reason: unknown) => {
      if (!hasCode(reason, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF", "ENOENT")) throw reason;
    };
    const folder = await open(this.#folder, "r").catch(cannot);
    if (folder === undefined) return;
    try {
      await folder.sync().catch(cannot);
    } finally {
      await folder.close();
    }
  }

  #opening<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, { ...this.#patience, isPassing: isHeldOpening });
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${ENDING}`);
  }
}

export function unwritable(cause: unknown): FreightError {
  return new FreightError(
    "journal-unwritable",
    `Freight Mail cannot save its state. ${whyUnwritable(cause)}`,
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
