// Runs test/chaos. What a failure prints goes in here again.
import { readOptions } from "./options.ts";
import { runNode } from "./run.ts";

const values = readOptions(
  `npm run test:chaos                       a few hundred runs for each method, the same ones each time
  -- --runs 10000         so many for each method
  -- --seed random        other ones; or a number that a run has printed
  -- --method nylas       one of the methods only: nylas, graph, standard, links or "links only"
  -- --at 12              of the seed's schedules that one, as often as --runs says
  -- --schedule "…"       a schedule as a failure has printed it, or changed since, as often as --runs says
  -- --on all             also kinds of trouble that kinds.ts switches off; or the names of some`,
  {
    runs: { type: "string" },
    seed: { type: "string" },
    method: { type: "string" },
    at: { type: "string" },
    schedule: { type: "string" },
    on: { type: "string" },
  },
);

const schedules = "test/chaos/schedules.test.ts";
const wanted = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [`CHAOS_${name.toUpperCase()}`, String(value)]),
);
// One seed for all, so that one number names the whole run.
if (values.seed === "random") wanted["CHAOS_SEED"] = String(Math.trunc(Math.random() * 2 ** 31));

const methods =
  values.method === undefined ? ["nylas", "graph", "standard", "links", "links only"] : [values.method];
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
