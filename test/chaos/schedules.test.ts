import assert from "node:assert/strict";
import fc from "fast-check";
import { openFiles } from "../support/leaks.ts";
import { until } from "../support/until.ts";
import { type Method, methods } from "./methods.ts";
import { run } from "./run.ts";
import type { Schedule } from "./schedule.ts";

// See scripts/testChaos.ts.
const wanted = process.env["CHAOS_SEED"] ?? "20260422";
const seed = wanted === "random" ? Math.trunc(Math.random() * 2 ** 31) : Number(wanted);
const runs = process.env["CHAOS_RUNS"];
const wantedMethod = process.env["CHAOS_METHOD"];
const at = process.env["CHAOS_AT"];
const given = process.env["CHAOS_SCHEDULE"];
/** Side by side: much of a run is waiting for the disk. */
const lanes = 4;
/** A run that does not end is a failure like any other; no machine is so slow. */
const runLimitMs = 300_000;

interface Run {
  readonly schedule: Schedule;
  /** What tries it once more. */
  readonly replay: string;
}

/** What is to be tried: many schedules, or one of them again and again, for sockets and disks answer as they like. */
function runsOf({ name, schedule, usualRuns }: Method): Run[] {
  const replay = `--method ${name} --seed ${seed}`;
  const again = { length: Number(runs ?? 1) };
  if (given !== undefined) return Array.from(again, () => ({ schedule: JSON.parse(given), replay }));
  if (at === undefined) {
    const made = fc.sample(schedule, { seed, numRuns: Number(runs ?? usualRuns) });
    // In each one the services answer in another of their shapes.
    return made.map((one, number) => ({
      schedule: { ...one, shape: number },
      replay: `${replay} --at ${number}`,
    }));
  }
  const one = fc.sample(schedule, { seed, numRuns: Number(at) + 1 }).at(-1);
  assert.ok(one);
  const shaped = { ...one, shape: Number(at) };
  return Array.from(again, () => ({ schedule: shaped, replay: `${replay} --at ${at}` }));
}

/** @returns what has gone wrong */
async function attempt({ door, otherDoor }: Method, { schedule, replay }: Run): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("It does not end")), runLimitMs);
  });
  try {
    await Promise.race([run(schedule, door, otherDoor), late]);
    return undefined;
  } catch (reason) {
    const what = reason instanceof Error ? reason.message : String(reason);
    return `Replay with: npm run test:chaos -- ${replay} --runs 20\nThe schedule: ${JSON.stringify(schedule)}\n${what}`;
  } finally {
    clearTimeout(timer);
  }
}

describe(`Random schedules, seed ${seed}`, () => {
  for (const method of methods) {
    if (wantedMethod !== undefined && method.name !== wantedMethod) continue;
    const wantedRuns = runsOf(method);
    it(`deliver each of ${wantedRuns.length} mails by the method “${method.name}” as it was meant, whatever goes wrong`, async () => {
      const files = openFiles();
      const failures: string[] = [];
      const left = wantedRuns.values();
      const lane = async () => {
        for (const one of left) {
          const failure = await attempt(method, one);
          if (failure !== undefined) failures.push(failure);
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      assert.ok(failures.length === 0, `${failures.length} failed:\n\n${failures.join("\n\n")}`);
      await until(
        "files and connections are back to where they were",
        () => openFiles().length <= files.length,
      );
      assert.deepEqual(openFiles(), files);
    }).timeout(0);
  }
});
