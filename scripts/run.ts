import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./vscode/layout.ts";

/** Where Node keeps what it has compiled, types stripped: the next process that is told starts in half the time. */
export const compileCache = join(root, "node_modules/.cache/node");

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs a program in the repository's root. What it says is passed on while it runs, unless `quiet`, and returned. After
 * `limitMs` it is ended.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly quiet?: boolean;
    readonly limitMs?: number;
  } = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const limit =
    options.limitMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), options.limitMs);
  let output = "";
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.setEncoding("utf8");
    from.on("data", (text: string) => {
      output += text;
      if (!options.quiet) to.write(text);
    });
  }
  let interruption: NodeJS.Signals | undefined;
  const passOn = (signal: NodeJS.Signals) => {
    interruption = signal;
    // Ctrl+C reaches every process of the terminal by itself; a second one would mean "at once, without cleaning up".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", passOn);
  process.on("SIGTERM", passOn);
  process.on("SIGHUP", passOn);
  try {
    const outcome = await new Promise<Outcome>((done, fail) => {
      child.on("error", fail);
      child.on("close", (code) => done({ code: code ?? 1, output }));
    });
    if (interruption) throw new Error(`Interrupted by ${interruption}.`); // whoever runs several things stops here
    return outcome;
  } finally {
    clearTimeout(limit);
    process.off("SIGINT", passOn);
    process.off("SIGTERM", passOn);
    process.off("SIGHUP", passOn);
  }
}

/** Runs a script with the Node that runs us. */
export function runNode(args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Outcome> {
  return run(process.execPath, args, options);
}
