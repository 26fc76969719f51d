// What to run all the time: types, lint and unit tests side by side. What is marked @slow is left to `npm run test:unit`.
import { availableParallelism } from "node:os";
import { compileCache, run } from "./run.ts";

const startedAt = Date.now();
// What was checked the last time, and has not changed since, is not checked again.
const types = (project: string, name: string) =>
  `tsc -p ${project} --incremental --tsBuildInfoFile node_modules/.cache/tsc/${name}.json`;
const checks = [types(".", "host"), types("src/webview", "webview"), types("test", "test"), "biome ci ."];
// The checks take far less than the tests do, which then have all processors.
const tests = `mocha --parallel --jobs ${availableParallelism()} --grep @slow --invert "test/unit/**/*.test.ts"`;

const env = { NODE_COMPILE_CACHE: compileCache };
const quietly = async (script: string) => {
  const [program = "", ...args] = script.replaceAll('"', "").split(" ");
  return { script, ...(await run(program, args, { quiet: true, env })) };
};
const oneAfterAnother = async () => {
  const done = [];
  for (const check of checks) done.push(await quietly(check));
  return done;
};
const [checked, tested] = await Promise.all([oneAfterAnother(), quietly(tests)]);
for (const { script, code, output } of [...checked, tested])
  if (code !== 0) console.log(`== ${script}\n${output}`);
const count = /^\s*\d+ passing\b/m.exec(tested.output)?.[0].trim() ?? "no test passed";
console.log(`${count}; types and lint: ${checked.every(({ code }) => code === 0) ? "fine" : "not fine"}`);
console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
process.exitCode = Math.max(...[...checked, tested].map(({ code }) => code));
