import assert from "node:assert/strict";
import fc from "fast-check";
import { type Door, graph, nylas } from "../support/doors.ts";
import { openFiles } from "../support/leaks.ts";
import { until } from "../support/until.ts";
import { run } from "./run.ts";
import { graphSchedule, nylasSchedule, type Schedule } from "./schedule.ts";

/** CHAOS_SEED: a number, or "random"; the same number in every run unless told. */
const wanted = process.env["CHAOS_SEED"] ?? "20260422";
const seed = wanted === "random" ? Math.trunc(Math.random() * 2 ** 31) : Number(wanted);
/** CHAOS_RUNS: how many for each service. */
const runs = process.env["CHAOS_RUNS"];
/** CHAOS_DOOR: the first letters of one service's name, to replay what failed there. */
const wantedDoor = process.env["CHAOS_DOOR"] ?? "";
/** Far more than it takes: a time limit for a machine that has come to a stop. */
const limitMs = 240_000;
/** Side by side: most of a run is waiting. */
const lanes = 4;
/** Replays what an earlier failure printed. */
const path = process.env["CHAOS_PATH"];

async function lane(
  number: number,
  schedule: fc.Arbitrary<Schedule>,
  door: Door,
  count: number,
): Promise<void> {
  const property = fc.asyncProperty(schedule, (one) => run(one, door));
  const result = await fc.check(property, {
    seed: seed + number,
    numRuns: Math.ceil(count / lanes),
    // A run that does not end is a failure like any other.
    timeout: 20_000,
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!result.failed) return;
  const replay = `CHAOS_DOOR=${door.name.split(" ")[0]} CHAOS_SEED=${seed + number} CHAOS_PATH=${result.counterexamplePath} npm run test:chaos`;
  throw new Error(`Replay with: ${replay}\n${fc.defaultReportMessage(result)}`, {
    cause: result.errorInstance,
  });
}

describe(`Random schedules, seed ${seed}`, () => {
  for (const [door, schedule, usual] of [
    [nylas, nylasSchedule, 500],
    [graph, graphSchedule, 250],
  ] as const) {
    if (!door.name.startsWith(wantedDoor)) continue;
    const count = Number(runs ?? usual);
    it(`deliver each of ${count} mails through ${door.name} exactly once and byte for byte, whatever goes wrong`, async () => {
      const files = openFiles();
      const numbers = Array.from({ length: path === undefined ? lanes : 1 }, (_, number) => number);
      const ends = await Promise.allSettled(numbers.map((number) => lane(number, schedule, door, count)));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      await until(
        "files and connections are back to where they were",
        () => openFiles().length <= files.length,
      );
      assert.deepEqual(openFiles(), files);
    }).timeout(limitMs + 30_000);
  }
});
