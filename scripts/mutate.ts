// Puts one small fault after the other into a file and names those that no test notices:
// `npm run mutate -- src/delivery/store/disk/lease.ts [--lines 40-80] [--tests test/unit/delivery,test/x.test.ts] [--jobs 2]`.
// Only test files that run the line in question are tried, one after the other, each with all faults that none before
// has noticed. The file on the disk is left alone.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Mutant, mutantsOf } from "./mutate/mutants.ts";
import { compileCache, runNode } from "./run.ts";
import { root } from "./vscode/layout.ts";

/** Suites that run without an editor and a browser. */
const usualTests = ["test/unit", "test/sandbox", "test/trust", "test/faults"];
/** These write a file of the repository. */
const writers = /(?:File|states)\.test\.ts$/;
/** A fault may well make a test wait for ever; that is noticed too. */
const patience = { factor: 4, atLeastMs: 10_000 };

interface TestFile {
  readonly path: string;
  readonly ms: number;
  /** What it runs of the file, in offsets. */
  readonly covers: (at: number) => boolean;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: "string", default: "1-" },
    tests: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const [file] = positionals;
if (file === undefined || positionals.length > 1) throw new Error("Say which file: npm run mutate -- FILE");
const path = resolve(root, file);
const [from = 1, to = Number.POSITIVE_INFINITY] = values.lines
  .split("-")
  .map((text) => (text === "" ? undefined : Number(text)));
const jobs = Number(values.jobs);

const source = await readFile(path, "utf8");
const mutants = mutantsOf(source).filter(({ line }) => line >= from && line <= to);
const candidates = await testsThatImport(path, values.tests?.split(",") ?? usualTests);
console.log(`${mutants.length} faults for ${relative(root, path)}; ${candidates.length} test files load it.`);

let unnoticed = mutants;
// The unit tests come first, and are the quickest; what they notice is no work for the others. Ctrl+C says what is left.
try {
  for (const candidate of candidates) {
    if (unnoticed.length === 0) break;
    const test = await measure(candidate);
    const tried = unnoticed.filter(({ start }) => test?.covers(start) === true);
    if (test === undefined || tried.length === 0) continue;
    const before = unnoticed.length;
    await inLanes(tried, async (mutant) => {
      if (await isNoticed(mutant, test)) unnoticed = unnoticed.filter((other) => other !== mutant);
    });
    console.log(
      `${before - unnoticed.length} of ${tried.length} noticed by ${relative(root, test.path)}; ${unnoticed.length} left`,
    );
  }
} finally {
  console.log(`\n${mutants.length - unnoticed.length} of ${mutants.length} faults are noticed.`);
  for (const { line, what } of unnoticed)
    console.log(`  ${relative(root, path)}:${line}  ${what}\n      ${source.split("\n")[line - 1]?.trim()}`);
}
process.exitCode = unnoticed.length === 0 ? 0 : 1;

async function isNoticed({ start, end, replacement }: Mutant, test: TestFile): Promise<boolean> {
  const env = {
    FREIGHT_MUTANT: JSON.stringify({ path, start, end, replacement }),
    NODE_COMPILE_CACHE: compileCache,
  };
  const hook = pathToFileURL(join(root, "scripts/mutate/hook.ts")).href;
  const limitMs = Math.max(patience.atLeastMs, test.ms * patience.factor);
  return (await mocha(test.path, ["--import", hook], env, limitMs)) !== 0;
}

/** Runs a test file as it is. @returns undefined when it runs nothing of the file, or does not pass */
async function measure(test: string): Promise<TestFile | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "freight-mutate-"));
  try {
    const startedAt = Date.now();
    if ((await mocha(test, [], { NODE_V8_COVERAGE: folder }, 600_000)) !== 0) {
      console.log(`Left out, for it fails as it is: ${relative(root, test)}`);
      return undefined;
    }
    const ranges = await coverage(folder);
    return ranges.length === 0
      ? undefined
      : { path: test, ms: Date.now() - startedAt, covers: (at) => ranges.some((isRun) => isRun(at)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface V8Function {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

/** Which offsets of the file a run has reached, a function for each process. */
async function coverage(folder: string): Promise<((at: number) => boolean)[]> {
  const url = pathToFileURL(path).href;
  const found: ((at: number) => boolean)[] = [];
  for (const name of await readdir(folder)) {
    const { result }: { result: { url: string; functions: V8Function[] }[] } = JSON.parse(
      await readFile(join(folder, name), "utf8"),
    );
    const functions = result.find((script) => script.url === url)?.functions;
    if (functions === undefined) continue;
    const ranges = functions.flatMap((each) => each.ranges);
    found.push((at) => {
      // V8 nests its ranges: the smallest one around a place tells how often it ran.
      const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset);
      around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
      return (around[0]?.count ?? 0) > 0;
    });
  }
  return found;
}

/** @returns the exit code; 124 when it took too long */
async function mocha(
  test: string,
  nodeOptions: readonly string[],
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<number> {
  const args = [
    ...nodeOptions,
    "node_modules/mocha/bin/mocha.js",
    "--exit",
    "--bail",
    "--timeout",
    String(limitMs),
    test,
  ];
  const { code } = await runNode(args, { env, quiet: true, limitMs });
  return code;
}

/** Test files of the folders that load the file, over however many others. */
async function testsThatImport(wanted: string, folders: readonly string[]): Promise<string[]> {
  const known = new Map<string, readonly string[]>();
  const importsOf = async (from: string): Promise<readonly string[]> => {
    const text = known.has(from) ? "" : await readFile(from, "utf8").catch(() => ""); // What is not ours loads nothing of ours.
    const named = [...text.matchAll(/(?:from|import\(|import)\s*"(\.[^"]+\.ts)"/g)];
    const found = known.get(from) ?? named.map(([, to = ""]) => resolve(dirname(from), to));
    known.set(from, found);
    return found;
  };
  const loads = async (test: string): Promise<boolean> => {
    const seen = new Set([test]);
    for (const each of seen) for (const next of await importsOf(each)) seen.add(next);
    return seen.has(wanted);
  };
  const found: string[] = [];
  for (const folder of folders)
    for (const name of folder.endsWith(".ts")
      ? [""]
      : (await readdir(join(root, folder), { recursive: true })).sort()) {
      const test = join(root, folder, name);
      if (test.endsWith(".test.ts") && !writers.test(name) && (await loads(test))) found.push(test);
    }
  return found;
}

/** Works on all, so many side by side as there are jobs; the results are in the order of the items. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return results;
}
