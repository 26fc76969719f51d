/**
 * Where archives wait for their mail: a folder shared by all windows of a machine. Each archive has a folder
 * of its own in it, named after the process and the machine that made it, so that the file inside can have
 * the name that the recipient sees.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { isRunning, machineMark } from "../../base/processIdentity.ts";
import { t } from "../../shared/l10n.ts";
import { NAME_BYTES, portableName } from "../portableName.ts";
import { isSamePath } from "../samePath.ts";

/** An unneeded archive older than this goes even if its process seems to run: process ids are reused. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

export interface Archive {
  /** The file's path; it does not exist until somebody writes it. */
  readonly path: string;
  /** From now on it stays only while it is wanted. */
  release(): void;
}

/** A folder where one file of any name waits for its mail. */
export interface Room {
  readonly folder: string;
  /** The path of a file of that name. @param name cleaned before use */
  pathOf(name: string): string;
  /** @param name cleaned before use @returns the file's path */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Appends to the file of that name, or creates it. @param name cleaned before use @returns its path */
  append(name: string, content: Uint8Array): Promise<string>;
  /** From now on it stays only while it is wanted. */
  release(): void;
}

export class ArchiveFolder {
  readonly #folder: string;
  readonly #now: () => number;
  /** Names of archives that are being made or handed over. */
  readonly #held = new Set<string>();
  /** The path of what was packed, by the archive's name; only for archives of this process. */
  readonly #origins = new Map<string, string>();
  /** Names of archives that somebody is being asked about. */
  readonly #asked = new Set<string>();

  /** @param folder created with the first archive */
  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Makes room for an archive of what is called `name` and is at `origin`. */
  async make(name: string, origin: string): Promise<Archive> {
    const { folder, release } = await this.makeRoom();
    this.#origins.set(basename(folder), origin);
    return { path: join(folder, `${portableName(name, "folder", NAME_BYTES - ".zip".length)}.zip`), release };
  }

  /** Creates a private folder for one file, whose name its maker chooses. */
  async makeRoom(): Promise<Room> {
    const own = `${process.pid}-${machineMark()}-${randomUUID()}`;
    this.#held.add(own);
    // Other users of the machine must not see what is being sent.
    await mkdir(join(this.#folder, own), { recursive: true, mode: 0o700 }).catch((reason: unknown) => {
      this.#held.delete(own);
      throw reason;
    });
    const folder = join(this.#folder, own);
    const pathOf = (name: string) => join(folder, safeName(name));
    return {
      folder,
      pathOf,
      write: async (name, content) => {
        const path = pathOf(name);
        await writeFile(path, content, { mode: 0o600 });
        return path;
      },
      append: async (name, content) => {
        const path = pathOf(name);
        await writeFile(path, content, { mode: 0o600, flag: "a" });
        return path;
      },
      release: () => void this.#held.delete(own),
    };
  }

  /** Keeps a file of this folder until it is released, even if nobody needs it. Ignores other files. */
  hold(path: string): () => void {
    const name = basename(dirname(path));
    if (this.has(path)) this.#asked.add(name);
    return () => void this.#asked.delete(name);
  }

  /** True for a path that this folder has given out. */
  has(path: string): boolean {
    return isSamePath(dirname(dirname(path)), this.#folder);
  }

  /** The path of what was packed into an archive that is being handed over; undefined for any other file. */
  originOf(path: string): string | undefined {
    return this.has(path) ? this.#origins.get(basename(dirname(path))) : undefined;
  }

  /**
   * Explains why a file of this folder cannot be opened: it was deleted once its mail had left.
   * @param madeFrom what can be packed again
   */
  explainLoss(path: string, reason: unknown, madeFrom?: string): unknown {
    if (!this.has(path) || !(reason instanceof FreightError && reason.is("file-missing"))) return reason;
    const name = basename(path);
    return madeFrom === undefined
      ? new FreightError(
          "file-missing",
          t(
            "“{0}” was made for a mail that was sent, and then deleted. Remove it, and add the original files again.",
            name,
          ),
          { cause: reason, path },
        )
      : new FreightError(
          "file-missing",
          t(
            "“{0}” was made for a mail that was sent, and then deleted. It can be packed again from “{1}”.",
            name,
            basename(madeFrom),
          ),
          { cause: reason, path, remedy: "packAgain" },
        );
  }

  /** Deletes an archive, unless it is being handed over. */
  async remove(path: string): Promise<void> {
    const name = basename(dirname(path));
    if (!this.has(path) || this.#isHeld(name)) return;
    await this.#delete(name);
  }

  /** Deletes what no mail needs any more, and no running window is about to use. */
  async sweep(isWanted: (path: string) => boolean): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []); // There was no archive yet.
    for (const name of names) {
      const inside = await readdir(join(this.#folder, name)).catch(() => []);
      const isNeeded = inside.some((file) => isWanted(join(this.#folder, name, file)));
      if (!isNeeded && !(await this.#isInUse(name))) await this.#delete(name);
    }
  }

  async #isInUse(name: string): Promise<boolean> {
    if (this.#isHeld(name)) return true;
    const pid = Number.parseInt(name, 10);
    // Whether another machine's process is running cannot be seen here.
    if (isMadeHere(name) && !isRunning(pid)) return false;
    // Of our own process's archives, only held ones are in use: each window has its own process.
    if (isMadeHere(name) && pid === process.pid) return false;
    const made = await stat(join(this.#folder, name)).catch(() => undefined);
    return made !== undefined && this.#now() - made.mtimeMs < FORGOTTEN_MS;
  }

  #isHeld(name: string): boolean {
    return this.#held.has(name) || this.#asked.has(name);
  }

  async #delete(name: string): Promise<void> {
    this.#origins.delete(name);
    // A virus scanner may hold a file open for a moment.
    await rm(join(this.#folder, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Folders of earlier versions do not name a machine, and count as made here. */
function isMadeHere(name: string): boolean {
  const parts = name.split("-");
  return parts.length < 7 || parts[1] === machineMark();
}

/** A foreign name as one that every file system takes, and that leads nowhere else. */
export function safeName(name: string): string {
  return portableName(name.replace(/^.*[/\\]/s, ""));
}
