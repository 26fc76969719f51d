import assert from "node:assert/strict";
import { isGrowing } from "../../../src/files/folder/growingFiles.ts";

describe("The list of files that programs go on writing to", () => {
  for (const [path, patterns, expected, platform = "linux"] of [
    ["/var/log/server.log", ["*.log"], true],
    ["/var/log/server.log.1", ["*.log"], false],
    ["/var/log/server.log.1", ["*.log*"], true],
    ["/var/log/server.LOG", ["*.log"], false],
    ["/var/log/server.LOG", ["*.log"], true, "darwin"],
    ["C:\\app\\server.LOG", ["*.log"], true, "win32"],
    ["C:\\app\\logs\\out.txt", ["logs\\*.txt"], true, "win32"],
    ["C:\\app\\logs\\out.txt", ["logs/*.txt"], true, "win32"],
    ["/app/logs/out.txt", ["logs/*.txt"], true],
    ["/app/logs/deep/out.txt", ["logs/*.txt"], false],
    ["/app/logs/deep/out.txt", ["logs/**/*.txt"], true],
    ["/app/logs/deep/out.txt", ["logs/"], true],
    ["/app/logs", ["logs/"], false],
    ["/app/logs/out.txt", ["logs"], true],
    ["/var/log/app/out", ["/var/log"], true],
    ["/srv/var/log/app/out", ["/var/log"], false],
    ["/app/important.log", ["*.log", "!important.log"], false],
    ["/app/important.log", ["!important.log", "*.log"], true],
    ["/app/nohup.out", ["*.log", "nohup.out"], true],
    ["/app/trace-7.bin", ["trace-?.bin"], true],
    ["/app/trace-7.bin", ["trace-[0-9].bin"], true],
    ["/app/größe.log", ["größe.*"], true],
    ["/app/a.log", [], false],
    ["/app/a.log", ["", "#*.log", "   ", "["], false],
    ["/app/#a.log", ["\\#*.log"], true],
  ] as const)
    it(`${expected ? "has" : "has not"} ${path}, where it says ${JSON.stringify(patterns)} (${platform})`, () => {
      assert.equal(isGrowing(path, patterns, platform), expected);
    });
});
