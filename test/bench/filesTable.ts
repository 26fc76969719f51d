/** Several files in one mail, one after another and two at once; and three, for the memory. */
import type { Bench } from "./bench.ts";
import { contest, runNode } from "./contest.ts";
import { type Goal, goal, precise, type Section, table } from "./report.ts";

const GIGABIT = 125_000_000;
const ROUND_TRIP_MS = 20;
/** What the runner allows for Google's storage. */
const AT_ONCE = 2;

export async function filesTable(bench: Bench): Promise<Section> {
  const { fileBytes } = bench.options;
  const small = await bench.makeFile(fileBytes / 10, "tenth.bin");
  const rows: string[][] = [];
  let threeFilesBytes = 0;
  for (const isFar of [false, true]) {
    const line = isFar ? await bench.line(false, ROUND_TRIP_MS, GIGABIT) : undefined;
    try {
      for (const [count, file, times] of [
        [10, small, [1, AT_ONCE]],
        [2, bench.file, [1, AT_ONCE]],
        [3, bench.file, [3]],
      ] as const) {
        const runs = await contest(
          bench,
          times.map((atOnce) => ({
            name: `${count} × ${(count === 10 ? fileBytes / 1e7 : fileBytes / 1e6).toFixed(0)} MB, ${atOnce === 1 ? "one after another" : `${atOnce} at once`}`,
            run: () => {
              const urls = Array.from({ length: count }, () => bench.url("gcs", false, line?.port));
              return runNode(bench, bench.engines["sha256,crc32c"], { urls, file, atOnce });
            },
          })),
          bench.options.isQuick ? 1 : 3,
        );
        const [alone = Number.NaN] = [...runs.values()].map(({ seconds }) => seconds);
        for (const [name, run] of runs) {
          const over = run.peakBytes - run.idleBytes;
          if (count === 3) threeFilesBytes = Math.max(threeFilesBytes, over);
          rows.push([
            `${name}, ${isFar ? `1 Gbit/s and ${ROUND_TRIP_MS} ms` : "loopback"}`,
            precise(run.seconds),
            precise(alone / run.seconds),
            precise(over / 1024 / 1024),
            precise(run.longestDelayMs ?? Number.NaN),
          ]);
        }
      }
    } finally {
      await line?.end();
    }
  }
  const goals: Goal[] = [
    goal("memory of three files over idle", threeFilesBytes / 1024 / 1024, "<=", 48, " MiB"),
  ];
  return {
    title: "Several files in one mail",
    text: table(
      [
        "Freight Mail as it ships, plain",
        "seconds",
        "× one after another",
        "MiB over idle",
        "longest delay ms",
      ],
      rows,
    ),
    goals,
  };
}
