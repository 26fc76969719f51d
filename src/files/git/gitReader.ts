/**
 * Runs Git on a repository's commits, and on nothing else in it. A repository's settings can run programs,
 * name files of the machine or change what a patch looks like, and each version of Git has more of them. So
 * Git is given an empty repository of ours without settings, and only the objects of the other one.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GitFailed, runGit } from "./runGit.ts";

/** The output of `git log` for some commits, or just the name of a patch: little. */
const OUTPUT_BYTES = 4 * 1024 * 1024;
/** Even a repository of many years answers in seconds; one with a pipe in place of a file never does. */
const PATIENCE_MS = 60_000;

export class GitReader {
  readonly #git: string;
  readonly #root: string;
  readonly #patienceMs: number;

  /** @param git the program @param root of the repository @param patienceMs how long one answer of Git may take */
  constructor(git: string, root: string, patienceMs = PATIENCE_MS) {
    this.#git = git;
    this.#root = root;
    this.#patienceMs = patienceMs;
  }

  /** The newest commit; undefined in a repository that has none yet. @throws FreightError `patch-impossible` */
  async head(signal?: AbortSignal): Promise<string | undefined> {
    // Git always reads the settings, but this uses none that runs or writes anything.
    const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
    const told = await this.#run(args, { cwd: this.#root, env: {} }, signal).catch((reason: unknown) => {
      if (reason instanceof GitFailed && reason.exitCode === 1) return this.#unborn(signal);
      throw reason;
    });
    const hash = told.trim();
    return isHash(hash) ? hash : undefined;
  }

  /** Why there is no newest commit: a branch that leads nowhere is damaged, one without commits is not. */
  async #unborn(signal?: AbortSignal): Promise<string> {
    const args = ["--no-pager", "log", "--max-count=1", "--format=%H", "--no-show-signature"];
    return this.#run(args, { cwd: this.#root, env: {} }, signal).catch((reason: unknown) => {
      if (reason instanceof GitFailed && /does not have any commits yet/.test(reason.said)) return "";
      throw reason;
    });
  }

  /**
   * Lets `work` run Git on the objects of the repository.
   * @param hash of a commit, which tells the format of the objects
   * @throws FreightError `patch-impossible` when Git fails, or does not answer in time; an AbortError by the signal
   */
  async read<T>(
    hash: string,
    signal: AbortSignal | undefined,
    work: (git: (...args: string[]) => Promise<string>) => Promise<T>,
  ): Promise<T> {
    const paths = ["rev-parse", "--git-path", "objects", "--git-path", "shallow"];
    const told = await this.#run(paths, { cwd: this.#root, env: {} }, signal);
    const [objects = "", shallow = ""] = told.split(/\r?\n/).map((path) => resolve(this.#root, path));
    const own = await mkdtemp(join(tmpdir(), "freight-git-"));
    try {
      await makeEmptyRepository(own, hash.length === 64 ? "sha256" : "sha1");
      const env = {
        GIT_DIR: own,
        GIT_OBJECT_DIRECTORY: objects,
        // The person's own settings would change patches, too.
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: join(own, "none"),
        HOME: own,
        XDG_CONFIG_HOME: own,
        // Only the true history, and only what is on this machine.
        GIT_NO_REPLACE_OBJECTS: "1",
        GIT_NO_LAZY_FETCH: "1",
        GIT_ALLOW_PROTOCOL: "",
        GIT_ATTR_NOSYSTEM: "1",
        ...(existsSync(shallow) ? { GIT_SHALLOW_FILE: shallow } : {}),
      };
      return await work((...args) => this.#run(["--no-pager", ...args], { cwd: own, env }, signal));
    } finally {
      await rm(own, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  #run(
    args: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const [program, patienceMs] = [this.#git, this.#patienceMs];
    return runGit(args, { program, cwd, env, patienceMs, maxBytes: OUTPUT_BYTES, signal });
  }
}

/** Whether a text is a commit's hash, which Git cannot take for anything else. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);
}

async function makeEmptyRepository(folder: string, format: "sha1" | "sha256"): Promise<void> {
  await mkdir(join(folder, "refs"));
  await mkdir(join(folder, "objects"));
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/none\n");
  const settings = [
    "[core]",
    `repositoryformatversion = ${format === "sha256" ? 1 : 0}`,
    "bare = true",
    // Only a shortcut to a commit's parents, which the objects have as well.
    "commitgraph = false",
    ...(format === "sha256" ? ["[extensions]", "objectFormat = sha256"] : []),
  ];
  await writeFile(join(folder, "config"), `${settings.join("\n")}\n`);
}
