// Everything, the cheap first. The last line says "N passed, N failed, N skipped".
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { readOptions } from "./options.ts";
import { run, runNode } from "./run.ts";
import { root } from "./vscode/layout.ts";

const manifest: { scripts: Record<string, string> } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);
// In the order of package.json, so that a new suite is never forgotten here.
const suites = [
  "check",
  // The fast one is a part of two others.
  ...Object.keys(manifest.scripts).filter((name) => name.startsWith("test:") && name !== "test:fast"),
];
const shortName = (suite: string) => suite.replace("test:", "");

interface Result {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  /** What this machine cannot show; each says why. */
  readonly skipped: number;
  readonly seconds: number;
  /** What mocha says of the tests that failed; of a suite that ended badly without one, its last lines. */
  readonly story: string;
}

/** Told to each suite. */
const WITHIN_TEST = { FREIGHT_WITHIN_TEST: "1" };
/** Of a suite that printed no failing test: long enough for an error with its stack. */
const LAST_CHARACTERS = 3_000;

const values = readOptions(
  `npm test                    runs every suite\nnpm test -- --only unit,ui  runs these of: ${suites.map(shortName).join(", ")}`,
  { only: { type: "string" } },
);
const only = values.only?.split(",");
const strangers = only?.filter((name) => !suites.map(shortName).includes(name)) ?? [];
if (strangers.length > 0) throw new Error(`There are no suites called ${strangers.join(", ")}.`);

const results: Result[] = [];
for (const suite of suites) {
  if (!only || only.includes(shortName(suite))) results.push(await runSuite(suite));
}
report(results);

async function runSuite(suite: string): Promise<Result> {
  console.log(`\n== ${shortName(suite)}`);
  const startedAt = Date.now();
  const npm = process.env["npm_execpath"];
  const args = ["run", "--silent", suite];
  const { code, output } = await (npm?.endsWith(".js")
    ? runNode([npm, ...args], { env: WITHIN_TEST })
    : run("npm", args, { env: WITHIN_TEST }));
  const seconds = (Date.now() - startedAt) / 1000;
  const story = code === 0 ? "" : storyOf(stripVTControlCharacters(output));
  if (suite === "check")
    return { suite, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds, story };
  const passed = count(output, "passing");
  const failed = count(output, "failing") ?? 0;
  const skipped = count(output, "pending") ?? 0;
  if (passed === undefined)
    console.error(`${suite} printed no count of its tests, which counts as a failure.`);
  // A suite that ends badly without a failing test has failed all the same.
  const atLeast = code !== 0 || passed === undefined ? 1 : 0;
  return { suite, passed: passed ?? 0, failed: Math.max(failed, atLeast), skipped, seconds, story };
}

function storyOf(output: string): string {
  const failing = [...output.matchAll(/^\s*\d+ failing\b/gm)];
  return failing.length === 0 ? output.slice(-LAST_CHARACTERS) : output.slice(failing[0]?.index);
}

/** The sum of mocha's "N passing" lines (an editor suite has one for each VS Code); undefined when there is none. */
function count(output: string, what: "passing" | "failing" | "pending"): number | undefined {
  const lines = [...stripVTControlCharacters(output).matchAll(new RegExp(`^\\s*(\\d+) ${what}\\b`, "gm"))];
  return lines.length === 0 ? undefined : lines.reduce((sum, [, number]) => sum + Number(number), 0);
}

/** Failures once more at the end: whoever sees the last lines of a long run alone knows what is wrong. */
function report(all: readonly Result[]): void {
  for (const { suite, story } of all)
    if (story !== "") console.log(`\n== ${shortName(suite)} failed\n${story}`);
  const sum = (of: "passed" | "failed" | "skipped") => all.reduce((total, result) => total + result[of], 0);
  const failed = sum("failed");
  console.log(`\n${row("suite", "passed", "failed", "skipped", "seconds")}`);
  for (const result of all) {
    const { suite, passed, skipped, seconds } = result;
    console.log(row(shortName(suite), passed, result.failed, skipped, seconds.toFixed(1)));
  }
  console.log(`\n${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function row(suite: string, ...cells: (string | number)[]): string {
  return suite.padEnd(10) + cells.map((cell) => String(cell).padStart(9)).join("");
}
