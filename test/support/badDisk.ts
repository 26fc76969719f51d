/** A folder on a disk that is slow, full for a moment, or whose files another program holds open. */
import type { PathLike, Stats } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { Foreman } from "./machine.ts";

/** What goes wrong there; each number is used up by what it hits. */
export interface DiskTrouble {
  /** Writes that find no room. */
  full: number;
  /** Renames and deletions that find the file held by another program, as virus scanners do on Windows. */
  busy: number;
  /** How many turns of the event loop each work takes; used in turn, and again from the first. */
  slow: readonly number[];
}

export interface BadDiskOptions {
  /** Where files go wrong. */
  readonly folder: string;
  /** Around it: what is done to a file there is heard of as well. */
  readonly around: string;
  readonly clock: { now(): number };
  /** Hears when work of the disk is under way. */
  readonly foreman: Foreman;
  /** Told of each file that was written or removed, as file watchers are. */
  readonly onChange: (name: string) => void;
}

const disks = new Map<string, BadDisk>();
const busyCodes = ["EPERM", "EACCES", "EBUSY"];

export class BadDisk {
  readonly trouble: DiskTrouble = { full: 0, busy: 0, slow: [] };
  readonly #options: BadDiskOptions;
  /** When each file was written, by the machine's clock. */
  readonly #times = new Map<string, number>();
  #turn = 0;
  #hits = 0;

  constructor(options: BadDiskOptions) {
    this.#options = options;
    patch();
    disks.set(options.around, this);
  }

  heal(): void {
    Object.assign(this.trouble, { full: 0, busy: 0, slow: [] });
  }

