/**
 * What Git itself says it ignores in a repository: tracked files are never ignored, and there are rules
 * outside of `.gitignore` (`.git/info/exclude`, the person's own `core.excludesFile`).
 */
import { dirname } from "node:path";
import { GitFailed, runGit } from "./runGit.ts";

/** A large repository takes a few seconds, and more on a slow disk. */
const PATIENCE_MS = 60_000;
/** A folder that is ignored as a whole takes one line. */
const OUTPUT_BYTES = 64 * 1024 * 1024;

export class GitIgnored {
  /** Relative to the top of the repository, with slashes, but none at the end of folders. */
  readonly #paths: ReadonlySet<string>;

  private constructor(paths: ReadonlySet<string>) {
    this.#paths = paths;
  }

  /**
   * @param program Git @param top of the repository: where its `.git` is
   * @param below the only folder that matters, relative to the top, with slashes; "" for all of it
   * @returns undefined when that folder itself is ignored: a person chose it all the same
   * @throws FreightError `patch-impossible` when Git fails; an AbortError by the signal
   */
  static async read(
    program: string,
    top: string,
    below: string,
    signal: AbortSignal,
    patienceMs = PATIENCE_MS,
  ): Promise<GitIgnored | undefined> {
    const git = (...args: string[]) =>
      runGit(["-c", "core.fsmonitor=false", ...args], {
        program,
        cwd: top,
        env: { ...personal(), ...confined(top) },
        patienceMs,
        maxBytes: OUTPUT_BYTES,
        signal,
      });
    const within = below === "" ? [] : ["--", `./${below}`];
    if (below !== "" && (await says(git("check-ignore", "--quiet", "--no-index", ...within))))
      return undefined;
    const kinds = ["--others", "--ignored", "--exclude-standard", "--directory"];
    const told = await git("--literal-pathspecs", "ls-files", "-z", ...kinds, ...within);
    const paths = told.split("\0").map((path) => comparable(path.replace(/\/$/, "")));
    return new GitIgnored(new Set(paths));
  }

  /** @param path relative to the top, with slashes; no folder above it is ignored */
  async names(path: string): Promise<boolean> {
    return this.#paths.has(comparable(path));
  }
}

/** Git for macOS composes names; the disk may not. */
function comparable(path: string): string {
  return path.normalize("NFC");
}

/** Git answers yes or no by its exit code. */
async function says(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (reason) {
    if (reason instanceof GitFailed && reason.exitCode === 1) return false;
    throw reason;
  }
}

/** Where the person's settings are, `core.excludesFile` among them, if not in the usual place. */
function personal(): Record<string, string> {
  const names = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];
  return Object.fromEntries(
    names.flatMap((name) => [[name, process.env[name] ?? ""]]).filter(([, is]) => is !== ""),
  );
}

/** Only this repository, and nothing from the network. */
function confined(top: string): Record<string, string> {
  return { GIT_CEILING_DIRECTORIES: dirname(top), GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "" };
}
