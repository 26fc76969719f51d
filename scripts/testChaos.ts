// Runs test/chaos: `npm run test:chaos [-- --runs 10000 --seed random]`. What a failure prints goes in here again.
import { parseArgs } from "node:util";
import { runNode } from "./run.ts";

const { values } = parseArgs({
  options: {
    /** How many runs for each method; a few hundred unless told. */
    runs: { type: "string" },
    /** A number, or "random"; the same one in every run unless told. */
    seed: { type: "string" },
    /** The first letters of a method: nothing else is tried. */
    method: { type: "string" },
    /** Which of the seed's schedules, as a failure has printed it; it is tried as often as `runs` says. */
    path: { type: "string" },
    /** Kinds that are switched off in kinds.ts and are tried all the same; or "all". */
    on: { type: "string" },
  },
});

const env = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [`CHAOS_${name.toUpperCase()}`, String(value)]),
);
const mocha = ["node_modules/mocha/bin/mocha.js", "--exit", "test/chaos/**/*.test.ts"];
process.exitCode = (await runNode(mocha, { env })).code;
