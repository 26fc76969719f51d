/** Connections that are cut at a random byte. */
import type { Bench } from "./bench.ts";
import { type Contender, contest, type Run, runNode } from "./contest.ts";
import { type Goal, goal, precise, type Section, table } from "./report.ts";
import type { Cuts } from "./sink.ts";

const OURS = "Freight Mail as it ships";
const GUIDE = "the guide's way, from the start";

interface BadLine {
  readonly name: string;
  readonly uploads: number;
  readonly fileBytes: number;
  readonly file: string;
  readonly cuts: Cuts;
}

export async function badLineTable(bench: Bench): Promise<Section> {
  const { fileBytes, isQuick } = bench.options;
  const small = await bench.makeFile(fileBytes / 10, "tenth.bin");
  const lines: readonly BadLine[] = [
    {
      name: "2 % of connections",
      uploads: 100,
      fileBytes: fileBytes / 10,
      file: small,
      // A seed that cuts as many as are to be expected.
      cuts: { seed: 10, share: 0.02, withinBytes: fileBytes / 10 },
    },
    {
      name: "every connection, with 2 % in each MiB",
      uploads: 1,
      fileBytes,
      file: bench.file,
      cuts: { seed: 49, perMiB: 0.02 },
    },
  ];
  const goals: Goal[] = [];
  const rows: string[][] = [];
  for (const line of lines) {
    const beforeEach = () => bench.cutConnections(line.cuts);
    const runs = await contest(bench, contenders(bench, line), isQuick ? 1 : 3, beforeEach);
    await bench.cutConnections(null);
    const wanted = line.uploads * line.fileBytes;
    const again = (bytes: number | undefined) =>
      bytes === undefined ? Number.NaN : (bytes / wanted - 1) * 100;
    for (const [name, run] of runs)
      rows.push([
        `${line.name}: ${name}`,
        String(run.cuts),
        precise(run.seconds),
        `${precise(again(run.sinkBytes))} %`,
        run.sentBytes === undefined ? "–" : `${precise(again(run.sentBytes))} %`,
      ]);
    const ours: Run | undefined = runs.get(OURS);
    goals.push(goal(`bytes that arrive twice, ${line.name}`, again(ours?.sinkBytes), "<=", 3, " %"));
  }
  return {
    title: "A bad line",
    text: [
      "Plain. “Arrived” is what reached the sink beyond the size of the files; “handed” what the engine gave to its socket beyond it: a cut also takes what the kernel still held. The engine waits before it tries again, the guide's way does not.",
      table(["", "cuts", "seconds", "arrived twice", "handed twice"], rows),
    ].join("\n\n"),
    goals,
  };
}

function contenders(bench: Bench, { uploads, file }: BadLine): Contender[] {
  const task = () => ({
    urls: Array.from({ length: uploads }, () => bench.url("gcs", false)),
    file,
    persistent: true,
  });
  return [
    { name: GUIDE, run: () => runNode(bench, "guide.ts", task()) },
    { name: OURS, run: () => runNode(bench, bench.engines["sha256,crc32c"], task()) },
  ];
}
