/**
 * Records on disk, one file each, so that two windows never overwrite each other's and a torn write damages
 * one at most. Changes of a large one are appended to a second file, its log, until that is as large as the
 * record: a mail of 300 files would otherwise be written whole a thousand times.
 */
import { randomUUID } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { FreightError } from "../../../base/errors.ts";
import { isHeldOpening, isMissing, type Patience, patiently, whyUnwritable } from "../../../base/fsErrors.ts";
import type { Disposable } from "../../../base/lifecycle.ts";
import { sentences, t } from "../../../shared/l10n.ts";
import { inLanes } from "./inLanes.ts";
import { LOG, loggedIn, parsed, RecordLog, replayed, withLog } from "./recordLog.ts";
import { syncFolder } from "./syncFolder.ts";

export interface JournalEntry {
  readonly id: string;
  /** Undefined when the file is not JSON. */
  readonly value: unknown;
  /** The file's content when it is not JSON. */
  readonly text?: string;
  /** Why the file could not be read at the moment; it may be intact. */
  readonly failure?: unknown;
}

/** Where records are kept. Writes of one record must not overlap: the store sees to that. */
export interface Journal {
  readAll(): Promise<readonly JournalEntry[]>;
  /** The `count` records written last; none if there are no more than that in all. */
  readNewest?(count: number): Promise<readonly JournalEntry[]>;
  /** @returns undefined when there is no such record, or it is not JSON @throws Error when it cannot be read now */
  read(id: string): Promise<unknown>;
  /**
   * Resolves when the record is durable.
   * @param value not changed afterwards
   * @param isStillOurs asked in the turn in which the record replaces the old one (default: it is)
   * @param isLast hardly any change will follow: the record is written to one file, without a log
   * @throws FreightError `journal-unwritable`; StoodStill when it is not ours at that moment
   */
  write(id: string, value: unknown, isStillOurs?: () => boolean, isLast?: boolean): Promise<void>;
  remove(id: string): Promise<void>;
  /** Moves a record that cannot be read out of the way without losing it. */
  setAside(id: string): Promise<void>;
  /** The texts of the records that were set aside. */
  readAside?(): Promise<readonly string[]>;
  /** Deletes what crashes have left, and what was set aside long ago. @param now milliseconds since the epoch */
  tidy?(now: number): Promise<void>;
}

/** This window may have been replaced since it last checked, and has to check again. */
export class StoodStill extends Error {
  constructor() {
    super("The window stood still, and another one may have taken over");
  }
}

const ENDING = ".json";
const ASIDE = `${ENDING}.unreadable`;
/** Ending of a file that is being written. */
const TORN = ".tmp";
const DAY_MS = 24 * 3_600_000;
/** A write takes seconds. Should an older one still be under way, it fails and is repeated. */
const TORN_MS = DAY_MS;
/** Time enough to repair a record by hand. */
const ASIDE_MS = 180 * DAY_MS;
export class FileJournal implements Journal {
  readonly #folder: string;
  readonly #patience: Patience;
  /** Unique to this window, even among machines that share the folder. */
  readonly #writer = randomUUID();
  /** The logs that are known here; undefined for a record that has none. */
  readonly #logs = new Map<string, RecordLog | undefined>();

  /** @param folder created when the first record is written */
  constructor(folder: string, patience: Patience = {}) {
    this.#folder = folder;
    this.#patience = patience;
  }

  async readAll(): Promise<readonly JournalEntry[]> {
    return inLanes(await this.#ids(ENDING), (id) => this.#entry(id));
  }

  async readNewest(count: number): Promise<readonly JournalEntry[]> {
    const ids = await this.#ids(ENDING);
    if (ids.length <= count) return [];
    const dated = await inLanes(ids, async (id) => {
      const { mtimeMs } = await stat(this.#path(id)).catch(() => ({ mtimeMs: 0 })); // It is gone by now.
      return { id, mtimeMs };
    });
    const newest = dated.sort((one, other) => other.mtimeMs - one.mtimeMs).slice(0, count);
    return inLanes(newest, ({ id }) => this.#entry(id));
  }

  async #entry(id: string): Promise<JournalEntry> {
    try {
      const { value, text } = await this.#recall(id);
      return value === undefined ? { id, value, text } : { id, value };
    } catch (failure) {
      return { id, value: undefined, failure };
    }
  }

  async read(id: string): Promise<unknown> {
    return (await this.#recall(id)).value;
  }

  async readAside(): Promise<readonly string[]> {
    return inLanes(await this.#ids(ASIDE), (id) => readFile(join(this.#folder, id + ASIDE), "utf8"));
  }

  /** The ids of the files with this ending. */
  async #ids(ending: string): Promise<string[]> {
    const names = await readdir(this.#folder).catch((reason: unknown) => {
      if (isMissing(reason)) return [];
      throw reason;
    });
    return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  }

  /** A record with the changes in its log; the value is undefined when it is not one. */
  async #recall(id: string): Promise<{ readonly value: unknown; readonly text: string }> {
    for (let before: string | undefined; ; ) {
      const text = (await this.#text(this.#path(id))) ?? "";
      const found = parsed(text);
      const log = loggedIn(found);
      if (this.#logs.get(id)?.name !== log?.name) this.#logs.set(id, log && RecordLog.of(log));
      if (log === undefined) return { value: found, text };
      const lines = await this.#text(this.#logPath(id, log.name));
      // The log was not begun yet; or the record was rewritten meanwhile with another log: read it again.
      if (lines === undefined && before !== log.name) before = log.name;
      else return { value: replayed(log.record, lines ?? ""), text: text + (lines ?? "") };
    }
  }

  /** The content of a file; undefined when there is none. */
  async #text(path: string): Promise<string | undefined> {
    return this.#opening(() => readFile(path, "utf8")).catch((reason: unknown) => {
      if (isMissing(reason)) return undefined;
      throw reason;
    });
  }

