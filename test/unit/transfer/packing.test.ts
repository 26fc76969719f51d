import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import {
  chmod,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { listFolder } from "../../../src/files/folder/folderWalk.ts";
import { type PackOptions, packFile, packFolder } from "../../../src/files/zip/packing.ts";
import { lookAhead } from "../../../src/files/zip/readAhead.ts";
import { readSmall, SMALL_BYTES } from "../../../src/files/zip/smallFile.ts";
import { Folder, sample } from "../../support/files.ts";
import { has, itNeeds } from "../../support/systems.ts";
import { unzip, unzipText } from "../../support/zips.ts";

const MB = 1024 * 1024;

describe("Packing", () => {
  let folder: Folder;
  let target: string;

  beforeEach(async () => {
    folder = await Folder.make();
    await mkdir(join(folder.path, "in"));
    target = join(folder.path, "out.zip");
  });
  afterEach(() => folder.remove());

  const path = (name: string) => join(folder.path, "in", name);
  const put = async (files: Readonly<Record<string, string | Uint8Array>>) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content);
    }
  };
  const list = () =>
    listFolder(join(folder.path, "in"), { useIgnoreFiles: false, signal: new AbortController().signal });
  const options = (given: Partial<PackOptions> = {}): PackOptions => ({
    target,
    maxBytes: 1024 * MB,
    signal: new AbortController().signal,
    onRead: () => {},
    ...given,
  });
  const pack = async (given: Partial<PackOptions> = {}) => packFolder(await list(), options(given));

  it("names the files that look like secrets, by their names and by how they begin and end", async () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    await put({
      ".env": "A=1\n",
      "deep/deploy.txt": key,
      "large.txt": Buffer.concat([Buffer.from(key), sample(300_000)]),
      "later.txt": `${" ".repeat(30_000)}\n${key}`,
      "z-border.txt": Buffer.concat([sample(2 * MB - 20), Buffer.from(`\n${key}`), sample(10)]),
      "z-empty/.env": "",
      "z-end.txt": Buffer.concat([sample(2 * MB), Buffer.from(`\n${key}`), sample(100)]),
      "z-large/id_rsa": sample(2 * MB),
      "z-middle.txt": Buffer.concat([sample(MB), Buffer.from(`\n${key}`), sample(MB)]),
      "notes.txt": "nothing\n",
    });
    const { secrets } = await pack();
    assert.deepEqual(secrets, [
      { path: ".env", what: "an environment file" },
      { path: join("deep", "deploy.txt"), what: "a private key, line 1" },
      { path: "large.txt", what: "a private key, line 1" },
      { path: "later.txt", what: "a private key, line 2" },
      { path: "z-border.txt", what: "a private key, near its end" },
      { path: join("z-empty", ".env"), what: "an environment file" },
      { path: "z-end.txt", what: "a private key, near its end" },
      { path: join("z-large", "id_rsa"), what: "a private SSH key" },
    ]);
  });

  it("keeps every file's bytes, name, time and executable bit, in the same order each time @slow", async () => {
    const files = {
      "b/deep/large.bin": sample(3 * MB + 7),
      "b/zeros": new Uint8Array(700_000),
      "b/edge": sample(128 * 1024, 2),
      "b/over": sample(128 * 1024 + 1, 3),
      "a.sh": "#!/bin/sh\n",
      empty: "",
      "Grüße 報告 🚀.txt": "hello",
    };
    await put(files);
    await chmod(path("a.sh"), 0o755);
    const time = new Date("2001-02-03T04:05:06Z");
    for (const name of Object.keys(files)) await utimes(path(name), time, time);
    const { bytes, leftOut } = await pack();
    assert.deepEqual(leftOut, []);
    const entries = await unzip(target);
    assert.deepEqual(
      entries.map(({ name, sha256 }) => [name, sha256]),
      ["Grüße 報告 🚀.txt", "a.sh", "b/deep/large.bin", "b/edge", "b/over", "b/zeros", "empty"].map(
        (name) => [
          `in/${name}`,
          createHash("sha256")
            .update(files[name as keyof typeof files])
            .digest("hex"),
        ],
      ),
    );
    for (const { mtime } of entries) assert.equal(mtime.getTime(), time.getTime());
    assert.deepEqual(
      entries.map(({ mode }) => (mode & 0o111) !== 0),
      entries.map(({ name }) => name === "in/a.sh"),
    );
    const handle = await open(target);
    const { size, mode } = await handle.stat();
    const first = await handle.readFile();
    await handle.close();
    assert.equal(size, bytes);
    if (has("permissions of Unix")) assert.equal(mode & 0o777, 0o600);
    await rm(target);
    await pack();
    const again = await open(target);
    assert.ok(first.equals(await again.readFile()));
    await again.close();
  });

  it("packs small files side by side, with large ones among them, in the order of the list", async () => {
    const sizes = [0, 1, 300_000, 300_000, SMALL_BYTES, SMALL_BYTES + 1, 2 * MB, 7, SMALL_BYTES - 1, 40_000];
    const files: Record<string, Uint8Array> = {};
    for (let at = 0; at < 150; at++) {
      const size = sizes[at] ?? at;
      files[`file-${1000 + at}`] = at % 2 === 0 ? sample(size, at) : Buffer.alloc(size, `line ${at}\n`);
    }
    await put(files);
    await pack();
    assert.deepEqual(
      (await unzip(target)).map(({ name, sha256 }) => [name, sha256]),
      Object.entries(files).map(([name, content]) => [
        `in/${name}`,
        createHash("sha256").update(content).digest("hex"),
      ]),
    );
  });

  it("gives no made-up permissions on Windows: programs can be run, and nothing is for everybody to write", async () => {
    await put({
      "run.sh": "#!/bin/sh\n",
      "notes.txt": "hello",
      "large.bin": Buffer.concat([Buffer.from("\x7fELF", "latin1"), sample(300_000)]),
    });
    for (const name of ["run.sh", "notes.txt", "large.bin"]) await chmod(path(name), 0o666);
    await pack({ platform: "win32" });
    const modes = (await unzip(target)).map(({ name, mode }) => [name, (mode & 0o777).toString(8)]);
    assert.deepEqual(modes, [
      ["in/large.bin", "755"],
      ["in/notes.txt", "644"],
      ["in/run.sh", "755"],
    ]);
  });

  itNeeds("names with any sign", "writes names that every unzipper reads as that file", async () => {
    const names = [
      "new\nline",
      "x".repeat(255),
      "\u202egpj.exe",
      "cr\r\nlf",
      "back\\slash",
      "back_slash",
      "..\\out",
      "-rf",
    ];
    await put(Object.fromEntries(names.map((name) => [name, name])));
    await pack();
    const entries = (await unzip(target)).map(({ name }) => name);
    const expected = [
      "new line",
      "x".repeat(255),
      "gpj.exe",
      "cr lf",
      "back_slash",
      "back_slash (2)",
      ".._out",
      "-rf",
    ];
    assert.deepEqual(new Set(entries), new Set(expected.map((name) => `in/${name}`)));
    // "\" comes before "_": the two must not be taken for one another.
    assert.equal(await unzipText(target, "in/back_slash"), "back\\slash");
    assert.equal(await unzipText(target, "in/back_slash (2)"), "back_slash");
  });

  itNeeds("names with any sign", "has empty folders, which are folders when they are unpacked", async () => {
    await put({ "src/main.txt": "x" });
    for (const empty of ["logs", "data/in", "what?"]) await mkdir(path(empty), { recursive: true });
    await pack();
    const FOLDER = 0o040755;
    const entries = (await unzip(target)).map(({ name, mode }) => [name, name.endsWith("/") ? mode : 0]);
    assert.deepEqual(entries.sort(), [
      ["in/data/in/", FOLDER],
      ["in/logs/", FOLDER],
      ["in/src/main.txt", 0],
      ["in/what_/", FOLDER],
    ]);
  });

  it("says that an empty folder has nothing to send", async () => {
    await mkdir(path("only/folders"), { recursive: true });
    await assert.rejects(pack(), { code: "folder-empty", message: /^“in” has no files in it/ });
  });

  itNeeds(
    "symbolic links",
    "leaves out and names what has vanished, become a link, or cannot be read, large and small",
    async () => {
      await put({ "1": "one", "2": "two", "3": sample(MB), "4": sample(MB), "5": "five", "6": sample(MB) });
      const listing = await list();
      for (const name of ["2", "3", "5"]) await rm(path(name));
      await symlink(path("1"), path("5"));
      const { leftOut } = await packFolder(listing, options());
      assert.deepEqual(leftOut, ["2", "3", "5"]);
      assert.deepEqual(
        (await unzip(target)).map(({ name }) => name),
        ["in/1", "in/4", "in/6"],
      );
    },
  );

  for (const level of [0, 1, 2, 3])
    itNeeds(
      "symbolic links",
      `takes nothing from elsewhere when a folder becomes a link after it was listed, ${level} above the files`,
      async () => {
        const deep = join("a", "b", "c");
        await put({ [join(deep, "small")]: "ours", [join(deep, "large")]: sample(MB), top: "top" });
        const listing = await list();
        const outside = join(folder.path, "outside");
        await mkdir(join(outside, deep), { recursive: true });
        for (const at of ["", "c", join("b", "c"), deep])
          for (const name of ["small", "large", "top"]) {
            await mkdir(join(outside, at), { recursive: true });
            await writeFile(join(outside, at, name), sample(name === "large" ? MB : 4, 9));
          }
        const swapped = join(folder.path, "in", ...deep.split(sep).slice(0, 3 - level));
        await rename(swapped, join(folder.path, "before"));
        await symlink(outside, swapped);
        const packed = packFolder(listing, options());
        // Without the folder itself nothing is left to send.
        if (level === 3) return assert.rejects(packed, { code: "file-unreadable" });
        assert.deepEqual((await packed).leftOut, [join(deep, "large"), join(deep, "small")]);
        assert.deepEqual(
          (await unzip(target)).map(({ name }) => name),
          ["in/top"],
        );
      },
    );

  itNeeds("symbolic links", "packs a folder that is reached through a link", async () => {
    await put({ "a/small": "ours", "a/large": sample(MB) });
    const link = join(folder.path, "link");
    await symlink(join(folder.path, "in"), link);
    const listing = await listFolder(link, { useIgnoreFiles: false, signal: new AbortController().signal });
    assert.deepEqual((await packFolder(listing, options())).leftOut, []);
  });

  it("fails as a whole, and leaves nothing out, when nothing can be compressed", async () => {
    await put({ a: "a", b: "b" });
    const all = lookAhead(
      () => Promise.reject(new Error("no thread can be started")),
      (await list()).files,
      3,
      new AbortController().signal,
    );
    await assert.rejects(all.next(), /no thread/);
  });

  describe("a small file that is written to while it is read", () => {
    const time = new Date(5_000);
    /** Reads a small file that is changed right after it was read for the first time. */
    async function read(change: (file: string) => void): Promise<string | undefined> {
      await put({ a: "the old bytes" });
      await utimes(path("a"), time, time);
      let isChanged = false;
      const readSync = ((...at: Parameters<typeof fs.readSync>) => {
        const bytes = fs.readSync(...at);
        if (!isChanged) change(path("a"));
        isChanged = true;
        return bytes;
      }) as typeof fs.readSync;
      const { folder: given, home: real } = await list();
      const where = { given: join(given, "a"), real: join(real, "a") };
      const memory = new Uint8Array(new SharedArrayBuffer(13));
      const small = readSmall(where, memory, { ...fs, readSync });
      return small === undefined || small === "large" ? small : Buffer.from(small.content).toString();
    }

    for (const [what, change] of [
      ["and becomes shorter", (file: string) => fs.truncateSync(file, 3)],
      ["and keeps its size", (file: string) => fs.writeFileSync(file, "THE NEW BYTES")],
      [
        "and keeps its size and its time",
        (file: string) => {
          fs.writeFileSync(file, "THE NEW BYTES");
          fs.utimesSync(file, time, time);
        },
      ],
      ["and gets another time only", (file: string) => fs.utimesSync(file, new Date(6_000), new Date(6_000))],
    ] as const)
      it(`stays out of the zip when it is written to ${what}`, async () => {
        assert.equal(await read(change), undefined);
      });

    it("goes into it as it was when it was opened where it only grows", async () => {
      const grown = await read((file) => fs.writeFileSync(file, "more", { flag: "a" }));
      assert.equal(grown, "the old bytes");
    });

    it("goes into it when nothing happens", async () => {
      assert.equal(await read(() => {}), "the old bytes");
    });
  });

  it("leaves out a large file that is written to while it is read, and keeps its size and its time", async () => {
    await put({ a: sample(5 * MB), d: "d" });
    await utimes(path("a"), 5, 5);
    let changed: Promise<void> | undefined;
    const change = async () => {
      await writeFile(path("a"), "new", { flag: "r+" });
      await utimes(path("a"), 5, 5);
    };
    const onRead = (bytes: number) => {
      if (bytes > MB) changed ??= change();
    };
    const { leftOut } = await pack({ onRead });
    await changed;
    assert.deepEqual(leftOut, ["a"]);
  });

  for (const [what, change] of [
    ["becomes shorter", (file: string) => truncate(file, 100)],
    ["is written over", (file: string) => writeFile(file, "new", { flag: "r+" })],
  ] as const)
    it(`leaves out and names a file that ${what} while it is read, and keeps the others whole @slow`, async () => {
      await put({ a: sample(2 * MB), b: sample(5 * MB, 2), c: sample(2 * MB, 3), d: "d" });
      let changed: Promise<void> | undefined;
      const onRead = (bytes: number) => {
        if (bytes > 3 * MB) changed ??= change(path("b"));
      };
      const { leftOut } = await pack({ onRead });
      await changed;
      assert.deepEqual(leftOut, ["b"]);
      const hash = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
      assert.deepEqual(
        (await unzip(target)).map(({ name, sha256 }) => [name, sha256]),
        [
          ["in/a", hash(sample(2 * MB))],
          ["in/c", hash(sample(2 * MB, 3))],
          ["in/d", hash("d")],
        ],
      );
    });

  for (const [size, kind] of [
    [3 * MB, ""],
    [150 * MB, " @slow"],
  ] as const)
    it(`packs the first ${size / MB} MB of a log that a program goes on writing to, in a folder and alone${kind}`, async () => {
      const content = sample(size);
      const hash = createHash("sha256").update(content).digest("hex");
      await put({ log: content, small: "line\n" });
      const added: Promise<void>[] = [];
      const onRead = () => void added.push(writeFile(path("log"), "more\n", { flag: "a" }));
      const { leftOut } = await pack({ onRead });
      await Promise.all(added);
      assert.deepEqual(leftOut, []);
      assert.equal((await unzip(target)).find(({ name }) => name === "in/log")?.sha256, hash);
      await rm(target);
      const before = await stat(path("log"));
      assert.ok(before.size > size);
      await packFile(path("log"), options({ onRead }));
      await Promise.all(added);
      const [alone] = await unzip(target);
      const first = (await readFile(path("log"))).subarray(0, before.size);
      assert.equal(alone?.sha256, createHash("sha256").update(first).digest("hex"));
    });

  it("says how far it came when a folder does not fit, and writes no more than that @slow", async () => {
    await put({ a: sample(2 * MB), b: sample(20 * MB, 2) });
    let read = 0;
    const onRead = (bytes: number) => {
      read = bytes;
    };
    await assert.rejects(pack({ maxBytes: 4 * MB, onRead }), {
      code: "archive-too-large",
      message:
        /^The zip of “in” is too large: it reached .* after .* of 22 MB; the limit is 4 MB \(4,194,304 bytes\)\.$/,
    });
    assert.ok(read < 8 * MB, `${read}`);
  });

  it("names both sizes when the last bytes are too many", async () => {
    await put({ a: sample(MB) });
    // The directory at the end does not fit any more.
    await assert.rejects(pack({ maxBytes: MB + 200 }), {
      message: /^The zip of “in” is 1 MB \(1,048,\d+ bytes\); the limit is 1 MB \(1,048,776 bytes\)\.$/,
    });
  });

  for (const [what, at] of [
    ["before the first byte", 0],
    ["in the middle of a large file", 3 * MB],
    ["among small ones", 8 * MB + 50],
  ] as const)
    it(`ends at once when it is cancelled ${what}, and leaves no file open @slow`, async () => {
      await put({
        a: sample(8 * MB),
        ...Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`b${n}`, "x"])),
      });
      const controller = new AbortController();
      if (at === 0) controller.abort();
      let read = 0;
      const onRead = (bytes: number) => {
        read = bytes;
        if (bytes >= at) controller.abort();
      };
      await assert.rejects(
        pack({ signal: controller.signal, onRead }),
        (reason: Error) => reason.name === "AbortError",
      );
      assert.ok(read <= at + 2 * MB, `${read}`);
    });

  it("counts every byte of the list, and never goes back", async () => {
    await put({ a: sample(3 * MB), b: "12345", c: "" });
    const seen: number[] = [];
    await pack({ onRead: (bytes) => seen.push(bytes) });
    assert.equal(seen.at(-1), 3 * MB + 5);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
  });

  it("holds neither the files nor the archive in memory @slow", async () => {
    await put({ noise: sample(16 * MB) });
    await writeFile(path("sparse"), "");
    await truncate(path("sparse"), 96 * MB);
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers;
    const onRead = () => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    };
    await pack({ onRead });
    assert.ok(peak < 32 * MB, `${peak}`);
  });

  describe("one file", () => {
    itNeeds("symbolic links", "puts it into a zip under its own name, also through a link", async () => {
      await put({ "trace.log": "line\n".repeat(100_000) });
      await symlink("trace.log", path("latest"));
      await packFile(path("latest"), options());
      const [entry, ...others] = await unzip(target);
      assert.deepEqual([entry?.name, entry?.size, others.length], ["latest", 500_000, 0]);
    });

    it("puts it into a zip under another name", async () => {
      await put({ "build-7.bin": "content\n" });
      await packFile(path("build-7.bin"), options(), "setup.exe");
      assert.deepEqual(
        (await unzip(target)).map(({ name, size }) => [name, size]),
        [["setup.exe", 8]],
      );
    });

    it("says that it changed, and that it is not there", async () => {
      await put({ a: sample(4 * MB) });
      let changed: Promise<void> | undefined;
      const onRead = () => {
        changed ??= truncate(path("a"), 5);
      };
      await assert.rejects(packFile(path("a"), options({ onRead })), { code: "file-changed" });
      await changed;
      await assert.rejects(packFile(path("nowhere"), options({ target: `${target}2` })), {
        code: "file-missing",
      });
    });

    it("names both sizes when it does not fit", async () => {
      await put({ noise: sample(2 * MB) });
      await assert.rejects(packFile(path("noise"), options({ maxBytes: MB })), {
        code: "archive-too-large",
        message: /“noise”.*the limit is 1 MB \(1,048,576 bytes\)/,
      });
      assert.equal(basename(target), "out.zip");
    });
  });
});
