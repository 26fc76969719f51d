/** Commits as patches, made by the Git that VS Code uses. Nothing that a repository configures is used. */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, normalize, resolve } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { inspectFile } from "../fileSource.ts";
import { isSamePath } from "../samePath.ts";
import { GitReader, isHash } from "./gitReader.ts";
import { misreadLines, withSafeMessage } from "./patchText.ts";

/** One per line: none of them can contain a line break, whoever made the commit. */
const FIELDS = ["%H", "%P", "%at", "%s", "%an"];

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly authoredAt: number;
  readonly isMerge: boolean;
}

export class GitPatches {
  readonly #reader: GitReader;

  /** @param git the program @param root of the repository @param patienceMs how long one answer of Git may take */
  constructor(git: string, root: string, patienceMs?: number) {
    this.#reader = new GitReader(git, root, patienceMs);
  }

  /** The newest commits, newest first; empty in a repository without commits. */
  async recent(count: number, signal?: AbortSignal): Promise<readonly Commit[]> {
    const head = await this.#reader.head(signal);
    if (head === undefined) return [];
    const log = ["log", "-z", `--max-count=${count}`, `--format=${FIELDS.join("%n")}`, "--encoding=UTF-8"];
    return readLog(await this.#reader.read(head, signal, (git) => git(...log, "--no-show-signature", head)));
  }

  /**
   * Writes one patch for each commit, numbered in the order given.
   * @returns the files
   * @throws FreightError `patch-impossible` when there is no patch of one of them
   */
  async write(
    commits: readonly Commit[],
    newFolder: () => Promise<string>,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    const [first] = commits;
    if (first === undefined) return [];
    return this.#reader.read(first.hash, signal, async (git) => {
      const paths: string[] = [];
      for (const [index, commit] of commits.entries()) {
        if (!isHash(commit.hash)) throw new Error("Not the hash of a commit");
        const folder = await newFolder();
        const prefix = patchPrefix(index + 1, commits.length);
        const said = await git(...formatPatch(commit.hash, folder, prefix, index + 1));
        // Git names the file that it has written, with slashes of its own, even if the file is empty.
        const path = normalize(said.replace(/\r?\n$/, ""));
        if (said === "") throw emptyCommit(commit);
        if (!isSamePath(dirname(path), resolve(folder))) throw new Error("Git has written a patch elsewhere");
        await inspectFile(path, Number.POSITIVE_INFINITY).catch((reason: unknown) => {
          throw reason instanceof FreightError && reason.is("file-empty") ? emptyCommit(commit) : reason;
        });
        const lines = misreadLines(await git(...wholeMessage(commit.hash)));
        if (lines.length > 0) await writeFile(path, withSafeMessage(await readFile(path), lines));
        paths.push(path);
      }
      return paths;
    });
  }
}

function formatPatch(hash: string, folder: string, prefix: string, number: number): string[] {
  const plain = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--full-index", "--binary"];
  const alone = ["--no-attach", "--no-cover-letter", "--no-thread", "--no-to", "--no-cc", "--no-add-header"];
  // Not the system's own null device: Git knows this name on Windows, too.
  const whole = ["--unified=3", "--no-base", "--no-notes", "--no-signature", "-O/dev/null"];
  const naming = ["--no-numbered", `--start-number=${number}`, `--subject-prefix=${prefix}`];
  return ["format-patch", ...plain, ...whole, ...alone, ...naming, "-o", folder, "-1", hash];
}

function wholeMessage(hash: string): string[] {
  return ["log", "--max-count=1", "--format=%B", "--encoding=UTF-8", "--no-show-signature", hash];
}

/** The text in brackets before a subject, as `git format-patch` numbers a series. */
function patchPrefix(number: number, total: number): string {
  const padded = String(number).padStart(String(total).length, "0");
  return total === 1 ? "PATCH" : `PATCH ${padded}/${total}`;
}

/** The subject of a mail with patches. @param branch undefined when there is none */
export function patchSubject(commits: readonly Commit[], branch: string | undefined): string {
  const [first] = commits;
  const title = commits.length === 1 || branch === undefined ? (first?.subject ?? "") : branch;
  return `[${patchPrefix(commits.length === 1 ? 1 : 0, commits.length)}] ${title}`;
}

/** The commits in Git's output; entries not in the form asked for are skipped. */
function readLog(text: string): readonly Commit[] {
  return text.split("\0").flatMap((entry) => {
    const [hash = "", parents = "", seconds = "", subject = "", author = "", ...more] = entry.split("\n");
    if (!isHash(hash) || more.length > 0) return [];
    const isMerge = parents.includes(" ");
    return { hash, author, isMerge, subject, authoredAt: Number(seconds) * 1000 };
  });
}

/** @throws FreightError `patch-impossible` when a merge is among them */
export function assertNoMerge(commits: readonly Commit[]): void {
  const merge = commits.find(({ isMerge }) => isMerge);
  if (merge === undefined) return;
  throw new FreightError(
    "patch-impossible",
    t(
      "{0} is a merge, and Git makes no patches of merges. Choose the commits that it brought in.",
      named(merge),
    ),
  );
}

function emptyCommit(commit: Commit): FreightError {
  return new FreightError(
    "patch-impossible",
    t("{0} changes no files, so there is no patch of it. Choose other commits.", named(commit)),
  );
}

function named({ hash, subject }: Commit): string {
  return t("“{0}” ({1})", subject, hash.slice(0, 7));
}