  /**
   * Reports records that any window has written or removed.
   * @throws Error when the folder cannot be created or watched (the system's watches may be used up); other
   * windows' records are then seen only when they are asked for
   */
  async watch(onChange: (id: string) => void): Promise<Disposable> {
    await mkdir(this.#folder, { recursive: true });
    const watcher: FSWatcher = watch(this.#folder, { persistent: false }, (_event, name) => {
      if (name?.endsWith(ENDING) === true || name?.endsWith(LOG) === true)
        onChange(name.slice(0, name.indexOf(".")));
    });
    watcher.on("error", () => watcher.close()); // The folder was removed: nothing is left to watch.
    return { dispose: () => watcher.close() };
  }

  async write(id: string, value: unknown, isStillOurs = () => true, isLast = false): Promise<void> {
    const log = this.#logs.get(id);
    try {
      if (!isLast && log !== undefined && (await this.#append(id, log, value, isStillOurs))) return;
      await this.#replace(id, value, isStillOurs, isLast);
      if (log !== undefined) await this.#removeLog(id, log).catch(() => {}); // `tidy` removes it later.
    } catch (reason) {
      if (reason instanceof StoodStill) throw reason;
      log?.end();
      throw unwritable(reason);
    }
  }

  /** @returns false when the record must be written whole instead */
  async #append(id: string, log: RecordLog, value: unknown, isStillOurs: () => boolean): Promise<boolean> {
    const line = log.lineFor(value);
    if (line === undefined) return false;
    const file = await this.#opening(() => open(this.#logPath(id, log.name), "a", 0o600));
    try {
      if (!isStillOurs()) throw new StoodStill();
      await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
    if (log.isEmpty) await syncFolder(this.#folder);
    log.appended(line, value);
    return true;
  }

  async #replace(id: string, value: unknown, isStillOurs: () => boolean, isLast: boolean): Promise<void> {
    const path = this.#path(id);
    const temporary = `${path}.${this.#writer}${TORN}`;
    const record = JSON.stringify(value);
    const log = isLast ? undefined : RecordLog.for(value, record);
    const text = log === undefined ? record : withLog(id, record, log);
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await this.#opening(() => open(temporary, "w", 0o600));
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await patiently(async () => {
        if (!isStillOurs()) throw new StoodStill();
        await rename(temporary, path);
      }, this.#patience);
      this.#logs.set(id, log);
      await syncFolder(this.#folder);
    } catch (reason) {
      await rm(temporary).catch(() => {}); // The failure to report is the first one.
      throw reason;
    }
  }

  async remove(id: string): Promise<void> {
    await patiently(() => rm(this.#path(id), { force: true }), this.#patience);
    const log = this.#logs.get(id);
    this.#logs.delete(id);
    if (log !== undefined) await this.#removeLog(id, log);
    // Otherwise a discarded mail could come back after a power cut, and go on.
    await syncFolder(this.#folder);
  }

  #removeLog(id: string, { name }: RecordLog): Promise<void> {
    return patiently(() => rm(this.#logPath(id, name), { force: true }), this.#patience);
  }

  async setAside(id: string): Promise<void> {
    const log = this.#logs.get(id);
    this.#logs.delete(id);
    for (const path of [this.#path(id), ...(log === undefined ? [] : [this.#logPath(id, log.name)])]) {
      const aside = path.endsWith(ENDING) ? `${path.slice(0, -ENDING.length)}${ASIDE}` : path + ASIDE;
      try {
        await patiently(() => rename(path, aside), this.#patience);
        // `tidy` counts its age from now on.
        const now = new Date();
        await utimes(aside, now, now);
      } catch (reason) {
        // The log was never begun.
        if (!path.endsWith(LOG) || !isMissing(reason)) throw reason;
      }
    }
  }

  async tidy(now: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const keptMs = name.endsWith(ASIDE) ? ASIDE_MS : isLeftover(name) ? TORN_MS : undefined;
      if (keptMs === undefined) continue;
      const path = join(this.#folder, name);
      const age = await stat(path).then(
        ({ mtimeMs }) => now - mtimeMs,
        () => 0,
      ); // It is gone by now.
      // A file that another program has open stays until the next time.
      if (age > keptMs && !(await this.#isLogOfRecord(name))) await rm(path).catch(() => {});
    }
  }

  #opening<T>(work: () => Promise<T>): Promise<T> {
    return patiently(work, { ...this.#patience, isPassing: isHeldOpening });
  }

  async #isLogOfRecord(name: string): Promise<boolean> {
    const [id = "", log] = name.split(".");
    return name.endsWith(LOG) && loggedIn(parsed((await this.#text(this.#path(id))) ?? ""))?.name === log;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${ENDING}`);
  }

  #logPath(id: string, name: string): string {
    return join(this.#folder, `${id}.${name}${LOG}`);
  }
}

function isLeftover(name: string): boolean {
  return name.endsWith(TORN) || name.endsWith(LOG);
}

export function unwritable(cause: unknown): FreightError {
  return new FreightError(
    "journal-unwritable",
    sentences(t("Freight Mail cannot save its state."), whyUnwritable(cause)),
    { cause, remedy: "retry" },
  );
}
