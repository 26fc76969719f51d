/** Packing a tree, a trace and what cannot be compressed, beside the tools that people have. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Bench } from "./bench.ts";
import { buildPacker } from "./build.ts";
import { type Contender, capture, contest, type Run, runNode } from "./contest.ts";
import type { Reading } from "./gauge.ts";
import { type Goal, goal, mebibytes, precise, type Section, table } from "./report.ts";

const OURS = "Freight Mail";
const PIGZ = `tar \\| pigz -p ${availableParallelism()}`;
const ZIP = "zip -r -6";
/** What each runs in the folder above what is packed; the archive is called OUT, what is packed IN. */
const TOOLS = [
  { name: ZIP, program: "zip", command: "zip -q -r -6 OUT IN" },
  { name: "bsdtar", program: "bsdtar", command: "bsdtar --format zip -c -f OUT IN" },
  { name: "7z -tzip", program: "7z", command: "7z a -bso0 -bsp0 -tzip OUT IN" },
  { name: PIGZ, program: "pigz", command: `tar -c IN | pigz -p ${availableParallelism()} > OUT` },
] as const;
const MB = 1e6;

export async function packingTable(bench: Bench): Promise<Section> {
  const share = bench.options.isQuick ? 0.1 : 1;
  const tools = [];
  const missing: string[] = [];
  for (const tool of TOOLS)
    if ((await capture("sh", ["-c", `command -v ${tool.program}`])).code === 0) tools.push(tool);
    else missing.push(tool.name);
  const program = await buildPacker(join(bench.folder, "packer"));
  const parts: string[] = [];
  const goals: Goal[] = [];
  for (const [what, make] of [
    ["a tree of files", (path: string) => makeTree(path, 16_000 * share, 37_500)],
    ["a trace in JSON", (path: string) => makeTrace(path, 200 * MB * share)],
    ["random bytes", (path: string) => makeRandom(path, 150 * MB * share)],
  ] as const) {
    const source = join(bench.folder, what.replaceAll(" ", "-"));
    const bytes = await make(source);
    const contenders: Contender[] = [
      { name: OURS, run: () => packOurs(bench, program, source) },
      ...tools.map(({ name, command }) => ({ name, run: () => packBy(bench, command, source) })),
    ];
    const runs = await contest(bench, contenders);
    parts.push(`### ${what}, ${precise(bytes / MB)} MB`, show(runs, bytes));
    goals.push(...judge(what, runs, bytes));
    await rm(source, { recursive: true });
  }
  return {
    title: "Packing",
    text: [
      `From disk to disk, ${availableParallelism()} processors; what is packed lies in the page cache after the first round.${missing.length > 0 ? ` Not on this machine: ${missing.join(", ")}.` : ""}`,
      ...parts,
    ].join("\n\n"),
    goals,
  };
}

function packOurs(bench: Bench, program: string, source: string): Promise<Reading> {
  return runNode(bench, program, { urls: [join(bench.folder, "ours.zip")], file: source });
}

async function packBy(bench: Bench, command: string, source: string): Promise<Reading> {
  const out = join(bench.folder, "theirs.zip");
  await rm(out, { force: true });
  const text = command.replace("OUT", `'${out}'`).replace("IN", `'${basename(source)}'`);
  const startedAt = performance.now();
  const script = `cd '${dirname(source)}'; TIMEFORMAT='%U %S'; { time { ${text}; } 2>&3; } 3>&2 2>&1`;
  const { code, output } = await capture("bash", ["-c", script]);
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  const cpuSeconds = (output.trim().split("\n").at(-1) ?? "")
    .split(" ")
    .reduce((sum, part) => sum + Number(part), 0);
  return { seconds, cpuSeconds, idleBytes: 0, peakBytes: 0, sentBytes: (await stat(out)).size };
}

function show(runs: ReadonlyMap<string, Run>, bytes: number): string {
  return table(
    [
      "",
      "seconds",
      "MB/s",
      "CPU s/GB",
      "archive, % of the files",
      "MiB over idle",
      "longest event-loop delay ms",
    ],
    [...runs].map(([name, run]) => [
      name,
      precise(run.seconds),
      precise(bytes / run.seconds / MB),
      precise((run.cpuSeconds / bytes) * 1e9),
      precise(((run.sentBytes ?? Number.NaN) / bytes) * 100),
      run.peakBytes === 0 ? "–" : mebibytes(run.peakBytes - run.idleBytes),
      run.longestDelayMs === undefined ? "–" : precise(run.longestDelayMs),
    ]),
  );
}

function judge(what: string, runs: ReadonlyMap<string, Run>, bytes: number): Goal[] {
  const [ours, pigz, zip] = [OURS, PIGZ, ZIP].map((name) => runs.get(name));
  if (ours === undefined) return [];
  const goals = [
    goal(`${what}: memory over idle`, (ours.peakBytes - ours.idleBytes) / 1024 / 1024, "<=", 48, " MiB"),
    goal(`${what}: longest event-loop delay`, ours.longestDelayMs ?? Number.NaN, "<=", 20, " ms"),
  ];
  if (pigz !== undefined) goals.push(goal(`${what}: × tar and pigz`, pigz.seconds / ours.seconds, ">=", 0.9));
  if (zip?.sentBytes !== undefined && ours.sentBytes !== undefined)
    goals.push(
      goal(`${what}: larger than zip -6 by`, (ours.sentBytes / zip.sentBytes - 1) * 100, "<=", 2, " %"),
    );
  if (what === "random bytes")
    goals.push(goal(`${what}: speed`, bytes / ours.seconds / MB, ">=", 400, " MB/s"));
  return goals;
}

/** Lines as programs write them: the same words, other numbers. */
function lines(bytes: number, seed: number): string {
  let text = "";
  for (let at = seed; text.length < bytes; at++)
    text += `{"ts":${1_700_000_000_000 + at * 37},"dur":${(at * 7919) % 10_007},"name":"task-${(at * 104_729) % 997}","ph":"X","pid":${at % 13},"args":{"id":"${((at * 2_654_435_761) % 4_294_967_296).toString(16)}"}}\n`;
  return text.slice(0, bytes);
}

/** Two thirds of them text, the others what has been compressed before. @returns their bytes */
async function makeTree(folder: string, files: number, bytesEach: number): Promise<number> {
  const perFolder = 500;
  for (let at = 0; at < files; at++) {
    const into = join(folder, `part-${Math.floor(at / perFolder)}`);
    if (at % perFolder === 0) await mkdir(into, { recursive: true });
    const content = at % 3 === 0 ? randomBytes(bytesEach) : lines(bytesEach, at * 1000);
    await writeFile(join(into, `file-${at}.${at % 3 === 0 ? "png" : "ts"}`), content);
  }
  return files * bytesEach;
}

async function makeTrace(path: string, bytes: number): Promise<number> {
  const file = await open(path, "w");
  for (let at = 0; at < bytes; at += MB) await file.write(lines(MB, at));
  await file.close();
  return bytes;
}

async function makeRandom(path: string, bytes: number): Promise<number> {
  const file = await open(path, "w");
  for (let at = 0; at < bytes; at += MB) await file.write(randomBytes(MB));
  await file.close();
  return bytes;
}
