// Runs test/chaos: `npm run test:chaos [-- --runs 10000 --seed random]`. What a failure prints goes in here again.
import { parseArgs } from "node:util";
import { runNode } from "./run.ts";

const { values } = parseArgs({
  options: {
    /** How many runs for each method; a few hundred unless told. */
    runs: { type: "string" },
    /** A number, or "random"; the same one in every run unless told. */
    seed: { type: "string" },
    /** One of the methods: nothing else is tried. */
    method: { type: "string" },
    /** Which of the seed's schedules, by its number; it is tried as often as `runs` says. */
    at: { type: "string" },
    /** A schedule as a failure has printed it, or changed since; it is tried as often as `runs` says. */
    schedule: { type: "string" },
    /** Kinds that are switched off in kinds.ts and are tried all the same; or "all". */
    on: { type: "string" },
  },
});

const schedules = "test/chaos/schedules.test.ts";
const wanted = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [`CHAOS_${name.toUpperCase()}`, String(value)]),
);
// One seed for all, so that one number names the whole run.
if (values.seed === "random") wanted["CHAOS_SEED"] = String(Math.trunc(Math.random() * 2 ** 31));

const methods = values.method === undefined ? ["nylas", "graph", "standard"] : [values.method];
const parts = methods.map((method) => ({ args: [schedules], env: { ...wanted, CHAOS_METHOD: method } }));
// What is not random needs no second look when one method is looked into.
const others = { args: ["--ignore", schedules, "test/chaos/**/*.test.ts"], env: {} };
if (values.method === undefined) parts.push({ ...others, env: { CHAOS_METHOD: "" } });

// Side by side, for each has one processor to itself at most; what they say is not mixed up.
const codes = await Promise.all(
  parts.map(async ({ args, env }) => {
    const { code, output } = await runNode(["node_modules/mocha/bin/mocha.js", "--exit", ...args], {
      env,
      quiet: true,
    });
    process.stdout.write(output);
    return code;
  }),
);
process.exitCode = Math.max(...codes);
