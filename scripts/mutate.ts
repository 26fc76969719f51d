// Puts one small fault after the other into files and names those that no test notices:
// `npm run mutate -- src/delivery/store/disk/lease.ts [FILE...] [--lines 40-80] [--tests test/unit/delivery,test/x.test.ts]`;
// `--verbose` names the test that notices each, `--nice 0` hurries. Only tests that run the place in question are
// tried, the nearest first. The files on the disk are left alone.
import { fork } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { mutantsOf } from "./mutate/mutants.ts";
import type { Job, Report, Target } from "./mutate/worker.ts";
import { compileCache } from "./run.ts";
import { root } from "./vscode/layout.ts";

/** Suites that run without an editor and a browser. */
const usualTests = ["test/unit", "test/sandbox", "test/trust", "test/faults"];
/** These write a file of the repository. */
const writers = /(?:File|states)\.test\.ts$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: "string", default: "1-" },
    tests: { type: "string" },
    nice: { type: "string", default: "10" },
    verbose: { type: "boolean", default: false },
  },
});
if (positionals.length === 0) throw new Error("Say which file: npm run mutate -- FILE");
// It takes minutes: whoever starts it goes on working.
setPriority(Number(values.nice));
const [from = 1, to = Number.POSITIVE_INFINITY] = values.lines
  .split("-")
  .map((text) => (text === "" ? undefined : Number(text)));

const paths = positionals.map((file) => resolve(root, file));
const targets: Target[] = [];
for (const path of paths)
  for (const mutant of mutantsOf(await readFile(path, "utf8")))
    if (mutant.line >= from && mutant.line <= to) targets.push({ ...mutant, path });
const candidates = await testsThatImport(paths, values.tests?.split(",") ?? usualTests);
console.log(`${targets.length} faults; ${candidates.length} test files load what they are in.`);

const unnoticed = new Set(targets);
// Ctrl+C says what is left.
process.once("SIGINT", () => {
  conclude();
  process.exit(130);
});
for (const test of candidates) {
  if (unnoticed.size === 0) break;
  const tried = [...unnoticed];
  const startedAt = performance.now();
  await tryWith(test, tried);
  const noticed = tried.length - tried.filter((target) => unnoticed.has(target)).length;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${noticed} noticed by ${relative(root, test)} (${seconds} s); ${unnoticed.size} left`);
}
conclude();
process.exitCode = unnoticed.size === 0 ? 0 : 1;

function conclude(): void {
  for (const path of paths) {
    const left = [...unnoticed].filter((target) => target.path === path);
    const all = targets.filter((target) => target.path === path);
    console.log(
      `\n${relative(root, path)}: ${all.length - left.length} of ${all.length} faults are noticed.`,
    );
    for (const { line, what, text } of left) console.log(`  ${line}  ${what}\n      ${text}`);
  }
}

/** Tries the mutants in processes of one test file; a new process when one is of no use any more. */
async function tryWith(test: string, tried: readonly Target[]): Promise<void> {
  let plan: readonly (readonly string[])[] | undefined;
  let next = 0;
  let isLoadedWithIt = false;
  while (next < tried.length) {
    const first = next;
    const job: Job = {
      test,
      targets: tried.slice(next),
      ...(plan && { plan: plan.slice(next) }),
      isLoadedWithIt,
    };
    const hasEnded = await inProcess(job, (report) => {
      if ("fails" in report) {
        console.log(`Left out, for it fails as it is: ${relative(root, test)}, ${report.fails}`);
        next = tried.length;
      } else if ("plan" in report) plan = report.plan;
      else if ("target" in report) {
        next = first + report.target + 1;
        const target = tried[next - 1];
        if (target === undefined || report.by === undefined) return;
        unnoticed.delete(target);
        if (values.verbose) console.log(`  ${target.line}  ${target.what}: ${report.by}`);
      } else next = first + report.spoiltAt;
    });
    if (plan === undefined) return;
    while (next < tried.length && plan[next]?.length === 0) next++;
    const target = tried[next];
    if (hasEnded && !isLoadedWithIt && next > first) continue;
    // It could not even be put in, or has ended the process; and again when the file was loaded with it.
    if (isLoadedWithIt && next === first) {
      if (target !== undefined && !hasEnded) unnoticed.delete(target);
      next++;
    }
    isLoadedWithIt = !isLoadedWithIt && next === first;
  }
}

/** @returns whether it has come to its own end */
function inProcess(job: Job, onReport: (report: Report) => void): Promise<boolean> {
  const child = fork(join(root, "scripts/mutate/worker.ts"), {
    cwd: root,
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child.on("message", onReport);
  child.send(job);
  return new Promise((done) => child.once("close", (code) => done(code === 0)));
}

/** Test files of the folders that load one of the files, those first that do so over the fewest others. */
async function testsThatImport(wanted: readonly string[], folders: readonly string[]): Promise<string[]> {
  const known = new Map<string, readonly string[]>();
  const importsOf = async (from: string): Promise<readonly string[]> => {
    const text = known.has(from) ? "" : await readFile(from, "utf8").catch(() => ""); // What is not ours loads nothing of ours.
    const named = [...text.matchAll(/(?:from|import\(|import)\s*"(\.[^"]+\.ts)"/g)];
    const found = known.get(from) ?? named.map(([, to = ""]) => resolve(dirname(from), to));
    known.set(from, found);
    return found;
  };
  const distance = async (test: string): Promise<number> => {
    const seen = new Map([[test, 0]]);
    for (const [each, steps] of seen) {
      if (wanted.includes(each)) return steps;
      for (const next of await importsOf(each)) if (!seen.has(next)) seen.set(next, steps + 1);
    }
    return Number.POSITIVE_INFINITY;
  };
  const found: { readonly test: string; readonly steps: number }[] = [];
  for (const folder of folders)
    for (const name of folder.endsWith(".ts")
      ? [""]
      : (await readdir(join(root, folder), { recursive: true })).sort()) {
      const test = join(root, folder, name);
      if (!test.endsWith(".test.ts") || writers.test(name)) continue;
      const steps = await distance(test);
      if (steps < Number.POSITIVE_INFINITY) found.push({ test, steps });
    }
  return found.sort((a, b) => a.steps - b.steps).map(({ test }) => test);
}
