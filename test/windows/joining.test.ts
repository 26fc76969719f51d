/** Files in parts, put together by the command that their mails name. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { textWithSet } from "../../src/delivery/body/setNote.ts";
import { plainName } from "../../src/delivery/compose/cutFiles.ts";
import { Folder, sample } from "../support/files.ts";

describe("A file in parts on Windows", () => {
  let folder: Folder;
  before(() => assert.equal(process.platform, "win32", "npm run test:windows"));
  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  for (const name of [
    "film.mp4",
    "My film & 100% of 'it' (2)^!.mp4",
    "Überblick é.zip",
    "日本.bin",
    "_con.mp4",
    "/b+nul.zip",
  ])
    it(`is put together by the command of its mail: ${name}`, async () => {
      const joined = plainName(name);
      // Nothing that ends a line or a text for other programs must end a part.
      const bytes = [sample(70_000), Buffer.from("\x1a\r\n\0\x1a"), sample(5_000, 2)];
      const parts = bytes.map((_, at) => ({ name: `${joined}.00${at + 1}` }));
      for (const [at, part] of parts.entries()) await folder.file(part.name, bytes[at] ?? "");
      const cut = [{ name, joined, size: 75_005, sha256: "", parts }];
      const text = textWithSet("", {
        set: { mails: ["a"], at: 0, files: [], cut },
        attachments: [],
      } as never);
      const [, command = ""] = /On Windows:\r?\n(.+)/.exec(text) ?? [];
      const { status, stderr } = spawnSync(command, { shell: true, cwd: folder.path, encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""], command);
      assert.deepEqual(await readFile(join(folder.path, joined)), Buffer.concat(bytes));
    });
});
