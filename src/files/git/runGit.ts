/** Runs Git once, for one answer, and says in words why there is none. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { gitTrouble } from "./gitTrouble.ts";

const run = promisify(execFile);

export interface GitRun {
  /** Absolute path of the program, or a name to look up. */
  readonly program: string;
  readonly cwd: string;
  /** Added to this process's own environment, from which everything meant for Git is removed. */
  readonly env?: Readonly<Record<string, string>>;
  readonly patienceMs: number;
  /** The longest answer that is read. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** @returns Git's output @throws GitFailed; an AbortError by the signal */
export async function runGit(args: readonly string[], options: GitRun): Promise<string> {
  const { program, cwd, env = {}, patienceMs, maxBytes, signal } = options;
  const limit = AbortSignal.timeout(patienceMs);
  try {
    const { stdout } = await run(program, args, {
      cwd,
      maxBuffer: maxBytes,
      windowsHide: true,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      killSignal: "SIGKILL",
      env: {
        ...withoutGit(process.env),
        GIT_TERMINAL_PROMPT: "0",
        GIT_OPTIONAL_LOCKS: "0",
        LC_ALL: "C",
        ...env,
      },
    });
    return stdout;
  } catch (reason) {
    signal?.throwIfAborted();
    throw limit.aborted ? new GitFailed(reason, silence(patienceMs)) : new GitFailed(reason);
  }
}

export class GitFailed extends FreightError {
  /** Undefined when Git could not be started, or was killed. */
  readonly exitCode: number | undefined;
  /** What Git itself said. */
  readonly said: string;

  constructor(cause: unknown, words?: string) {
    const { code, stderr = "" } = Failure.parse(cause);
    super("patch-impossible", words ?? gitTrouble(stderr, code ?? undefined), { cause });
    this.exitCode = typeof code === "number" ? code : undefined;
    this.said = stderr;
  }
}

const Failure = z
  .object({ code: z.union([z.number(), z.string()]).nullish(), stderr: z.string().optional() })
  .catch({});

function silence(patienceMs: number): string {
  const seconds = Math.round(patienceMs / 1000);
  return t(
    "Git did not answer within {0} s, so it was stopped. Something in this repository keeps it waiting.",
    seconds,
  );
}

/** Removes this process's variables for Git: they name other places, and change what Git does. */
function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^GIT_(?!EXEC_PATH$)/i.test(name)),
  );
}
