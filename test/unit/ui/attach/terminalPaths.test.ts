import assert from "node:assert/strict";
import { terminalPaths } from "../../../../src/ui/attach/terminalPaths.ts";

const found = (line: string) => terminalPaths(line).map(({ path }) => path);

describe("Paths in a terminal", () => {
  it("are those of files that an editor cannot show", () => {
    assert.deepEqual(found("wrote dist/app.zip and src/main.ts:12:3"), ["dist/app.zip"]);
    assert.deepEqual(found("/tmp/core.dmp, ../x.pcapng."), ["/tmp/core.dmp", "../x.pcapng"]);
    assert.deepEqual(found("README.md package.json a.png app.log"), []);
    // Viewers open these: the link stays VS Code's.
    assert.deepEqual(found("report.pdf run.mp4 a.docx b.xlsx c.pptx d.odt data.sqlite e.webm"), []);
  });

  it("are read as long as they may be first: the disk tells which is meant", () =>
    assert.deepEqual(found("a.zip,b.zip"), ["a.zip,b.zip", "b.zip", "a.zip"]));

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

  /** What programs print, and the path that a person means: its longest reading that is on the disk. */
  const printed: readonly (readonly [string, ...string[]])[] = [
    ["[build/app.zip]", "build/app.zip"],
    ["Wrote dist/app.vsix!", "dist/app.vsix"],
    ["Done: dist/app.vsix?", "dist/app.vsix"],
    ["out/app.zip…", "out/app.zip"],
    ["out/app.zip...", "out/app.zip"],
    ["(out/app.zip)", "out/app.zip"],
    ["see(out/app.zip)", "out/app.zip"],
    ["**out/app.zip**", "out/app.zip"],
    ["_out/app.zip_", "out/app.zip"],
    ["`out/my app.zip`", "out/my app.zip"],
    ["[the build](out/app.zip)", "out/app.zip"],
    ["archive=out/app.zip", "out/app.zip", "archive=out/app.zip"],
    ["--out=dist/app.zip", "dist/app.zip"],
    ["Output:out/app.zip", "out/app.zip"],
    ["已生成 dist/app.zip。", "dist/app.zip"],
    ["已生成dist/app.zip。", "dist/app.zip"],
    ["“my app.zip”", "my app.zip"],
    ["« my.iso »", "my.iso"],
    ["「out/app.zip」", "out/app.zip"],
    ["größe/ü.zip", "größe/ü.zip"],
    ["app(1).zip", "app(1).zip"],
    ["out/app.zip:12:3", "out/app.zip"],
    ["{a.zip,b.zip}", "a.zip", "b.zip"],
    ["a.zip;b.iso", "a.zip", "b.iso"],
    ["~/x.zip", "~/x.zip"],
    ["_build/app.zip", "_build/app.zip"],
    ["C:\\build\\app.zip", "C:\\build\\app.zip"],
    ["app/[id]/core.dmp", "app/[id]/core.dmp"],
    ["curl -F file=@out/app.zip", "out/app.zip"],
    ["@scope/app.zip", "@scope/app.zip"],
    ["Binary files a/out/app.zip and b/out/app.zip differ", "out/app.zip", "b/out/app.zip"],
    ["a.zip -> b.iso", "a.zip", "b.iso"],
    ["├── out/app.zip", "out/app.zip"],
    ["| out/app.zip | 3 MB |", "out/app.zip"],
    ["✔ out/app.vsix (3 files)", "out/app.vsix"],
    ["\u001b[32mout/app.zip\u001b[0m", "out/app.zip"],
    ["\u001b]8;;file:///x/y.zip\u0007out/app.zip\u001b]8;;\u0007", "out/app.zip"],
  ];
  for (const [line, ...paths] of printed)
    it(`are found in ${JSON.stringify(line)}`, () => {
      const all = terminalPaths(line);
      for (const path of paths)
        assert.ok(
          all.some((one) => one.path === path),
          JSON.stringify(all),
        );
      assert.ok(all.length <= 6);
      for (const { path, startIndex, length } of all)
        assert.equal(line.slice(startIndex, startIndex + length), path);
    });

  for (const line of [
    "app.zip.sha256",
    "app.zipper",
    "app.zip-old",
    "http://files.example/a.zip",
    "(see https://files.example/a.zip)",
    "file:///x/a.zip",
    // To look for one of these is to sign in at another machine.
    "\\\\host\\share\\x.zip",
    '"\\\\host\\share\\x.zip"',
    "//host/share/x.zip",
    "\\/host/share/x.zip",
    "to=//host/share/x.zip",
    "[\\\\host\\share\\x.zip]",
    "\\\\?\\UNC\\host\\share\\x.zip",
  ])
    it(`are none in ${JSON.stringify(line)}`, () =>
      assert.deepEqual(
        found(line).filter((path) => !path.startsWith("to=")),
        [],
      ));
});
