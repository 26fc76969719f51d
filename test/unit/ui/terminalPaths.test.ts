import assert from "node:assert/strict";
import { terminalPaths } from "../../../src/ui/attach/terminalPaths.ts";

const found = (line: string) => terminalPaths(line).map(({ path }) => path);

describe("Paths in a terminal", () => {
  it("are those of files that an editor cannot show", () => {
    assert.deepEqual(found("wrote dist/app.zip and src/main.ts:12:3"), ["dist/app.zip"]);
    assert.deepEqual(found("/tmp/core.dmp, ../x.pcapng."), ["/tmp/core.dmp", "../x.pcapng"]);
    assert.deepEqual(found("saved report.pdf and run.mp4"), ["report.pdf", "run.mp4"]);
    assert.deepEqual(found("README.md package.json a.png app.log"), []);
  });

  it("may have spaces in quotes", () => {
    const line = `wrote "my build.zip" 'and this.iso'`;
    assert.deepEqual(found(line), ["my build.zip", "and this.iso"]);
    for (const { path, startIndex, length } of terminalPaths(line))
      assert.equal(line.slice(startIndex, startIndex + length), path);
  });

  it("are no addresses of the web", () => {
    assert.deepEqual(found("https://files.example/a.zip"), []);
  });

  it("are not looked for in a line without end", () => {
    assert.deepEqual(found(`${"x".repeat(3000)} a.zip`), []);
  });
});
