import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFile,
  chmod,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
} from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { READ_BYTES } from "../../../src/files/fileReader.ts";
import { FileSource, inspectFile, type FileSource as Source } from "../../../src/files/fileSource.ts";
import { fileError } from "../../../src/files/fileTrouble.ts";
import { PieceSums } from "../../../src/files/secondLook.ts";
import { Folder, sample } from "../../support/files.ts";
import { itFor } from "../../support/systems.ts";

const MB = 1024 * 1024;
const LIMIT = 157_286_400;
const SIZE = 5 * MB + 77;

describe("A file to send", () => {
  const content = sample(SIZE);
  let folder: Folder;
  let path: string;
  let source: Source | undefined;

  before(async () => {
    folder = await Folder.make();
    path = await folder.file("big.bin", content);
  });
  after(() => folder.remove());
  afterEach(async () => {
    await source?.close();
    source = undefined;
  });

  async function opened(at: string): Promise<Source> {
    source = await FileSource.open(at, LIMIT);
    return source;
  }

  /** How often this process has a file open; undefined where the system does not tell. */
  async function holders(at: string): Promise<number | undefined> {
    if (process.platform !== "linux") return undefined;
    const open = await readdir("/proc/self/fd");
    const targets = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
    return targets.filter((target) => target === at).length;
  }

  /** Reads everything, copying, for the buffers are used again. */
  async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const copies: Buffer[] = [];
    for await (const chunk of chunks) copies.push(Buffer.from(chunk));
    return Buffer.concat(copies);
  }

  describe("is refused", () => {
    for (const [what, make, code, words] of [
      [
        "when it is not there",
        () => join(folder.path, "gone.bin"),
        "file-missing",
        "“gone.bin” is no longer there",
      ],
      ["when its folder is a file", () => join(path, "inner.bin"), "file-missing", "“inner.bin”"],
      ["when it is empty", () => folder.file("empty.bin", ""), "file-empty", "“empty.bin” is empty"],
      ["when it is a folder", () => folder.path, "file-is-folder", "is a folder"],
      [
        "when its links go in a circle",
        async () => {
          const loop = join(folder.path, "loop.bin");
          await symlink(loop, loop);
          return loop;
        },
        "file-unreadable",
        "“loop.bin” cannot be read (ELOOP)",
      ],
      [
        "when it is a pipe, which would never end",
        () => {
          const pipe = join(folder.path, "pipe.bin");
          execFileSync("mkfifo", [pipe]);
          return pipe;
        },
        "file-unreadable",
        "“pipe.bin” is not a regular file",
      ],
      [
        "when it is one byte over the limit",
        async () => {
          const sparse = await folder.file("sparse.bin", "");
          await truncate(sparse, LIMIT + 1);
          return sparse;
        },
        "file-too-large",
        "“sparse.bin” is 150 MB (157,286,401 bytes); the limit is 150 MB (157,286,400 bytes).",
      ],
    ] as const)
      itFor(what.includes("links") ? "symbolic links" : what.includes("pipe") && "named pipes")(
        what,
        async () => {
          const at = await make();
          for (const look of [inspectFile, FileSource.open])
            await assert.rejects(look(at, LIMIT), (reason: unknown) => {
              assert.ok(reason instanceof Error && "code" in reason);
              assert.equal(reason.code, code);
              assert.ok(reason.message.includes(words), reason.message);
              return true;
            });
        },
      );
  });

  for (const [code, isWindows, words] of [
    ["EBUSY", true, "“mail.pst” is open in another program. Close it there, then try again."],
    ["EBUSY", false, "“mail.pst” is open in another program. Close it there, then try again."],
    ["EPERM", true, "“mail.pst” cannot be opened: another program is using it, or you may not read it."],
    [
      "UNKNOWN",
      true,
      "“mail.pst” cannot be read now. If it is kept online only, make it available offline, then try again.",
    ],
    ["UNKNOWN", false, "“mail.pst” cannot be read (UNKNOWN)."],
    ["EPERM", false, "“mail.pst” cannot be read: permission denied."],
    ["EACCES", true, "“mail.pst” cannot be read: permission denied."],
    ["EIO", true, "“mail.pst” cannot be read (EIO)."],
    [
      "ERR_UNC_HOST_NOT_ALLOWED",
      true,
      "“mail.pst” is on a server that VS Code may not open. Add the server to the setting security.allowedUNCHosts.",
    ],
  ] as const)
    it(`says what helps when it cannot be opened (${code}${isWindows ? " on Windows" : ""})`, () => {
      const { message, remedy } = fileError(
        join("folder", "mail.pst"),
        Object.assign(new Error(code), { code }),
        isWindows,
      );
      assert.deepEqual([message, remedy], [words, "retry"]);
    });

  it("may be exactly as large as the limit", async () => {
    const sparse = await folder.file("limit.bin", "");
    await truncate(sparse, LIMIT);
    assert.equal((await inspectFile(sparse, LIMIT)).size, LIMIT);
  });

  it("may have one byte", async () => {
    const tiny = await opened(await folder.file("tiny.bin", "x"));
    assert.equal(String(await collect(tiny.reader().read(0, 1))), "x");
  });

  for (const name of ["größe 📦.bin", "cafe\u0301.bin", "קובץ.bin", "a'bc&d;e.bin", 'a"b.bin'])
    itFor(name.includes('"') && "names with any sign")(`may be called ${name}`, async () => {
      const unicode = await opened(await folder.file(name, "x"));
      assert.equal(unicode.version.size, 1);
    });

  it("is read byte for byte, in chunks that may go out at once", async () => {
    const lengths: number[] = [];
    const copies: Buffer[] = [];
    for await (const chunk of (await opened(path)).reader().read(0, SIZE)) {
      lengths.push(chunk.length);
      copies.push(Buffer.from(chunk));
    }
    assert.ok(Buffer.concat(copies).equals(content));
    assert.deepEqual(lengths, [...Array(5).fill(READ_BYTES), 77]);
  });

  it("is read the same from any offset, for any length, with one reader", async () => {
    const reader = (await opened(path)).reader();
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE), fc.nat(3 * MB), async (offset, length) => {
        const read = await collect(reader.read(offset, length));
        assert.ok(read.equals(content.subarray(offset, offset + length)));
      }),
      { numRuns: 50 },
    );
  });

  it("leaves a chunk alone until the second next one is asked for", async () => {
    const chunks = (await opened(path)).reader().read(0, SIZE);
    let offset = 0;
    let before: Uint8Array | undefined;
    for await (const chunk of chunks) {
      // Whoever is slow still holds this one and the one before it.
      await new Promise(setImmediate);
      assert.ok(content.subarray(offset, offset + chunk.length).equals(chunk));
      if (before !== undefined)
        assert.ok(content.subarray(offset - before.length, offset).equals(before), `before ${offset}`);
      offset += chunk.length;
      before = chunk;
    }
  });

  it("needs four buffers, however large it is", async () => {
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of (await opened(path)).reader().read(0, SIZE)) buffers.add(chunk.buffer);
    assert.equal(buffers.size, 4);
  });

  it("gives each reader buffers of its own", async () => {
    const file = await opened(path);
    const buffersOf = async () => {
      const seen = new Set<ArrayBufferLike>();
      for await (const chunk of file.reader().read(0, SIZE)) seen.add(chunk.buffer);
      return seen;
    };
    const [one, other] = [await buffersOf(), await buffersOf()];
    assert.ok([...one].every((buffer) => !other.has(buffer)));
  });

  it("can be left in the middle, and closed", async () => {
    const file = await FileSource.open(path, LIMIT);
    for await (const _ of file.reader().read(0, SIZE)) break;
    const unread = file.reader().read(0, SIZE);
    await file.close();
    await assert.rejects(unread.next(), { code: "file-unreadable" });
    assert.ok(!process.getActiveResourcesInfo().includes("FileHandle"));
  });

  describe("that changes", () => {
    let changing: string;
    let file: Source;

    beforeEach(async () => {
      changing = await folder.file("changing.bin", content);
      const old = new Date(Date.now() - 60_000);
      await utimes(changing, old, old);
      file = await opened(changing);
    });

    it("is the same as long as nothing happens", async () => {
      await file.assertVersion();
      await file.assertVersion({ ...file.version });
    });

    for (const [what, change] of [
      ["is written to", () => open(changing, "r+").then(async (h) => h.write("x").then(() => h.close()))],
      ["grows", () => appendFile(changing, "x")],
      ["is cut", () => truncate(changing, 10)],
      ["is touched", () => utimes(changing, new Date(), new Date())],
      [
        "is replaced by another file of the same size",
        async () => rename(await folder.file("other.bin", sample(SIZE, 2)), changing),
      ],
    ] as const)
      it(`is no longer the same when it ${what}`, async () => {
        await file.letGo(); // Windows replaces nothing that is open.
        await change();
        await assert.rejects(file.assertVersion(), { code: "file-changed", remedy: "uploadNewVersion" });
      });

    it("is not the one that an earlier upload began with", async () => {
      const { version } = file;
      const [size, mtimeMs] = [version.size - 1, version.mtimeMs - 1];
      await assert.rejects(file.assertVersion({ ...version, size }), { code: "file-changed" });
      await assert.rejects(file.assertVersion({ ...version, mtimeMs }), { code: "file-changed" });
    });

    for (const [what, change] of [
      [
        "is written to by what keeps its time",
        async () => {
          const { atime, mtime } = await stat(changing);
          await utimes(changing, atime, mtime); // To whole milliseconds, as the times that are set below.
          await file.close();
          file = await opened(changing);
          const handle = await open(changing, "r+");
          await handle.write("x", SIZE - 1);
          await handle.close();
          await utimes(changing, atime, mtime);
        },
      ],
      [
        "is replaced by a file of the same size and time",
        async () => {
          const { atime, mtime } = await stat(changing);
          const twin = await folder.file("twin.bin", sample(SIZE, 2));
          await utimes(twin, atime, mtime);
          await utimes(changing, atime, mtime);
          await file.close();
          file = await opened(changing);
          await file.letGo();
          await rename(twin, changing);
        },
      ],
    ] as const)
      it(`is looked at more closely when it ${what}`, async () => {
        await change();
        assert.equal(await file.assertVersion(), "touched");
        const sums = new PieceSums();
        sums.note(0, content);
        await assert.rejects(file.assertStill(sums.pieces), { code: "file-changed" });
      });

    it("is the same again once its bytes were compared", async () => {
      await chmod(changing, 0o600);
      assert.equal(await file.assertVersion(), "touched");
      const sums = new PieceSums();
      sums.note(0, content);
      await file.assertStill(sums.pieces);
      assert.equal(await file.assertVersion(), "same");
      await rm(changing);
      await file.assertStill(sums.pieces);
    });

    itFor("named pipes")("is compared with nothing that would wait for a writer", async () => {
      await rm(changing);
      execFileSync("mkfifo", [changing]);
      await assert.rejects(file.assertStill([]), { code: "file-changed" });
      await rm(changing);
    });

    it("is open for nobody while it is let go, and is opened again as the same", async () => {
      const shy = await FileSource.open(changing, LIMIT, undefined, { holdsOthersUp: true });
      const before = await holders(changing);
      await shy.letGo();
      if (before !== undefined) assert.equal(await holders(changing), before - 1);
      assert.ok((await collect(shy.reader().read(0, SIZE))).equals(content));
      await shy.letGo();
      await utimes(changing, 1, 1);
      await assert.rejects(collect(shy.reader().read(0, 1)), { code: "file-changed" });
      await shy.close();
    });

    it("is finished from its handle when it is deleted", async () => {
      await rm(changing);
      await file.assertVersion();
      assert.ok((await collect(file.reader().read(0, SIZE))).equals(content));
    });

    it("fails the reading when it ends early, also within what was read ahead", async () => {
      for (const length of [0, 10, READ_BYTES, READ_BYTES + 1, SIZE - 1]) {
        await folder.file("changing.bin", content);
        const reading = collect(file.reader().read(0, SIZE)).catch(() => {}); // It may be faster.
        await truncate(changing, length);
        await reading;
        await assert.rejects(collect(file.reader().read(0, SIZE)), { code: "file-changed" });
      }
    });

    it("is read only as far as it was when it was opened", async () => {
      await appendFile(changing, "more");
      assert.equal((await collect(file.reader().read(0, SIZE + 4))).length, SIZE);
    });

    it("does not matter to a folder of the same name that comes instead", async () => {
      await file.letGo();
      await rm(changing);
      await mkdir(changing);
      await assert.rejects(file.assertVersion(), { code: "file-changed" });
      await rm(changing, { recursive: true });
    });
  });
});
