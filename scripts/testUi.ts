// Runs test/ui: a browser drives VS Code with the packaged extension. `npm run test:ui [-- mocha's options]`.
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureVsix } from "./package.ts";
import { type Outcome, runNode } from "./run.ts";
import { install } from "./vscode/install.ts";
import { root } from "./vscode/layout.ts";

await ensureVsix();
await install("newest");

/** In a file that signs in at Nylas: the browser returns to a port that only one window of a machine can have. */
const LISTENS = /\bnylas\.clientId\b/;

const options = process.argv.slice(2);
const mocha = ["node_modules/mocha/bin/mocha.js", "--exit"]; // a window that a failed test left open would keep the process alive
// Mocha takes one reporter only, and one that was asked for keeps no pictures.
if (!options.includes("--reporter")) mocha.push("--reporter", "test/support/keepFailures.ts");

const failures = process.env["FREIGHT_FAILURES"] ?? join(root, "out/ui-failures");
await rm(failures, { recursive: true, force: true });
// Profiles and workspaces go in here, so that a test that fails or is killed leaves nothing in the temporary folder.
const scratch = await mkdtemp(join(tmpdir(), "freight-ui-"));
const env = { TMPDIR: scratch, FREIGHT_FAILURES: failures };
try {
  process.exitCode =
    options.length === 0
      ? await runSideBySide()
      : (await runNode([...mocha, "test/ui/**/*.test.ts", ...options], { env })).code;
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/**
 * Every file in a process and windows of its own, as many at a time as there are processors: one window keeps less than a
 * third of two processors busy, most of the time it waits. The longest files first, so that none is left alone at the end.
 */
async function runSideBySide(): Promise<number> {
  const groups = new Map<string, { readonly paths: string[]; length: number }>();
  for await (const path of glob("test/ui/**/*.test.ts", { cwd: root })) {
    const text = await readFile(join(root, path), "utf8");
    const name = LISTENS.test(text) ? "listens" : path;
    const group = groups.get(name) ?? { paths: [], length: 0 };
    groups.set(name, group);
    group.paths.push(path);
    group.length += text.length;
  }
  const waiting = [...groups.values()].sort((one, other) => other.length - one.length);
  const failed: Outcome[] = [];
  const lane = async () => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
      for (const path of group.paths) {
        const outcome = await runNode([...mocha, path], { env, quiet: true });
        if (outcome.code === 0) process.stdout.write(outcome.output);
        else failed.push(outcome);
      }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  // What failed comes last, where it is looked for.
  for (const { output } of failed) process.stdout.write(output);
  return Math.max(0, ...failed.map(({ code }) => code));
}
