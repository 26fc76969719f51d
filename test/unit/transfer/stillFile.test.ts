import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { appendFile, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyAtOneMoment, firstBytesOf } from "../../../src/files/stillFile.ts";
import { Folder, sample } from "../../support/files.ts";
import { sha256 } from "../../support/sha256.ts";
import { itNeeds } from "../../support/systems.ts";

const size = 3_000_000;
const content = sample(size);
const { signal } = new AbortController();
/** As on a disk that makes no copies at once. */
const slowly = { signal, clone: async () => false };

describe("A file that programs go on writing to", () => {
  let folder: Folder;
  let path: string;
  let target: string;
  beforeEach(async () => {
    folder = await Folder.make();
    path = await folder.file("server.log", content);
    target = join(folder.path, "copy.log");
  });
  afterEach(() => folder.remove());

  const known = (bytes: number) => ({ bytes, sha256: sha256(content.subarray(0, bytes)) });

  for (const bytes of [undefined, 0, 1, 1_048_576, size])
    it(`has the first bytes that it had when ${bytes ?? "none"} of them are known`, async () => {
      await appendFile(path, "more");
      const first = await firstBytesOf(path, bytes === undefined ? null : known(bytes), signal);
      assert.equal(first?.version.size, size + 4);
      assert.equal(first.sha256, sha256(await readFile(path)));
    });

  for (const [what, change] of [
    ["written over at its beginning", () => writeFile(path, "x", { flag: "r+" })],
    ["begun anew", () => writeFile(path, "a new day")],
    ["cut", () => truncate(path, 1_999_999)],
  ] as const)
    it(`does not have them when it was ${what}`, async () => {
      await change();
      assert.equal(await firstBytesOf(path, known(2_000_000), signal), undefined);
    });

  it("is missing or empty as any other file is", async () => {
    await truncate(path, 0);
    await assert.rejects(firstBytesOf(path, null, signal), { code: "file-empty" });
    await assert.rejects(copyAtOneMoment(path, target, { signal }), { code: "file-empty" });
    await rm(path);
    await assert.rejects(firstBytesOf(path, null, signal), { code: "file-missing" });
    await assert.rejects(copyAtOneMoment(path, target, { signal }), { code: "file-missing" });
    await assert.rejects(stat(target), { code: "ENOENT" });
  });

  it("is copied as it is, while it grows", async () => {
    const told: number[] = [];
    const onCopied = (bytes: number) => {
      told.push(bytes);
      appendFileSync(path, "more");
    };
    const version = await copyAtOneMoment(path, target, { ...slowly, onCopied });
    assert.equal(version.size, size);
    assert.ok((await readFile(target)).equals(content));
    assert.equal(told.at(-1), size);
  });

  for (const clone of [undefined, async () => false])
    itNeeds(
      "permissions of Unix",
      `is copied for its owner alone${clone ? ", byte by byte" : ""}`,
      async () => {
        await copyAtOneMoment(path, target, { signal, ...(clone === undefined ? {} : { clone }) });
        assert.equal((await stat(target)).mode & 0o077, 0);
        assert.ok((await readFile(target)).equals(content));
      },
    );

  it("is copied at another try where it was written over in the middle of the first", async () => {
    const other = sample(size, 2);
    let tries = 0;
    const onCopied = (bytes: number) => {
      if (bytes === size && ++tries === 1) writeFileSync(path, other);
    };
    await copyAtOneMoment(path, target, { ...slowly, onCopied });
    assert.equal(tries, 2);
    assert.ok((await readFile(target)).equals(other), "and nothing of what it was before");
  });

  it("is not copied where it never holds still, and nothing stays of it", async () => {
    let round = 1;
    const onCopied = (bytes: number) => {
      if (bytes === size) writeFileSync(path, sample(1000, 2 * round++ + 1), { flag: "r+" });
    };
    const copying = copyAtOneMoment(path, target, { ...slowly, onCopied });
    await assert.rejects(copying, { code: "file-changed", message: /changes all the time/ });
    await assert.rejects(stat(target), { code: "ENOENT" });
  });

  it("is not begun to be copied where the disk has no room for it", async () => {
    const copying = copyAtOneMoment(path, target, { ...slowly, freeBytes: async () => 1_000_000 });
    await assert.rejects(copying, {
      code: "disk-full",
      message:
        "There is not enough space on the disk for a copy of “server.log”: it takes 2.86 MB, and 977 KB are free.",
    });
    await assert.rejects(stat(target), { code: "ENOENT" });
  });

  it("is not copied on when that is cancelled", async () => {
    const cancel = new AbortController();
    const copying = copyAtOneMoment(path, target, {
      ...slowly,
      signal: cancel.signal,
      onCopied: () => cancel.abort(),
    });
    await assert.rejects(copying, { name: "AbortError" });
    await assert.rejects(stat(target), { code: "ENOENT" });
  });
});
