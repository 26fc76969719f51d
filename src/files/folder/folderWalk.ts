/** Lists a folder to send: which files go, how much that is, and what stays out and why. */
import { constants, type Dirent } from "node:fs";
import { access, lstat, opendir } from "node:fs/promises";
import { basename, join } from "node:path";
import { setImmediate as immediate } from "node:timers/promises";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { fileError } from "../fileTrouble.ts";
import { portableName } from "../portableName.ts";
import { isSamePath, realPathOf } from "../samePath.ts";
import { kindOf } from "./entryKind.ts";
import { FolderRules, NO_RULES, type RuleSource, type RulesHere, withSlashes } from "./repositoryRules.ts";
import { bundleOf, isSystemFile } from "./systemFiles.ts";

export interface FolderFile {
  /** Relative to the folder, with the system's separators. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What stays out of the archive, counted by reason. */
export interface LeftOut {
  /** Files that a repository ignores, or that lie in a folder that it ignores. */
  readonly ignored: number;
  /** Files that a system keeps for itself, such as `.DS_Store`; a folder of them counts once. */
  readonly system: number;
  /** `.git` folders, and the files that point to one. */
  readonly git: number;
  readonly symlinks: number;
  /** macOS bundles that do not work without the links that stay out. */
  readonly brokenBundles: readonly string[];
  /** Sockets, pipes, devices. */
  readonly special: number;
  /** Files that the person has unticked. */
  readonly unwanted: number;
  /** Paths that cannot be read. */
  readonly unreadable: readonly string[];
}

export interface FolderListing {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** The folder's real path: links that lead to it are the person's own choice. */
  readonly home: string;
  /** In the order of the archive, which is the same each time. */
  readonly files: readonly FolderFile[];
  /** Folders that contain nothing and are not ignored. */
  readonly emptyFolders: readonly { readonly path: string; readonly mtimeMs: number }[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** The largest first; no more than five. */
  readonly largest: readonly FolderFile[];
  readonly leftOut: LeftOut;
  /** What decided which files are ignored. */
  readonly rules: RuleSource;
}

export interface WalkOptions {
  /**
   * Leaves out what repositories ignore and what a system keeps for itself. Runs Git, so only for folders
   * that the person trusts.
   */
  readonly useIgnoreFiles: boolean;
  /** The Git program (default: the one in PATH). Null: `.gitignore` files are followed without it. */
  readonly git?: string | null | undefined;
  readonly signal: AbortSignal;
  /** The system whose disk the folder is on (default: this one). */
  readonly platform?: NodeJS.Platform;
  /** Called now and then with the number of files seen. */
  readonly onSeen?: (files: number) => void;
}

/** Beyond this, the list itself would take much memory, and no archive of so many files fits into a mail. */
const MAX_FILES = 250_000;
const LARGEST = 5;
/** How long the walk may block the event loop at a time, in milliseconds. */
const TURN_MS = 5;
/** Files that are looked at in parallel. */
const BATCH = 64;
/** Unreadable paths are named for people, who read no more than this. */
const MAX_NAMED = 20;

/**
 * Lists a folder. Symbolic links in it are never followed.
 * @throws FreightError when the folder cannot be read or has too many files; an AbortError when `signal` ended it
 */
export async function listFolder(folder: string, options: WalkOptions): Promise<FolderListing> {
  const walk = new Walk(folder, options);
  await walk.run();
  return walk.listing();
}

/** The list without some of its files. */
export function leaveOut(listing: FolderListing, paths: ReadonlySet<string>): FolderListing {
  const files = listing.files.filter(({ path }) => !paths.has(path));
  const gone = listing.files.length - files.length;
  return {
    ...listing,
    files,
    bytes: files.reduce((total, { size }) => total + size, 0),
    largest: largestOf(files, LARGEST),
    leftOut: { ...listing.leftOut, unwanted: listing.leftOut.unwanted + gone },
  };
}

/** The largest first. */
export function largestOf(files: readonly FolderFile[], count: number): readonly FolderFile[] {
  return [...files].sort((a, b) => b.size - a.size).slice(0, count);
}

/** In any spelling: where the zip is unpacked, `.GIT` and `.git.` may be the folder that Git trusts. */
function isGit(name: string): boolean {
  return portableName(name).toLowerCase() === ".git";
}

class Walk {
  readonly #folder: string;
  readonly #options: WalkOptions;
  readonly #files: FolderFile[] = [];
  readonly #emptyFolders: { path: string; mtimeMs: number }[] = [];
  #largest: readonly FolderFile[] = [];
  #bytes = 0;
  #turnBegan = performance.now();
  readonly #out = { ignored: 0, system: 0, git: 0, symlinks: 0, special: 0, unwanted: 0 };
  readonly #unreadable: string[] = [];
  readonly #brokenBundles = new Set<string>();
  readonly #rules: FolderRules;
  readonly #platform: NodeJS.Platform;
  #home = "";

  constructor(folder: string, options: WalkOptions) {
    this.#folder = folder;
    this.#options = options;
    const { git, signal, platform = process.platform } = options;
    this.#rules = new FolderRules({ folder, git, signal, platform, breathe: () => this.#breathe() });
    this.#platform = platform;
  }

