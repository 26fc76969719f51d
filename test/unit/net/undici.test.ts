import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const undici = new URL("../../../src/net/undici.ts", import.meta.url).href;

/** Runs a module in a process of its own: undici leaves its traces when it is loaded for the first time. */
async function run(module: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", module]);
  return stdout.trim();
}

describe("Loading undici", () => {
  for (const [what, first] of [
    ["nobody has used the built-in fetch", ""],
    ["somebody uses the built-in fetch", 'await fetch("data:,x");'],
  ] as const)
    it(`leaves no trace in a process where ${what}`, async () => {
      const said = await run(`
        ${first}
        const keys = [1, 2].map((version) => Symbol.for("undici.globalDispatcher." + version));
        const before = keys.map((key) => Reflect.get(globalThis, key));
        const { loadUndici } = await import(${JSON.stringify(undici)});
        const { Agent } = await loadUndici();
        const same = keys.every((key, at) => Reflect.get(globalThis, key) === before[at]);
        const text = await (await fetch("data:,fine")).text();
        console.log(typeof Agent, same, text);
      `);
      assert.equal(said, "function true fine");
    });
});
