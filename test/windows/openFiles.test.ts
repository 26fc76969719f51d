/** What other programs have open, by Windows' own rules. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FileJournal } from "../../src/delivery/store/disk/journal.ts";
import { FileSource, inspectFile } from "../../src/files/fileSource.ts";
import { listFolder } from "../../src/files/folder/folderWalk.ts";
import { packFolder } from "../../src/files/zip/packing.ts";
import { Folder } from "../support/files.ts";

/** libuv opens a file with this for nobody else, as many programs of Windows do: `UV_FS_O_EXLOCK`. */
const FOR_NOBODY_ELSE = 0x10000000;
const LIMIT = 1_000_000;
const WRITES = 200;

/** Reads every file of a folder again and again, as another window does with the records. */
const READER = `
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const folder = process.argv[1];
process.stdout.write("ready");
setInterval(() => {
  for (let round = 0; round < 20; round++)
    for (const name of readdirSync(folder))
      try {
        readFileSync(join(folder, name));
      } catch {}
}, 1);`;

describe("What another program has open on Windows", () => {
  let folder: Folder;
  before(() => assert.equal(process.platform, "win32", "npm run test:windows"));
  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  /** Opens a file as a virus scanner or a database does. */
  const lock = (path: string): Promise<FileHandle> => open(path, constants.O_RDWR | FOR_NOBODY_ELSE);

  it(`is a record that a second window reads: each of ${WRITES} writes succeeds`, async () => {
    const journal = new FileJournal(folder.path);
    await journal.write("mail", { write: -1 });
    const reader = spawn(process.execPath, ["-e", READER, folder.path], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      await once(reader.stdout, "data");
      for (let write = 0; write < WRITES; write++) await journal.write("mail", { write });
      assert.deepEqual(await journal.read("mail"), { write: WRITES - 1 });
      assert.deepEqual(await readdir(folder.path), ["mail.json"]);
    } finally {
      const ended = once(reader, "exit");
      reader.kill();
      await ended;
    }
  });

  it("is a record that a scanner has for itself: writing waits until it lets go", async () => {
    let scanner: FileHandle | undefined;
    let waits = 0;
    const sleep = async () => {
      waits += 1;
      if (waits === 3) await scanner?.close();
    };
    const journal = new FileJournal(folder.path, { sleep });
    await journal.write("mail", { write: 1 });
    scanner = await lock(join(folder.path, "mail.json"));
    await journal.write("mail", { write: 2 });
    assert.equal(waits, 3);
    assert.deepEqual(await journal.read("mail"), { write: 2 });
  });

  it("is named as that: an attachment cannot be read, a folder goes without it", async () => {
    await mkdir(join(folder.path, "in"));
    const path = await folder.file(join("in", "mail.pst"), "x".repeat(100));
    await folder.file(join("in", "a.txt"), "a");
    const owner = await lock(path);
    try {
      assert.equal((await inspectFile(path, LIMIT)).size, 100);
      await assert.rejects(FileSource.open(path, LIMIT), {
        code: "file-unreadable",
        message: "“mail.pst” is open in another program. Close it there, then try again.",
      });
      const signal = new AbortController().signal;
      const listing = await listFolder(join(folder.path, "in"), { useIgnoreFiles: false, signal });
      const target = join(folder.path, "out.zip");
      const packed = await packFolder(listing, { target, maxBytes: LIMIT, signal, onRead: () => {} });
      assert.deepEqual(packed.leftOut, ["mail.pst"]);
    } finally {
      await owner.close();
    }
  });

  it("can be replaced while its upload waits, and not while it is read", async () => {
    const path = await folder.file("app.exe", "old build");
    const next = join(folder.path, "next.exe");
    await writeFile(next, "new build");
    const file = await FileSource.open(path, LIMIT);
    await assert.rejects(rename(next, path), { code: "EPERM" });
    await file.letGo();
    await rename(next, path);
    await assert.rejects(file.reader().read(0, 9).next(), { code: "file-changed" });
    await file.close();
  });
});