  dispose(): void {
    disks.delete(this.#options.around);
  }

  /** Whether files at a path go wrong. */
  troubles(path: string): boolean {
    return path.startsWith(this.#options.folder);
  }

  /** Does the work, after a while where the disk is slow. */
  work<T>(isTroubled: boolean, work: () => Promise<T>): Promise<T> {
    return this.#options.foreman.busily(async () => {
      const { slow } = this.trouble;
      if (isTroubled && slow.length > 0) await pause(slow[this.#turn++ % slow.length] ?? 0);
      return work();
    });
  }

  /** True when the next write finds no room. */
  get isFull(): boolean {
    return this.trouble.full > 0;
  }

  /** @throws Error ENOSPC */
  needRoom(): void {
    if (!this.isFull) return;
    this.trouble.full--;
    throw failure("ENOSPC");
  }

  /** @throws Error as Windows has them for a file that somebody has open */
  needHold(): void {
    if (this.trouble.busy <= 0) return;
    this.trouble.busy--;
    throw failure(busyCodes[this.#hits++ % busyCodes.length] ?? "EPERM");
  }

  /** A file was written, just now or at the time that somebody has given it. */
  wrote(path: string, at = this.#options.clock.now()): void {
    this.#times.set(path, at);
  }

  /** A file has its content now, or is gone. @param from under which name it was written */
  changed(path: string, from?: string): void {
    const { folder, onChange } = this.#options;
    if (from !== undefined) this.wrote(path, this.#times.get(from));
    onChange(path.slice(folder.length + 1));
  }

  /** With the machine's time in the place of the file system's. */
  seen(path: string, stats: Stats): Stats {
    const mtimeMs = this.#times.get(path) ?? stats.mtimeMs;
    return Object.assign(stats, { mtimeMs, mtime: new Date(mtimeMs) });
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the test has it`), { code });
}

/** What never goes wrong here, and is heard of all the same: a machine is not at rest while its disk works. */
const SOUND =
  "access appendFile chmod copyFile cp link lstat mkdtemp opendir readlink realpath statfs symlink truncate unlink".split(
    " ",
  );
const SOUND_OF_FILES = "appendFile chmod chown datasync readv stat truncate utimes write writev".split(" ");

let isPatched = false;

/** Node's own functions go on as always for every other folder. */
function patch(): void {
  if (isPatched) return;
  isPatched = true;
  const { open, readFile, writeFile, mkdir, rename, rm, stat, utimes, readdir } = { ...fs };
  /** @param work told the disk where files go wrong */
  const on = <T>(path: unknown, work: (disk?: BadDisk) => Promise<T>): Promise<T> => {
    const name = typeof path === "string" ? path : "";
    const around = [...disks.keys()].find((folder) => name.startsWith(folder));
    const disk = around === undefined ? undefined : disks.get(around);
    if (disk === undefined) return work();
    const isTroubled = disk.troubles(name);
    return disk.work(isTroubled, () => work(isTroubled ? disk : undefined));
  };
  for (const name of SOUND) {
    const work = Reflect.get(fs, name);
    Reflect.set(fs, name, (...args: unknown[]) => on(args[0], () => work(...args)));
  }
  Object.assign(fs, {
    open: (...args: Parameters<typeof open>) =>
      on(args[0], async (disk) => {
        const writes = typeof args[1] === "string" && /[wax+]/.test(args[1]);
        if (writes) disk?.needRoom();
        const file = await open(...args);
        if (writes) disk?.wrote(String(args[0]));
        return watched(file, String(args[0]), disk, on, args[1] === "a");
      }),
    readFile: (...args: Parameters<typeof readFile>) => on(args[0], () => readFile(...args)),
    mkdir: (...args: Parameters<typeof mkdir>) => on(args[0], () => mkdir(...args)),
    writeFile: (...args: Parameters<typeof writeFile>) =>
      on(args[0], async (disk) => {
        // As on a real disk: a file has its name before its first byte finds no room.
        if (disk?.isFull === true) await writeFile(args[0], "", args[2]);
        disk?.needRoom();
        await writeFile(...args);
        disk?.wrote(String(args[0]));
        disk?.changed(String(args[0]));
      }),
    rename: (from: PathLike, to: PathLike) =>
      on(to, async (disk) => {
        disk?.needHold();
        await rename(from, to);
        disk?.changed(String(to), String(from));
      }),
    rm: (...args: Parameters<typeof rm>) =>
      on(args[0], async (disk) => {
        disk?.needHold();
        await rm(...args);
        disk?.changed(String(args[0]));
      }),
    stat: (path: PathLike) =>
      on(path, async (disk) => {
        const stats = await stat(path);
        return disk?.seen(String(path), stats) ?? stats;
      }),
    utimes: (path: PathLike, atime: Date, mtime: Date) =>
      on(path, async (disk) => {
        await utimes(path, atime, mtime);
        disk?.wrote(String(path), mtime.getTime());
      }),
    readdir: (...args: Parameters<typeof readdir>) => on(args[0], () => readdir(...args)),
  });
  syncBuiltinESMExports();
}

/** A file that is open. */
function watched(
  file: FileHandle,
  path: string,
  disk: BadDisk | undefined,
  on: <T>(path: string, work: () => Promise<T>) => Promise<T>,
  isAppended: boolean,
): FileHandle {
  const { read, readFile, writeFile, sync, close } = file;
  for (const name of SOUND_OF_FILES) {
    const work = Reflect.get(file, name);
    Reflect.set(file, name, (...args: unknown[]) => on(path, async () => Reflect.apply(work, file, args)));
  }
  return Object.assign(file, {
    read: (...args: Parameters<typeof read>) => on(path, () => read.apply(file, args)),
    readFile: (...args: Parameters<typeof readFile>) => on(path, () => readFile.apply(file, args)),
    writeFile: (...args: Parameters<typeof writeFile>) =>
      on(path, async () => {
        if (disk?.isFull === true) await writeFile.call(file, "{");
        disk?.needRoom();
        await writeFile.apply(file, args);
        disk?.wrote(path);
        if (isAppended) disk?.changed(path);
      }),
    sync: () => on(path, () => sync.apply(file)),
    close: () => on(path, () => close.apply(file)),
  });
}

async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
