/** Runs contenders in turn, each time as a process of its own, and takes the median of what they tell. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import type { Reading, Task } from "./gauge.ts";

/** A reading, and what the sink saw of it. */
export interface Run extends Reading {
  readonly sinkBytes: number;
  /** How much of the time the sink's process was busy. */
  readonly sinkLoad: number;
  readonly cuts: number;
}

export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Reading>;
}

/** Runs each once in every round: A B C A B C …, so that a machine that slows down slows all of them. */
export async function contest(
  bench: Bench,
  contenders: readonly Contender[],
  repetitions = bench.options.repetitions,
  beforeEach: () => Promise<unknown> = async () => {},
): Promise<ReadonlyMap<string, Run>> {
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < repetitions; round++) {
    for (const { name, run } of contenders) {
      await beforeEach();
      const before = await bench.readSink();
      const reading = await run();
      const after = await bench.readSink();
      process.stderr.write(`  ${name}: ${reading.seconds.toFixed(2)} s\n`);
      runs.get(name)?.push({
        ...reading,
        sinkBytes: after.bytes - before.bytes,
        sinkLoad: (after.cpuSeconds - before.cpuSeconds) / reading.seconds,
        cuts: after.cuts,
      });
    }
  }
  return new Map([...runs].map(([name, all]) => [name, medianRun(all)]));
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median of each figure for itself; of memory and delays the worst, for these are promises. */
function medianRun(runs: readonly Run[]): Run {
  const of = (figure: (run: Run) => number) => median(runs.map(figure));
  const worst = (figure: (run: Run) => number) => Math.max(...runs.map(figure));
  const delays = runs.flatMap(({ longestDelayMs }) => longestDelayMs ?? []);
  const sent = runs.flatMap(({ sentBytes }) => sentBytes ?? []);
  return {
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    idleBytes: of(({ idleBytes }) => idleBytes),
    peakBytes: of(({ idleBytes }) => idleBytes) + worst(({ peakBytes, idleBytes }) => peakBytes - idleBytes),
    sinkBytes: of(({ sinkBytes }) => sinkBytes),
    sinkLoad: of(({ sinkLoad }) => sinkLoad),
    cuts: worst(({ cuts }) => cuts),
    ...(delays.length > 0 ? { longestDelayMs: median(delays) } : {}),
    ...(sent.length > 0 ? { sentBytes: median(sent) } : {}),
  };
}

/** A contender that is a program of Node. @param program a path, or a name in `contenders` */
export async function runNode(
  bench: Bench,
  program: string,
  task: Partial<Task>,
  env: Readonly<Record<string, string>> = {},
): Promise<Reading> {
  const path = program.includes("/") ? program : join(import.meta.dirname, "contenders", program);
  const whole: Task = {
    urls: [],
    file: bench.file,
    protocol: "gcs",
    atOnce: 1,
    persistent: false,
    first: null,
    ...task,
  };
  const { code, output } = await capture(process.execPath, [path, JSON.stringify(whole)], {
    NODE_EXTRA_CA_CERTS: bench.certificateFile,
    ...env,
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
  return JSON.parse(output);
}

/** `curl -T`: the reference. Its memory is looked up while it runs, its processor time is counted by the shell. */
export async function runCurl(bench: Bench, url: string, file = bench.file): Promise<Reading> {
  const command = [
    "curl --silent --show-error --fail --output /dev/null --write-out '%{time_total}\\n'",
    `--cacert '${bench.certificateFile}' --header 'Content-Type: application/octet-stream'`,
    `--upload-file '${file}' '${url}'`,
  ].join(" ");
  let peakBytes = 0;
  const { code, output } = await capture(
    "bash",
    ["-c", `TIMEFORMAT='%U %S'; { time ${command} 2>&3; } 3>&2 2>&1`],
    {},
    async (pid) => {
      peakBytes = Math.max(peakBytes, await peakOfChildren(pid));
    },
  );
  const [seconds = "", cpu = ""] = output.trim().split("\n");
  if (code !== 0) throw new Error(`curl ended with ${code}: ${output}`);
  const cpuSeconds = cpu.split(" ").reduce((sum, part) => sum + Number(part), 0);
  return { seconds: Number(seconds), cpuSeconds, idleBytes: 0, peakBytes };
}

async function peakOfChildren(pid: number): Promise<number> {
  // Only Linux tells; elsewhere the column stays empty.
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  let peak = 0;
  for (const child of children.trim().split(" ")) {
    const status = await readFile(`/proc/${child}/status`, "utf8").catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
  }
  return peak;
}

export async function capture(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  look: (pid: number) => Promise<void> = async () => {},
): Promise<{ code: number; output: string }> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const looking = setInterval(() => void look(child.pid ?? 0), 20);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, output }));
    });
  } finally {
    clearInterval(looking);
  }
}
