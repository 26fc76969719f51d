import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "../../scripts/run.ts";

const fixture = join(import.meta.dirname, "../support/failing/closedAfterEach.ts");
const reporter = join(import.meta.dirname, "../support/keepFailures.ts");

describe("a test that fails", () => {
  it("leaves a picture of its window, although its suite closes that in afterEach", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freight-failures-"));
    try {
      const mocha = ["node_modules/mocha/bin/mocha.js", "--exit", "--reporter", reporter, fixture];
      const { code, output } = await runNode(mocha, { env: { FREIGHT_FAILURES: folder }, quiet: true });
      assert.equal(code, 1);
      assert.match(output, /as it should/);
      const title = "a window that is closed after each test is kept";
      assert.deepEqual((await readdir(folder)).sort(), [`${title}.log`, `${title}.png`]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
