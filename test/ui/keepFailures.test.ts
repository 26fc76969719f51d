import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runNode } from "../../scripts/run.ts";

const fixture = join(import.meta.dirname, "../support/failing/closedAfterEach.ts");
const reporter = join(import.meta.dirname, "../support/keepFailures.ts");

describe("a test that fails", () => {
  it("says what its window shows and leaves a picture, although its suite closes that in afterEach", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freight-failures-"));
    try {
      const mocha = ["node_modules/mocha/bin/mocha.js", "--exit", "--reporter", reporter, fixture];
      const { code, output } = await runNode(mocha, { env: { FREIGHT_FAILURES: folder }, quiet: true });
      assert.equal(code, 2);
      const titles = ["is kept", "is kept with its dialog"].map(
        (title) => `a window that is closed after each test ${title}`,
      );
      assert.deepEqual(
        (await readdir(folder)).sort(),
        titles.flatMap((title) => [`${title}.log`, `${title}.png`]).sort(),
      );

      const [, first = "", second = ""] = stripVTControlCharacters(output).split(/(?:as|so) it should\n/);
      assert.match(first, /quick input: “>no such command”/);
      assert.match(first, /quick input says: ./);
      assert.match(first, /notification: .*No Git repository is open/);
      assert.match(first, /tab: witness\.txt \(in front\)/);
      assert.match(second, /dialog: .*delete 'witness\.txt'/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
