// What holds on Windows, tried under Windows' own Node: `npm run test:windows [-- FILE …]`. Elsewhere Wine runs it; where
// there is no Wine, that is said, and nothing has failed.

import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "./run.ts";
import { root } from "./vscode/layout.ts";
import { NotHere, startWine } from "./windows/wine.ts";

/** The slow ones try the same on Linux. */
const FILES = [
  "test/windows/**/*.test.ts",
  "test/faults/windows.test.ts",
  "test/sandbox/engineSecrets.test.ts",
  // They take minutes: within `npm test`, what only Windows can show has to do.
  ...(process.env["FREIGHT_WITHIN_TEST"] === "1" ? [] : ["test/unit/**/*.test.ts"]),
];
const OPTIONS = ["--exit", "--grep", "@slow", "--invert"];

const wanted = process.argv.slice(2);
const files = wanted.length > 0 ? wanted : FILES.flatMap((glob) => globSync(glob, { cwd: root }).sort());

if (process.platform === "win32")
  process.exitCode = (await runNode(["node_modules/mocha/bin/mocha.js", ...OPTIONS, ...files])).code;
else
  try {
    process.exitCode = await underWine();
  } catch (reason) {
    if (!(reason instanceof NotHere)) throw reason;
    console.log(`Windows' rules were not tried: ${reason.message}.\n\n  0 passing\n  1 pending`);
  }

async function underWine(): Promise<number> {
  const windows = await startWine();
  const scratch = await mkdtemp(join(tmpdir(), "freight-windows-"));
  try {
    // Each part takes every so-manieth file, so that none gets all of the slow ones.
    const parts = Math.min(availableParallelism(), 2, files.length);
    const outcomes = await Promise.all(
      Array.from({ length: parts }, async (_, part) => {
        const output = join(scratch, `${part}.txt`);
        const own = files.filter((_, at) => at % parts === part);
        const code = await windows.mocha([...OPTIONS, ...own], output);
        return { code, text: (await readFile(output, "utf8")).replaceAll("\r\n", "\n") };
      }),
    );
    for (const { text } of outcomes) console.log(text);
    const skipped = outcomes.flatMap(({ text }) => [...text.matchAll(/^\s+- .*\(needs ([^)]+)\)$/gm)]);
    const reasons = skipped.map(([, reason = ""]) => reason);
    for (const reason of new Set(reasons))
      console.log(`Skipped for want of ${reason}: ${reasons.filter((other) => other === reason).length}`);
    // One that ended before its tests did has failed, whatever it said last.
    return Math.max(...outcomes.map(({ code, text }) => (/^\s+\d+ passing/m.test(text) ? code : code || 1)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await windows.close();
  }
}
