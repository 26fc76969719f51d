import { readFileSync } from "node:fs";
import { methods } from "./methods.ts";
import { run } from "./run.ts";
import type { Schedule } from "./schedule.ts";

/** Schedules that have found a fault once, of the product or of these runs. */
const found: readonly { what: string; method: string; schedule: Schedule }[] = JSON.parse(
  readFileSync(new URL("found.json", import.meta.url), "utf8"),
);

describe("What random runs have found goes well now:", () => {
  for (const { what, method, schedule } of found)
    for (const { name, door, otherDoor } of methods)
      if (name === method) it(`${what} (${name})`, () => run(schedule, door, otherDoor)).timeout(0);
});
