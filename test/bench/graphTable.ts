/** Upload in the ranges of Microsoft Graph. */
import type { Bench } from "./bench.ts";
import { type Contender, contest, runNode } from "./contest.ts";
import { type Goal, goal, precise, type Section, table } from "./report.ts";

const GIGABIT = 125_000_000;
const RANGE_BYTES = 3_932_160;
const OURS = "Freight Mail as it ships";
const THEIRS = "LargeFileUploadTask";

export async function graphTable(bench: Bench): Promise<Section> {
  const { fileBytes } = bench.options;
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const roundTripMs of [0, 20, 100]) {
    const line = roundTripMs === 0 ? undefined : await bench.line(true, roundTripMs, GIGABIT);
    const where = line === undefined ? "loopback" : `1 Gbit/s, ${roundTripMs} ms`;
    try {
      const runs = await contest(bench, contenders(bench, line?.port), bench.options.isQuick ? 1 : 3);
      const seconds = (name: string) => runs.get(name)?.seconds ?? Number.NaN;
      const ranges = Math.ceil(fileBytes / RANGE_BYTES);
      const model = fileBytes / GIGABIT + (ranges * roundTripMs) / 1000;
      for (const [name, run] of runs)
        rows.push([
          `${name}, ${where}`,
          precise(run.seconds),
          precise(fileBytes / run.seconds / 1e6),
          precise(seconds(THEIRS) / run.seconds),
          line === undefined ? "–" : precise(run.seconds / model),
          precise((run.cpuSeconds / fileBytes) * 1e9),
          precise((run.peakBytes - run.idleBytes) / 1024 / 1024),
        ]);
      const ratio = seconds(THEIRS) / seconds(OURS);
      const why = `ours needs ${precise(seconds(OURS) / model)} × what ${ranges} round trips and the bandwidth take, theirs ${precise(seconds(THEIRS) / model)} ×: no client that keeps the order can gain more. This line has no slow start, where their second connection would cost more`;
      if (roundTripMs !== 20)
        goals.push({ ...goal(`ranges, ${where}: × Microsoft's task`, ratio, ">=", 1.2), why });
      if (roundTripMs === 100)
        goals.push(goal(`ranges, ${where}: × the model`, seconds(OURS) / model, "<=", 1.1));
    } finally {
      await line?.end();
    }
  }
  const head = ["", "seconds", "MB/s", "× Microsoft's", "× the model", "CPU s/GB", "MiB over idle"];
  return {
    title: "Upload in ranges of Microsoft Graph",
    text: [
      `TLS, for Microsoft's client takes nothing else; ranges of ${RANGE_BYTES} bytes. The delaying line is warm: it has no slow start. The model: ranges × (range / bandwidth + round trip).`,
      table(head, rows),
    ].join("\n\n"),
    goals,
  };
}

function contenders(bench: Bench, port: number | undefined): Contender[] {
  const urls = () => [bench.url("graph", true, port)];
  return [
    { name: THEIRS, run: () => runNode(bench, "microsoft.ts", { urls: urls() }) },
    {
      name: OURS,
      run: () => runNode(bench, bench.engines["sha256,crc32c"], { urls: urls(), protocol: "graph" }),
    },
  ];
}
