import assert from "node:assert/strict";
import fc from "fast-check";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import { openFiles } from "../support/leaks.ts";
import { until } from "../support/until.ts";
import { run } from "./run.ts";
import { graphSchedule, nylasSchedule, type Schedule, standardSchedule } from "./schedule.ts";

// See scripts/testChaos.ts.
const wanted = process.env["CHAOS_SEED"] ?? "20260422";
const seed = wanted === "random" ? Math.trunc(Math.random() * 2 ** 31) : Number(wanted);
const runs = process.env["CHAOS_RUNS"];
const wantedMethod = process.env["CHAOS_METHOD"] ?? "";
const path = process.env["CHAOS_PATH"];
/** Side by side: much of a run is waiting for the disk. */
const lanes = 4;
/** A run that does not end is a failure like any other; no machine is so slow. */
const runLimitMs = 300_000;

interface Method {
  readonly name: string;
  readonly door: Door;
  /** Of the account that a mail may be given to. */
  readonly otherDoor: Door;
  readonly schedule: fc.Arbitrary<Schedule>;
  readonly usualRuns: number;
}

const methods: readonly Method[] = [
  { name: "nylas", door: nylas, otherDoor: google, schedule: nylasSchedule, usualRuns: 300 },
  { name: "graph", door: graph, otherDoor: nylas, schedule: graphSchedule, usualRuns: 200 },
  { name: "standard", door: google, otherDoor: graph, schedule: standardSchedule, usualRuns: 250 },
];

async function lane(number: number, method: Method, count: number): Promise<void> {
  const { name, door, otherDoor, schedule } = method;
  const property = fc.asyncProperty(schedule, (one) => run(one, door, otherDoor));
  const result = await fc.check(property, { seed: seed + number, numRuns: count, timeout: runLimitMs });
  if (!result.failed) return;
  const replay = `--method ${name} --seed ${seed + number} --path ${result.counterexamplePath}`;
  throw new Error(
    `Replay with: npm run test:chaos -- ${replay} --runs 20\n${fc.defaultReportMessage(result)}`,
    { cause: result.errorInstance },
  );
}

/** Runs one schedule again and again: sockets and disks do not answer in the same order each time. */
async function replay({ door, otherDoor, schedule }: Method, times: number, at: string): Promise<void> {
  for (let time = 0; time < times; time++) {
    const property = fc.asyncProperty(schedule, (one) => run(one, door, otherDoor));
    await fc.assert(property, { seed, path: at, endOnFailure: true, timeout: runLimitMs });
  }
}

describe(`Random schedules, seed ${seed}`, () => {
  for (const method of methods) {
    if (!method.name.startsWith(wantedMethod)) continue;
    const count = Number(runs ?? method.usualRuns);
    const what = path === undefined ? `each of ${count} mails` : `a mail ${runs ?? 1} times`;
    it(`deliver ${what} by the method “${method.name}” as it was meant, whatever goes wrong`, async () => {
      const files = openFiles();
      if (path !== undefined) await replay(method, Number(runs ?? 1), path);
      else {
        const numbers = Array.from({ length: lanes }, (_, number) => number);
        const each = Math.ceil(count / lanes);
        const ends = await Promise.allSettled(numbers.map((number) => lane(number, method, each)));
        for (const end of ends) if (end.status === "rejected") throw end.reason;
      }
      await until(
        "files and connections are back to where they were",
        () => openFiles().length <= files.length,
      );
      assert.deepEqual(openFiles(), files);
    }).timeout(0);
  }
});
