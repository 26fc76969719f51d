/** Who wrote the newest commits of a repository. */
import { GitReader } from "./gitReader.ts";

/** One per line: none of them can contain a line break, whoever made the commit. */
const FIELDS = ["%at", "%ae", "%an"];
/** A suggestion that takes longer is of no use. */
const PATIENCE_MS = 10_000;

export interface Author {
  readonly name: string | null;
  readonly email: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The author of each commit, newest first; empty in a repository without commits.
 * @param git the program @param root of the repository
 * @throws FreightError `patch-impossible` when Git fails, or does not answer in time; an AbortError by the
 * signal
 */
export async function recentAuthors(
  git: string,
  root: string,
  count: number,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<readonly Author[]> {
  const reader = new GitReader(git, root, patienceMs);
  const head = await reader.head(signal);
  if (head === undefined) return [];
  const log = ["log", "-z", `--max-count=${count}`, `--format=${FIELDS.join("%n")}`, "--encoding=UTF-8"];
  const told = await reader.read(head, signal, (run) => run(...log, "--no-show-signature", head));
  return told.split("\0").flatMap((entry) => {
    const [seconds = "", email = "", name = "", ...more] = entry.split("\n");
    if (!/^\d{1,12}$/.test(seconds) || email === "" || more.length > 0) return [];
    return { name: name === "" ? null : name, email, at: Number(seconds) * 1000 };
  });
}
