import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Md5Thread } from "../../../src/files/md5Thread.ts";
import { Folder, sample } from "../../support/files.ts";

const MB = 1024 * 1024;

describe("The MD5 of a large file", () => {
  let folder: Folder;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  for (const bytes of [1, MB - 1, MB, 3 * MB + 7])
    it(`is that of its ${bytes} bytes`, async () => {
      const content = sample(bytes);
      const thread = new Md5Thread(await folder.file("a.bin", content), bytes);
      assert.equal(await thread.digest(), createHash("md5").update(content).digest("base64"));
      await thread.end();
    });

  it("is not known of what cannot be read whole", async () => {
    await mkdir(join(folder.path, "sub"));
    const short = await folder.file("short.bin", "short");
    for (const path of [join(folder.path, "nowhere"), join(folder.path, "sub"), short]) {
      const thread = new Md5Thread(path, 100);
      assert.equal(await thread.digest(), undefined);
      await thread.end();
    }
  });

  it("ends when nobody waits for it any more", async () => {
    const thread = new Md5Thread(await folder.file("a.bin", sample(MB)), MB);
    await thread.end();
    // Whichever came first.
    await thread.digest();
  });

  it("is not worth a thread of a small file", async () => {
    assert.equal(Md5Thread.forLarge("nowhere", 16 * MB - 1), undefined);
    const thread = Md5Thread.forLarge("nowhere", 16 * MB);
    assert.ok(thread);
    await thread.end();
  });
});