  listing(): FolderListing {
    return {
      folder: this.#folder,
      home: this.#home,
      files: this.#files,
      emptyFolders: this.#emptyFolders,
      bytes: this.#bytes,
      largest: this.#largest,
      leftOut: { ...this.#out, unreadable: this.#unreadable, brokenBundles: [...this.#brokenBundles] },
      rules: this.#rules.source,
    };
  }

  async run(): Promise<void> {
    await access(this.#folder, constants.R_OK | constants.X_OK).catch((reason: unknown) => {
      throw fileError(this.#folder, reason);
    });
    this.#home = await realPathOf(this.#folder);
    await this.#enter("", this.#options.useIgnoreFiles ? await this.#rules.above() : NO_RULES);
  }

  /** @param path relative to the folder, "" for itself */
  async #enter(path: string, above: RulesHere): Promise<void> {
    const entries = await this.#read(path);
    const has = (name: string) =>
      this.#options.useIgnoreFiles && entries.some((entry) => isSamePath(entry.name, name, this.#platform));
    const around = path !== "" && has(".git") ? await this.#rules.inside(path, above) : above;
    const rules = has(".gitignore") ? await around.in(path) : around;
    if (entries.length === 0 && path !== "") await this.#noteEmpty(path);
    let batch: string[] = [];
    const flush = async () => {
      await this.#measure(batch);
      batch = [];
    };
    for (const entry of entries) {
      await this.#breathe();
      const inner = path === "" ? entry.name : join(path, entry.name);
      const kind = await this.#kindOf(entry, inner);
      const isSystem =
        this.#options.useIgnoreFiles && kind !== "link" && isSystemFile(entry.name, kind === "folder");
      if (isGit(entry.name)) this.#out.git += 1;
      else if (kind === "link") this.#noteLink(inner);
      else if (isSystem) this.#out.system += 1;
      else if (kind === "folder") {
        await flush();
        if (await rules.names(withSlashes(inner), true)) await this.#countIgnored(inner);
        else await this.#enter(inner, rules);
      } else if (await rules.names(withSlashes(inner), false)) this.#out.ignored += 1;
      else {
        batch.push(inner);
        if (batch.length >= BATCH) await flush();
      }
    }
    await flush();
  }

  /** Yields to the editor: a folder can have tens of thousands of entries, a repository hundreds of rules. */
  readonly #breathe = async (): Promise<void> => {
    if (performance.now() - this.#turnBegan < TURN_MS) return;
    await immediate();
    this.#options.signal.throwIfAborted();
    this.#turnBegan = performance.now();
  };

  /** Notes files with their sizes, in the order they are given. */
  async #measure(paths: readonly string[]): Promise<void> {
    const { signal, onSeen } = this.#options;
    const seen = await Promise.all(
      paths.map((path) => lstat(join(this.#folder, path)).catch(() => undefined)),
    );
    signal.throwIfAborted();
    for (const [at, stats] of seen.entries()) {
      const path = paths[at] ?? "";
      if (stats === undefined) this.#noteUnreadable(path);
      else if (stats.isFile()) this.#add({ path, size: stats.size });
      // It was something else a moment ago, or the file system does not tell kinds when listing.
      else if (stats.isSymbolicLink()) this.#noteLink(path);
      else this.#out.special += 1;
    }
    onSeen?.(this.#files.length);
  }

  /** @param path of a folder that was read and has nothing in it, or could not be read */
  async #noteEmpty(path: string): Promise<void> {
    const stats = await lstat(join(this.#folder, path)).catch(() => undefined);
    if (stats === undefined || this.#unreadable.includes(path)) return;
    this.#assertRoom();
    this.#emptyFolders.push({ path, mtimeMs: stats.mtimeMs });
  }

  #assertRoom(): void {
    if (this.#files.length + this.#emptyFolders.length < MAX_FILES) return;
    throw new FreightError(
      "folder-too-many-files",
      t("“{0}” has more than {1} files. Choose a folder inside it.", basename(this.#folder), MAX_FILES),
    );
  }

  #add(file: FolderFile): void {
    this.#assertRoom();
    this.#files.push(file);
    this.#bytes += file.size;
    const smallest = this.#largest.at(-1);
    if (this.#largest.length < LARGEST || smallest === undefined || file.size > smallest.size)
      this.#largest = largestOf([...this.#largest, file], LARGEST);
  }

  /** Counts the files of a folder that stays out. */
  async #countIgnored(path: string): Promise<void> {
    for (const entry of await this.#read(path)) {
      if (isGit(entry.name)) continue;
      const inner = join(path, entry.name);
      if ((await this.#kindOf(entry, inner)) === "folder") await this.#countIgnored(inner);
      else this.#out.ignored += 1;
    }
  }

  /** A folder's entries, sorted by name. An unreadable folder has none, and is noted. */
  async #read(path: string): Promise<Dirent[]> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const entries: Dirent[] = [];
    try {
      for await (const entry of await opendir(join(this.#folder, path), { bufferSize: 256 })) {
        await this.#breathe();
        entries.push(entry);
      }
    } catch (reason) {
      signal.throwIfAborted();
      if (path === "") throw fileError(this.#folder, reason);
      this.#noteUnreadable(path);
    }
    // Not sorted by language: the order must be the same on every machine.
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #kindOf(entry: Dirent, path: string) {
    return kindOf(entry, () => lstat(join(this.#folder, path)));
  }

  #noteLink(path: string): void {
    this.#out.symlinks += 1;
    const bundle = bundleOf(join(basename(this.#folder), path));
    if (bundle !== undefined) this.#brokenBundles.add(bundle);
  }

  #noteUnreadable(path: string): void {
    if (this.#unreadable.length < MAX_NAMED) this.#unreadable.push(path);
  }
}
