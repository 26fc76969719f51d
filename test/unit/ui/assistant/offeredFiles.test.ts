import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { inspectFile } from "../../../../src/files/fileSource.ts";
import { listFiles, offeredFiles } from "../../../../src/ui/assistant/offeredFiles.ts";
import { Folder } from "../../../support/files.ts";
import { itNeeds } from "../../../support/systems.ts";

describe("The files that a language model offers", () => {
  let workspace: Folder;
  let elsewhere: Folder;
  const options = (isTrusted = true) => ({
    folders: () => [workspace.path],
    isTrusted: () => isTrusted,
    inspect: (path: string) => inspectFile(path, 1_000),
  });

  beforeEach(async () => {
    workspace = await Folder.make();
    elsewhere = await Folder.make();
  });
  afterEach(() => Promise.all([workspace.remove(), elsewhere.remove()]));

  it("are taken once each, with their sizes, from inside the open folders", async () => {
    await mkdir(join(workspace.path, "deep"));
    const path = await workspace.file("deep/build.bin", new Uint8Array(900));
    assert.deepEqual(await offeredFiles([join("deep", "build.bin")], options()), [
      { path, name: "build.bin", size: 900 },
    ]);
    const files = await offeredFiles([path, path], options());
    assert.deepEqual(files, [{ path, name: "build.bin", size: 900 }]);
    assert.equal(listFiles(files), "build.bin (900 bytes)");
  });

  it("are none in Restricted Mode", async () => {
    const path = await workspace.file("a.txt", "a");
    await assert.rejects(offeredFiles([path], options(false)), /Restricted Mode/);
  });

  itNeeds(
    "symbolic links",
    "are refused when a link in the folder stands for something outside",
    async () => {
      const target = await elsewhere.file("a.txt", "a");
      const link = join(workspace.path, "link.txt");
      await symlink(target, link);
      for (const path of [target, link, join(workspace.path, "..", "a.txt"), "link.txt", "../a.txt"])
        await assert.rejects(offeredFiles([path], options()), /is not inside a folder that is open/);
    },
  );

  itNeeds(
    "symbolic links",
    "are refused when a link with a harmless name leads to a secret inside",
    async () => {
      const secret = await workspace.file(".env", "A=1\n");
      const link = join(workspace.path, "notes.txt");
      await symlink(secret, link);
      await assert.rejects(offeredFiles([link], options()), /looks like an environment file/);
    },
  );

  for (const [what, name, content, message] of [
    ["a secret by its name", "id_rsa", "x", /private SSH key.*the person can/],
    ["a secret by its text", "a.txt", `-----BEGIN ${"PRIVATE"} KEY-----`, /looks like a private key/],
    ["an empty file", "a.txt", "", /is empty/],
    [
      "one that is too large, with what could be done",
      "a.bin",
      new Uint8Array(1_001),
      /limit is .*Split or zip it\./,
    ],
  ] as const)
    it(`are refused for ${what}`, async () => {
      await assert.rejects(offeredFiles([await workspace.file(name, content)], options()), message);
    });

  it("are refused when they are folders, or not there", async () => {
    await mkdir(join(workspace.path, "build"));
    await assert.rejects(
      offeredFiles([join(workspace.path, "build")], options()),
      /Zip it into one file first/,
    );
    for (const path of [join(workspace.path, "gone"), "gone"])
      await assert.rejects(offeredFiles([path], options()), /There is no file/);
  });
});
