/** Folders and paths, by Windows' own rules. */
import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inspectFile } from "../../src/files/fileSource.ts";
import { listFolder } from "../../src/files/folder/folderWalk.ts";
import { distinctFiles } from "../../src/files/samePath.ts";
import { findInFolder } from "../../src/files/workspaceFile.ts";
import { packFile, packFolder } from "../../src/files/zip/packing.ts";
import { offeredFiles } from "../../src/ui/assistant/offeredFiles.ts";
import { Folder } from "../support/files.ts";
import { unzip } from "../support/zips.ts";

/** A folder that Windows lists as a link although it is none, as OneDrive makes them. */
const kept = process.env["FREIGHT_REPARSE_FOLDER"];
const signal = new AbortController().signal;

describe("Folders on Windows", () => {
  let folder: Folder;
  let target: string;
  before(() => assert.equal(process.platform, "win32", "npm run test:windows"));
  beforeEach(async () => {
    folder = await Folder.make();
    target = join(folder.path, "out.zip");
  });
  afterEach(() => folder.remove());

  const pack = async (path: string) => {
    const listing = await listFolder(path, { useIgnoreFiles: true, git: null, signal });
    const packed = await packFolder(listing, { target, maxBytes: 1e9, signal, onRead: () => {} });
    return { listing, packed };
  };

  const withReparse = kept === undefined ? it.skip : it;
  withReparse(
    `are listed whole when OneDrive keeps them${kept === undefined ? " (needs OneDrive)" : ""}`,
    async () => {
      const at = kept ?? "";
      await writeFile(join(at, "report.txt"), "x");
      const above = dirname(at);
      const [entry] = (await readdir(above, { withFileTypes: true })).filter(
        ({ name }) => name === basename(at),
      );
      assert.equal(entry?.isSymbolicLink(), true, "It is no longer listed as a link: this tests nothing");
      const listing = await listFolder(above, { useIgnoreFiles: true, git: null, signal });
      assert.ok(listing.files.some(({ path }) => path === join(basename(at), "report.txt")));
      assert.equal(listing.leftOut.symlinks, 0);
    },
  );

  it("are packed with slashes, sensible permissions, and names that DOS kept for itself", async () => {
    const deep = join(...Array.from({ length: 9 }, (_, at) => `${at}`.repeat(90)));
    await mkdir(join(folder.path, "in", deep), { recursive: true });
    const files = {
      [join(deep, "deep.txt")]: "x",
      "aux.txt": "x",
      "run.sh": "#!/bin/sh\n",
      "Thumbs.db": "x",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, "in", name), text);
    const { listing, packed } = await pack(join(folder.path, "in"));
    assert.equal(listing.leftOut.system, 1);
    assert.deepEqual(packed.leftOut, []);
    const modes = (await unzip(target)).map(({ name, mode }) => [name, (mode & 0o777).toString(8)]);
    assert.deepEqual(modes, [
      [`in/${deep.replaceAll("\\", "/")}/deep.txt`, "644"],
      ["in/aux_.txt", "644"],
      ["in/run.sh", "755"],
    ]);
  });

  it("have files that an assistant may name in any case, with either slash, and no hidden part of one", async () => {
    const path = await folder.file("app.bin", "x");
    const options = {
      folders: () => [folder.path],
      isTrusted: () => true,
      inspect: (at: string) => inspectFile(at, 1_000),
    };
    const spellings = [
      path,
      path.toUpperCase(),
      path.replaceAll("\\", "/"),
      `${path[0]?.toLowerCase()}${path.slice(1)}`,
    ];
    for (const spelling of spellings)
      assert.deepEqual(
        (await offeredFiles([spelling], options)).map(({ path: found }) => found.toLowerCase()),
        [resolve(path).toLowerCase()],
      );
    assert.equal((await offeredFiles(spellings, options)).length, 1);
    for (const refused of [
      `${path}::$DATA`,
      `${path}:hidden`,
      "\\\\server\\share\\app.bin",
      "//server/share/a",
      "C:\\",
    ])
      await assert.rejects(offeredFiles([refused], options), /is not inside a folder that is open/);
  });

  it("have one file for a language model, an image or a mail, and none of another drive, device or server", async () => {
    const path = await folder.file("img.png", "x");
    const options = {
      folders: () => [folder.path],
      isTrusted: () => true,
      inspect: async () => ({ size: 1 }),
    };
    for (const name of ["CON", "NUL", "com1", "img.png.", "img.png "])
      await assert.rejects(offeredFiles([name], options), /There is no file/);
    for (const name of [
      `\\\\.\\${path}`,
      `\\??\\${path}`,
      "Z:img.png",
      "\\img.png",
      "\\\\?\\UNC\\a\\b\\img.png",
    ])
      await assert.rejects(offeredFiles([name], options), /is not inside a folder/);
    const found = async (name: string) =>
      (await findInFolder(name, { root: folder.path, folder: folder.path })).path !== undefined;
    for (const name of ["IMG.PNG", `${path.slice(0, 2)}img.png`, "/img.png", "\\img.png"])
      assert.ok(await found(name), name);
    for (const name of ["img.png:s", "\\\\a\\b\\img.png", `\\\\?\\${path}`, "nul.png", "..\\img.png"])
      assert.ok(!(await found(name)), name);
    assert.deepEqual(await distinctFiles([path, path.toUpperCase(), `\\\\?\\${path}`]), [path]);
  });

  it("are listed by an ignore file that is spelled in capitals, from any spelling of a folder", async () => {
    for (const name of [".git", "Build"]) await mkdir(join(folder.path, name));
    for (const name of [join(".git", "HEAD"), join("Build", "a"), "b.log", "c"]) await folder.file(name, "x");
    await folder.file(".GITIGNORE", "\uFEFF/build/\r\n*.LOG\r\n");
    for (const path of [folder.path, folder.path.toUpperCase(), folder.path.replaceAll("\\", "/")]) {
      const { files, leftOut } = await listFolder(path, { useIgnoreFiles: true, git: null, signal });
      assert.deepEqual([files.map(({ path }) => path), leftOut.ignored], [[".GITIGNORE", "c"], 2]);
    }
  });

  it("have files that are packed by the path that a person gave", async () => {
    const path = await folder.file("trace.log", "line\n".repeat(1_000));
    await packFile(path.toUpperCase(), { target, maxBytes: 1e9, signal, onRead: () => {} });
    assert.deepEqual(
      (await unzip(target)).map(({ name }) => name),
      ["TRACE.LOG"],
    );
  });
});
