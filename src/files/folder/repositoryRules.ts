/**
 * What stays out of a folder by the rules of its repositories: as Git says where it may be asked, else as
 * their `.gitignore` files say. Each repository has its own rules, even one inside another.
 */
import { lstat, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { asFreightError } from "../../base/errors.ts";
import { GitIgnored } from "../git/gitIgnored.ts";
import { gitProgram } from "../git/gitProgram.ts";
import { isSamePath, realPathOf } from "../samePath.ts";
import { readIgnoreFile } from "./ignoreFile.ts";
import { IgnoreRules } from "./ignoreRules.ts";

export interface RulesOptions {
  /** The folder, absolute. */
  readonly folder: string;
  /** The Git program (default: the one in PATH, if any). Null: none is asked. */
  readonly git?: string | null | undefined;
  readonly signal: AbortSignal;
  /** Whose disk the folder is on. */
  readonly platform: NodeJS.Platform;
  /** Called now and then; what it throws ends the work. */
  readonly breathe: () => Promise<void>;
}

/** What decided what stays out, and why Git could not be asked where it should have been. */
export interface RuleSource {
  readonly git: boolean;
  readonly files: boolean;
  readonly trouble?: string;
}

export class FolderRules {
  readonly #options: RulesOptions;
  readonly #none: IgnoreRules;
  #source: RuleSource = { git: false, files: false };

  constructor(options: RulesOptions) {
    this.#options = options;
    this.#none = IgnoreRules.on(options.platform);
  }

  get source(): RuleSource {
    return this.#source;
  }

  /** The rules for the folder's contents, from the repository around it. */
  async above(): Promise<RulesHere> {
    const { folder } = this.#options;
    const found = await repositoryOf(folder);
    if (found === undefined) return this.#withFiles(this.#none, "");
    const { top, above } = found;
    const path = withSlashes(await this.#asOnDisk(top, folder));
    const prefix = path === "" ? "" : `${path}/`;
    const git = await this.#askGit(top, path);
    if (git !== undefined) return git === "all" ? this.#withFiles(this.#none, "") : this.#by(git, prefix);
    let rules = this.#none;
    for (const at of above) {
      await this.#options.breathe();
      rules = await readIgnoreFile(rules, at, withSlashes(relative(top, at)));
    }
    // If they ignore the folder itself (a build), it was chosen all the same: they do not apply.
    const isOut = path !== "" && (await rules.covers(path, true, this.#options.breathe));
    return isOut ? this.#withFiles(this.#none, "") : this.#withFiles(rules, prefix);
  }

  /**
   * The relative path between two folders as the disk spells it: to Git, names that differ in case are
   * different on every system.
   */
  async #asOnDisk(top: string, folder: string): Promise<string> {
    const given = relative(top, folder);
    const [realTop, real] = await Promise.all([top, folder].map(realPathOf));
    const way = relative(realTop ?? top, real ?? folder);
    return isSamePath(way, given, this.#options.platform) ? way : given;
  }

  /**
   * The rules of a repository inside the folder.
   * @param path its top, relative to the folder
   * @param outer the rules around it
   */
  async inside(path: string, outer: RulesHere): Promise<RulesHere> {
    const top = join(this.#options.folder, path);
    if (!(await isRepository(top))) return outer;
    const git = await this.#askGit(top, "");
    const away = withSlashes(path).length + 1;
    if (git !== undefined && git !== "all") return this.#by(git, "", away);
    return this.#withFiles(this.#none, "", away);
  }

  /** @returns "all" when the folder itself is ignored; undefined when Git cannot be asked */
  async #askGit(top: string, below: string): Promise<GitIgnored | "all" | undefined> {
    const { git, signal } = this.#options;
    if (git === null) return undefined;
    try {
      const program = git ?? (await gitProgram());
      return (await GitIgnored.read(program, top, below, signal)) ?? "all";
    } catch (reason) {
      signal.throwIfAborted();
      this.#source = { ...this.#source, trouble: asFreightError(reason).message };
      return undefined;
    }
  }

  #by(git: GitIgnored, prefix: string, away = 0): RulesHere {
    this.#source = { ...this.#source, git: true };
    const here: RulesHere = {
      names: (path) => git.names(prefix + path.slice(away)),
      in: async () => here, // Git has read the ignore files itself.
    };
    return here;
  }

  #withFiles(rules: IgnoreRules, prefix: string, away = 0): RulesHere {
    const { folder, breathe } = this.#options;
    const at = (path: string) => (prefix + path.slice(away)).replace(/\/$/, "");
    return {
      names: (path, isFolder) => rules.names(at(path), isFolder, breathe),
      in: async (path) => {
        this.#source = { ...this.#source, files: true };
        return this.#withFiles(
          await readIgnoreFile(rules, join(folder, path), at(withSlashes(path))),
          prefix,
          away,
        );
      },
    };
  }
}

/** The rules at one place in the folder. Paths are relative to the folder, with slashes. */
export interface RulesHere {
  /** Whether a path itself is ignored; the caller knows that the folders above it are not. */
  names(path: string, isFolder: boolean): Promise<boolean>;
  /** The rules in a folder that has a `.gitignore`. @throws FreightError as `readIgnoreFile` */
  in(path: string): Promise<RulesHere>;
}

export const NO_RULES: RulesHere = { names: async () => false, in: async () => NO_RULES };

/** The top of the repository that a folder is in, and the folders from there down to it, without itself. */
async function repositoryOf(folder: string): Promise<{ top: string; above: readonly string[] } | undefined> {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) above.unshift(at);
    if (await isRepository(at)) return { top: at, above };
    if (dirname(at) === at) return undefined;
  }
}

/** By Git's own test: other folders or files of that name are none. */
async function isRepository(top: string): Promise<boolean> {
  const path = join(top, ".git");
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() === true && stats.size < 4096)
    return (await readFile(path, "utf8").catch(() => "")).startsWith("gitdir:");
  return lstat(join(path, "HEAD")).then(
    () => true,
    () => false,
  );
}

export function withSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
