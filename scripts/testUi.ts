// Runs test/ui: a browser drives VS Code with the packaged extension. `npm run test:ui [-- mocha's options]`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureVsix } from "./package.ts";
import { runNode } from "./run.ts";
import { install } from "./vscode/install.ts";

await ensureVsix();
await install("newest");

const mocha = [
  "node_modules/mocha/bin/mocha.js",
  "--exit", // a window that a failed test left open would keep the process alive
  "test/ui/**/*.test.ts",
];
// Mocha takes one reporter only, and one that was asked for keeps no pictures.
if (!process.argv.includes("--reporter")) mocha.push("--reporter", "test/support/keepFailures.ts");
// Profiles and workspaces go in here, so that a test that fails or is killed leaves nothing in the temporary folder.
const scratch = await mkdtemp(join(tmpdir(), "freight-ui-"));
try {
  process.exitCode = (await runNode([...mocha, ...process.argv.slice(2)], { env: { TMPDIR: scratch } })).code;
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
