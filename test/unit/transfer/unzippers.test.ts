import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listFolder } from "../../../src/files/folder/folderWalk.ts";
import { packFolder } from "../../../src/files/zip/packing.ts";
import { Folder, sample } from "../../support/files.ts";

const MB = 1024 * 1024;

describe("An archive is whole for", () => {
  let folder: Folder;
  let target: string;
  before(async () => {
    folder = await Folder.make();
    target = join(folder.path, "out.zip");
    await mkdir(join(folder.path, "in", "deep"), { recursive: true });
    const text = Buffer.from("line after line\n".repeat(200_000));
    for (const [name, content] of Object.entries({
      empty: "",
      tiny: "x",
      "deep/text": text,
      "deep/noise": sample(2 * MB + 1),
      mixed: Buffer.concat([text, sample(MB), text.subarray(0, 700_000), sample(5)]),
      "Grüße 報告": "hello",
    }))
      await writeFile(join(folder.path, "in", name), content);
    const signal = new AbortController().signal;
    const listing = await listFolder(join(folder.path, "in"), { useIgnoreFiles: false, signal });
    await packFolder(listing, { target, maxBytes: 100 * MB, signal, onRead: () => {} });
  });
  after(() => folder.remove());

  for (const [program, ask, args] of [
    ["unzip", ["-v"], ["-tqq"]],
    ["7z", ["i"], ["t"]],
    ["bsdtar", ["--version"], ["-xOf"]],
    ["python3", ["--version"], ["-m", "zipfile", "-t"]],
  ] as const) {
    const isThere = spawnSync(program, ask).status === 0;
    (isThere ? it : it.skip)(`${program}${isThere ? "" : ` (needs ${program})`}`, () => {
      const said = execFileSync(program, [...args, target], {
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 100 * MB,
      });
      if (program === "python3") assert.doesNotMatch(String(said), /corrupt|bad/i);
    });
  }
});
