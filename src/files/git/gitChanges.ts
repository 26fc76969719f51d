/**
 * The uncommitted changes of a repository, as a patch that `git apply` takes. Uses the working folder's own
 * settings and filters, as VS Code does whenever it looks at it: only for a folder that is trusted.
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isHash } from "./gitReader.ts";
import { GitFailed, runGit } from "./runGit.ts";

const PATIENCE_MS = 60_000;
/** Only file names: the patch itself goes straight to the disk. */
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** Larger new files are more often than not products of a build. */
export const MAX_NEW_BYTES = 1024 * 1024;

/** The commit that is checked out. */
export interface Head {
  readonly hash: string;
  /** Undefined for the first commit. */
  readonly parent: string | undefined;
  readonly subject: string;
  /** Git makes no patches of merges. */
  readonly isMerge: boolean;
}

export interface Changes {
  readonly head: Head;
  /** Tracked files that were changed, and new ones that are not ignored; relative to the top, with slashes. */
  readonly changed: readonly string[];
  readonly added: readonly string[];
  /** New files that are too large, and folders with a repository of their own. */
  readonly leftOut: readonly string[];
}

export class GitChanges {
  readonly #git: string;
  readonly #top: string;

  /** @param git the program @param top of the repository */
  constructor(git: string, top: string) {
    this.#git = git;
    this.#top = top;
  }

  /**
   * @returns undefined in a repository that has no commit yet
   * @throws FreightError `patch-impossible` when Git fails; an AbortError by the signal
   */
  async look(signal: AbortSignal): Promise<Changes | undefined> {
    const head = await this.#head(signal);
    if (head === undefined) return undefined;
    const changed = await this.#run(["diff", "--name-only", "-z", ...PLAIN, "HEAD"], signal);
    const others = await this.#run(["ls-files", "-z", "--others", "--exclude-standard"], signal);
    const [added, leftOut]: [string[], string[]] = [[], []];
    for (const name of listed(others)) {
      const stats = await stat(resolve(this.#top, name)).catch(() => undefined);
      (stats?.isFile() && stats.size <= MAX_NEW_BYTES ? added : leftOut).push(name);
    }
    return { head, changed: listed(changed), added, leftOut };
  }

  /** Writes the changes as one patch. The repository stays unchanged: new files go into an index of ours. */
  async write({ added }: Changes, target: string, signal: AbortSignal): Promise<void> {
    const own = await mkdtemp(join(tmpdir(), "freight-git-"));
    try {
      const told = await this.#run(["rev-parse", "--git-path", "objects"], signal);
      const env = {
        GIT_INDEX_FILE: join(own, "index"),
        GIT_OBJECT_DIRECTORY: own,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(this.#top, told.replace(/\r?\n$/, "")),
      };
      await this.#run(["read-tree", "HEAD"], signal, env);
      if (added.length > 0) {
        const names = join(own, "names");
        await writeFile(names, added.map((name) => `${name}\0`).join(""));
        const list = ["--intent-to-add", `--pathspec-from-file=${names}`, "--pathspec-file-nul"];
        await this.#run(["--literal-pathspecs", "add", ...list], signal, env);
      }
      const whole = ["--binary", "--full-index", "--unified=3", "--no-color", `--output=${target}`];
      await this.#run(["diff", ...PLAIN, ...whole, "HEAD"], signal, env);
    } finally {
      await rm(own, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async #head(signal: AbortSignal): Promise<Head | undefined> {
    const format = ["--format=%H%n%P%n%s", "--encoding=UTF-8", "--no-show-signature"];
    const asked = this.#run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], signal);
    const known = await asked.catch((reason: unknown) => {
      if (reason instanceof GitFailed && reason.exitCode === 1) return "";
      throw reason;
    });
    if (!isHash(known.trim())) return undefined;
    const told = await this.#run(["log", "--max-count=1", ...format, known.trim()], signal);
    const [hash = "", parents = "", subject = ""] = told.split("\n");
    const [parent = ""] = parents.split(" ");
    const isMerge = parents.includes(" ");
    return { hash, parent: isHash(parent) ? parent : undefined, subject, isMerge };
  }

  #run(args: readonly string[], signal: AbortSignal, env: Record<string, string> = {}): Promise<string> {
    const quiet = [
      "-c",
      "core.fsmonitor=false",
      "-c",
      "core.quotePath=false",
      "-c",
      "advice.addEmbeddedRepo=false",
    ];
    return runGit(["--no-pager", ...quiet, ...args], {
      program: this.#git,
      cwd: this.#top,
      env: { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "", ...env },
      patienceMs: PATIENCE_MS,
      maxBytes: OUTPUT_BYTES,
      signal,
    });
  }
}

/** Overrides what a person has set for viewing. Changes inside submodules are not part of a patch. */
const PLAIN = [
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--no-renames",
  "--ignore-submodules=dirty",
  "--submodule=short",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "-O/dev/null",
];

function listed(names: string): string[] {
  return names.split("\0").filter((name) => name !== "");
}
