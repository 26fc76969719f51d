import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "../../../src/files/fileHash.ts";
import { READ_BYTES } from "../../../src/files/fileReader.ts";
import { Folder } from "../../support/files.ts";

describe("The hash of a file on the disk", () => {
  const content = randomBytes(2 * READ_BYTES + 1);
  const never = new AbortController().signal;
  let folder: Folder;
  let path: string;

  beforeEach(async () => {
    folder = await Folder.make();
    path = join(folder.path, "build.bin");
    await writeFile(path, content);
  });
  afterEach(() => folder.remove());

  it("is that of its bytes, with the version that was read", async () => {
    const { size, mtimeMs } = await stat(path);
    const sha256 = createHash("sha256").update(content).digest("hex");
    assert.deepEqual(await hashFile(path, never), { sha256, size, mtimeMs });
  });

  it("is not told of a file that changes meanwhile", async () => {
    // Asked before each piece is taken: by then the file is open.
    const growing = new AbortController().signal;
    growing.throwIfAborted = () => appendFileSync(path, "more");
    const hashed = hashFile(path, growing);
    await assert.rejects(hashed, { code: "file-changed" });
  });

  it("ends with its signal", async () => {
    await assert.rejects(hashFile(path, AbortSignal.abort()), { name: "AbortError" });
  });
});
