/** Commits as patches, made by the Git that VS Code uses. Nothing that a repository configures is run. */
import { execFile } from "node:child_process";
import { devNull } from "node:os";
import { promisify } from "node:util";
import { FreightError } from "../errors.ts";
import { inspectFile } from "./fileSource.ts";

const run = promisify(execFile);

/** What `git log` says of so many commits, and of a patch only its name: little. */
const OUTPUT_BYTES = 4 * 1024 * 1024;
const FIELDS = ["%H", "%P", "%an", "%at", "%s"];

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly authoredAt: number;
  readonly isMerge: boolean;
}

export class GitPatches {
  readonly #git: string;
  readonly #root: string;

  /** @param git the program @param root of the repository */
  constructor(git: string, root: string) {
    this.#git = git;
    this.#root = root;
  }

  /** The newest commits, newest first; none in a repository that has none yet. */
  async recent(count: number): Promise<readonly Commit[]> {
    const hasCommits = await this.#run(["rev-parse", "--verify", "--quiet", "HEAD"]).then(
      () => true,
      () => false,
    );
    if (!hasCommits) return [];
    const format = `--format=${FIELDS.join("%x1f")}`;
    return readLog(await this.#run(["log", "-z", `--max-count=${count}`, "--no-show-signature", format]));
  }

  /**
   * Writes one patch for each commit, numbered in the order given.
   * @returns the files
   * @throws FreightError `patch-impossible` when Git makes no patch of one
   */
  async write(commits: readonly Commit[], newFolder: () => Promise<string>): Promise<readonly string[]> {
    const paths: string[] = [];
    for (const [index, commit] of commits.entries()) {
      const folder = await newFolder();
      const prefix = patchPrefix(index + 1, commits.length);
      // Git says which file it has written, also when nothing is in it.
      const said = await this.#run(formatPatch(commit.hash, folder, prefix, index + 1));
      const path = said.replace(/\r?\n$/, "");
      if (path === "") throw emptyCommit(commit);
      await inspectFile(path, Number.POSITIVE_INFINITY).catch((reason: unknown) => {
        throw reason instanceof FreightError && reason.is("file-empty") ? emptyCommit(commit) : reason;
      });
      paths.push(path);
    }
    return paths;
  }

  async #run(args: readonly string[]): Promise<string> {
    const { stdout } = await run(this.#git, ["--no-pager", ...SAFE, ...args], {
      cwd: this.#root,
      maxBuffer: OUTPUT_BYTES,
      windowsHide: true,
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", GIT_NO_LAZY_FETCH: "1" },
    });
    return stdout;
  }
}

/** A repository's settings must neither run programs nor make patches that `git am` does not take. */
const SAFE = [
  ["core.fsmonitor", "false"],
  ["diff.noprefix", "false"],
  ["diff.mnemonicPrefix", "false"],
  ["format.noprefix", "false"],
  ["diff.submodule", "short"],
].flatMap(([key, value]) => ["-c", `${key}=${value}`]);

function formatPatch(hash: string, folder: string, prefix: string, number: number): string[] {
  const plain = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--full-index", "--binary"];
  const alone = ["--no-attach", "--no-cover-letter", "--no-thread", "--no-to", "--no-cc", "--no-add-header"];
  // A repository may want fewer lines around a change than `git am` needs, and notes that are nobody else's.
  const whole = ["--unified=3", "--no-base", "--no-notes", `-O${devNull}`];
  const naming = ["--no-numbered", `--start-number=${number}`, `--subject-prefix=${prefix}`];
  return ["format-patch", ...plain, ...whole, ...alone, ...naming, "-o", folder, "-1", hash];
}

/** What stands in brackets before a subject, as `git format-patch` numbers a series. */
export function patchPrefix(number: number, total: number): string {
  const padded = String(number).padStart(String(total).length, "0");
  return total === 1 ? "PATCH" : `PATCH ${padded}/${total}`;
}

/** Of a mail that brings patches. @param branch undefined where there is none */
export function patchSubject(commits: readonly Commit[], branch: string | undefined): string {
  const [first] = commits;
  const title = commits.length === 1 || branch === undefined ? (first?.subject ?? "") : branch;
  return `[${patchPrefix(commits.length === 1 ? 1 : 0, commits.length)}] ${title}`;
}

export function readLog(text: string): readonly Commit[] {
  return text
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [hash = "", parents = "", author = "", seconds = "", ...subject] = entry.trim().split("\x1f");
      const isMerge = parents.includes(" ");
      return { hash, author, isMerge, subject: subject.join(" "), authoredAt: Number(seconds) * 1000 };
    });
}

/** @throws FreightError `patch-impossible` when a merge is among them */
export function assertNoMerge(commits: readonly Commit[]): void {
  const merge = commits.find(({ isMerge }) => isMerge);
  if (merge === undefined) return;
  throw new FreightError(
    "patch-impossible",
    `${named(merge)} is a merge, of which Git makes no patch. Choose the commits that it brought in.`,
  );
}

function emptyCommit(commit: Commit): FreightError {
  return new FreightError(
    "patch-impossible",
    `${named(commit)} changes no file, so there is no patch of it. Choose other commits.`,
  );
}

function named({ hash, subject }: Commit): string {
  return `“${subject}” (${hash.slice(0, 7)})`;
}
