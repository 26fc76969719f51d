import assert from "node:assert/strict";
import { link, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { distinctFiles, isSamePath, realPathSync } from "../../../src/files/samePath.ts";
import { Folder } from "../../support/files.ts";

describe("Two paths", () => {
  for (const [one, other, platforms] of [
    ["C:\\a\\b.txt", "c:/A/B.TXT", ["win32"]],
    ["C:\\a\\..\\b.txt", "c:\\b.txt", ["win32"]],
    ["/a/R\u00e9sum\u00e9.pdf", "/a/Re\u0301sume\u0301.pdf", ["win32", "darwin", "linux"]],
    ["/Data/ada/A.txt", "/data/Ada/a.TXT", ["win32", "darwin"]],
    ["\\\\?\\C:\\a\\b.txt", "c:\\a\\b.txt", ["win32"]],
    ["\\\\?\\UNC\\server\\share\\b", "\\\\Server\\share\\b", ["win32"]],
    ["\\\\?\\Volume{1}\\b", "Volume{1}\\b", []],
    ["/a/b", "/a/b", ["win32", "darwin", "linux"]],
    ["/a/b", "/a/c", []],
  ] as const)
    for (const platform of ["win32", "darwin", "linux"] as const) {
      const isSame = platforms.some((each) => each === platform);
      it(`${one} and ${other} ${isSame ? "are one" : "are two"} on ${platform}`, () => {
        assert.equal(isSamePath(one, other, platform), isSame);
        assert.equal(isSamePath(other, one, platform), isSame);
      });
    }
});

describe("Where something lies", () => {
  const disk = (code: string) => ({
    realpathSync: Object.assign(() => "step by step", {
      native() {
        throw Object.assign(new Error(code), { code });
      },
    }) as never,
  });
  for (const code of ["UNKNOWN", "EISDIR", "EINVAL"])
    it(`is found out step by step where the system is at a loss (${code})`, () => {
      assert.equal(realPathSync("x", disk(code)), "step by step");
    });
  it("is nowhere for what is not there", () => {
    assert.throws(() => realPathSync("x", disk("ENOENT")), { code: "ENOENT" });
  });
});

describe("Each file once", () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  it("is named as it was first, in the order in which files were named", async () => {
    const [a, b] = [await folder.file("a.txt", "a"), await folder.file("b.txt", "b")];
    assert.deepEqual(await distinctFiles([b, a, b, a]), [b, a]);
  });

  it("is told once when it is not there, however it is written", async () => {
    const missing = join(folder.path, "No.txt");
    assert.deepEqual(await distinctFiles([missing, missing.toLowerCase()], "darwin"), [missing]);
  });

  it("is each of two whose names differ by case alone, where the disk has both", async () => {
    await mkdir(join(folder.path, "x"));
    await writeFile(join(folder.path, "x", "A.txt"), "1");
    await writeFile(join(folder.path, "x", "a.txt"), "2");
    const paths = (await readdir(join(folder.path, "x"))).map((name) => join(folder.path, "x", name));
    // A disk that is blind to case has one of them.
    assert.deepEqual(await distinctFiles(paths, "win32"), paths);
  });

  it("is one file that is named in two ways", async () => {
    const plain = await folder.file("plain.txt", "1");
    const [upper, lower] = [join(folder.path, "File.txt"), join(folder.path, "file.txt")];
    await rename(plain, upper);
    const isBlind = await distinctFiles([upper, lower], "linux");
    assert.deepEqual(isBlind, [upper, lower]);
    // As a disk that is blind to case tells it: both names lead to one file.
    await link(upper, lower).catch(() => {}); // It leads there already.
    assert.deepEqual(await distinctFiles([upper, lower], "darwin"), [upper]);
    assert.deepEqual(await distinctFiles([lower, upper], "win32"), [lower]);
  });
});
