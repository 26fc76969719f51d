import assert from "node:assert/strict";
import fc from "fast-check";
import { openFiles } from "../support/leaks.ts";
import { until } from "../support/until.ts";
import { run } from "./run.ts";
import { schedule } from "./schedule.ts";

/** CHAOS_SEED: a number, or "random"; the same number in every run unless told. */
const wanted = process.env["CHAOS_SEED"] ?? "20260422";
const seed = wanted === "random" ? Math.trunc(Math.random() * 2 ** 31) : Number(wanted);
const runs = Number(process.env["CHAOS_RUNS"] ?? 500);
/** Far more than it takes: a time limit for a machine that has come to a stop. */
const limitMs = 240_000;
/** Side by side: most of a run is waiting. */
const lanes = 4;
/** Replays what an earlier failure printed. */
const path = process.env["CHAOS_PATH"];

async function lane(number: number): Promise<void> {
  const result = await fc.check(fc.asyncProperty(schedule, run), {
    seed: seed + number,
    numRuns: Math.ceil(runs / lanes),
    // A run that does not end is a failure like any other.
    timeout: 20_000,
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!result.failed) return;
  const replay = `CHAOS_SEED=${seed + number} CHAOS_PATH=${result.counterexamplePath} npm run test:chaos`;
  throw new Error(`Replay with: ${replay}\n${fc.defaultReportMessage(result)}`, {
    cause: result.errorInstance,
  });
}

describe(`Random schedules, seed ${seed}`, () => {
  it(`deliver each of ${runs} mails exactly once and byte for byte, whatever goes wrong`, async () => {
    const files = openFiles();
    const numbers = Array.from({ length: path === undefined ? lanes : 1 }, (_, number) => number);
    const ends = await Promise.allSettled(numbers.map(lane));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    await until(
      "files and connections are back to where they were",
      () => openFiles().length <= files.length,
    );
    assert.deepEqual(openFiles(), files);
  }).timeout(limitMs + 30_000);
});
