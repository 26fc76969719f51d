import assert from "node:assert/strict";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { directoryRecord, endRecords, localHeader, type ZipEntry } from "../../../src/files/zip/zipFormat.ts";
import { ZipWriter } from "../../../src/files/zip/zipWriter.ts";
import { Folder } from "../../support/files.ts";
import { zipDirectory } from "../../support/zips.ts";

const GB = 1024 ** 3;
const nothing = { body: undefined, sum: 0 };

describe("A zip archive beyond the old limits", () => {
  let folder: Folder;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  it("can have more than 65,535 entries @slow", async () => {
    const path = await folder.file("many.zip", "");
    const output = await open(path, "r+");
    const zip = new ZipWriter(output);
    for (let at = 0; at < 66_000; at++)
      await zip.addSmall({ name: `f/${at}`, mtimeMs: 1e12, mode: 0o644, size: 0 }, Buffer.alloc(0), nothing);
    const bytes = await zip.finish();
    assert.equal((await output.stat()).size, bytes);
    await output.close();
    const entries = await zipDirectory(path);
    assert.equal(entries.length, 66_000);
    assert.equal(entries.at(-1)?.fileName, "f/65999");
  });

  it("can have entries larger than 4 GB, and entries that begin behind 4 GB", async () => {
    // The bytes between are a hole: nobody waits for them to be compressed.
    const entry = (name: string, given: Partial<ZipEntry>): ZipEntry => ({
      name: Buffer.from(name),
      mtimeMs: 1e12,
      mode: 0o644,
      deflated: true,
      crc32: 7,
      size: 100,
      packedSize: 50,
      offset: 0,
      ...given,
    });
    const wide = entry("wide", { size: 9 * GB, packedSize: 5 * GB });
    const far = entry("far", { offset: 6 * GB });
    const directoryAt = 6 * GB + 200;
    const directory = Buffer.concat([wide, far].map(directoryRecord));
    const path = join(folder.path, "wide.zip");
    await writeFile(path, localHeader(wide));
    const output = await open(path, "r+");
    await output.write(localHeader(far), 0, undefined, far.offset);
    await output.write(directory, 0, undefined, directoryAt);
    const end = endRecords({ entries: 2, offset: directoryAt, bytes: directory.length });
    await output.write(end, 0, undefined, directoryAt + directory.length);
    await output.close();
    assert.deepEqual(
      (await zipDirectory(path)).map((found) => [
        found.fileName,
        found.uncompressedSize,
        found.compressedSize,
        found.relativeOffsetOfLocalHeader,
      ]),
      [
        ["wide", 9 * GB, 5 * GB, 0],
        ["far", 100, 50, 6 * GB],
      ],
    );
  });

  for (const [what, mtimeMs, shown] of [
    ["before 1980", -86_400_000, "1969-12-31T00:00:00.000Z"],
    ["after 2038", 4e12, "2038-01-19T03:14:07.000Z"],
  ] as const)
    it(`takes a time ${what}`, async () => {
      const path = await folder.file("old.zip", "");
      const output = await open(path, "r+");
      const zip = new ZipWriter(output);
      await zip.addSmall({ name: "a", mtimeMs, mode: 0o644, size: 1 }, Buffer.from("a"), nothing);
      await zip.finish();
      await output.close();
      assert.equal((await zipDirectory(path))[0]?.getLastModDate().toISOString(), shown);
    });
});
