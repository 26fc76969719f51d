/** What no run of all tests has the time for: `npm run slow:archives`. It takes some minutes, and 9 GB of the temporary folder. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { type FolderListing, listFolder } from "../../src/files/folder/folderWalk.ts";
import { packFolder } from "../../src/files/zip/packing.ts";
import { Folder, sample } from "../support/files.ts";

const MB = 1024 * 1024;
const FILES = 60_000;
const EMPTY_FOLDERS = 10_000;
/** More than 32 bits count: of the entry, and of where those behind it begin. */
const LARGE_BYTES = 4_100 * MB;
/** Names that Windows cannot have, and two that it takes for one. */
const ODD = [
  "CON.txt",
  "aux",
  "a:b",
  "ends with a dot.",
  "ends with a blank ",
  "what?",
  "Case",
  "case",
  "tab\tx",
];

describe("An archive of 60,000 files, 70,000 entries and 4 GB", () => {
  let folder: Folder;
  let target: string;
  let listing: FolderListing;
  const { signal } = new AbortController();
  const pack = (given: { readonly signal?: AbortSignal; readonly onRead?: (bytes: number) => void } = {}) =>
    packFolder(listing, {
      target,
      maxBytes: Number.MAX_SAFE_INTEGER,
      signal: given.signal ?? signal,
      onRead: given.onRead ?? (() => {}),
    });

  before(async () => {
    folder = await Folder.make();
    target = join(folder.path, "out.zip");
    const source = join(folder.path, "in");
    for (let part = 0; part < FILES / 1_000; part++) {
      const into = join(source, `part-${part}`);
      await mkdir(into, { recursive: true });
      for (let at = 0; at < 1_000; at++)
        await writeFile(join(into, `file-${at}.txt`), `${part} ${at} Grüße\n`.repeat(at % 50));
    }
    for (let at = 0; at < EMPTY_FOLDERS; at++)
      await mkdir(join(source, "empty", `${at % 100}`, `${at}`), { recursive: true });
    for (const name of process.platform === "win32" ? [] : ODD) await writeFile(join(source, name), name);
    // No deflate looks back as far as it repeats itself. It is packed first.
    const large = await open(join(source, "0-large.bin"), "w");
    const noise = sample(MB);
    for (let written = 0; written < LARGE_BYTES; written += MB) await large.write(noise);
    await large.close();
    listing = await listFolder(source, { useIgnoreFiles: false, signal });
  });
  after(() => folder.remove());

  it("ends at once on Cancel, and leaves no thread behind", async () => {
    for (const readBefore of [MB, LARGE_BYTES + 20_000]) {
      const controller = new AbortController();
      let cancelledAt = 0;
      const onRead = (bytes: number) => {
        if (bytes < readBefore || controller.signal.aborted) return;
        cancelledAt = performance.now();
        controller.abort();
      };
      await assert.rejects(pack({ signal: controller.signal, onRead }), { name: "AbortError" });
      console.log(`      over ${(performance.now() - cancelledAt).toFixed(0)} ms after Cancel`);
      await rm(target);
    }
  });

  it("is the same each time, byte for byte", async () => {
    const hashes: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      await rm(target, { force: true });
      const startedAt = performance.now();
      const { bytes, leftOut } = await pack();
      console.log(`      ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${bytes} bytes`);
      assert.deepEqual(leftOut, []);
      assert.equal((await stat(target)).size, bytes);
      const hash = createHash("sha256");
      await pipeline(createReadStream(target), hash);
      hashes.push(hash.digest("hex"));
    }
    assert.equal(hashes[0], hashes[1]);
  });

  it("has the names of all of it, and none that Windows cannot have or takes for another", async () => {
    const archive = await openPromise(target, { strictFileNames: true, autoClose: false });
    const names = new Set<string>();
    let files = 0;
    for await (const { fileName } of archive.eachEntry()) {
      files += Number(!fileName.endsWith("/"));
      for (const part of fileName.replace(/\/$/, "").split("/")) {
        assert.doesNotMatch(part, /[<>:"|?*\\\p{Cc}]|[. ]$|^$/u);
        assert.doesNotMatch(part, /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
      }
      names.add(posix.normalize(fileName).normalize("NFC").toLowerCase());
    }
    archive.close();
    assert.equal(files, listing.files.length);
    assert.equal(names.size, listing.files.length + listing.emptyFolders.length);
    assert.ok(files > FILES && names.size > FILES + EMPTY_FOLDERS);
  });

  for (const [program, ask, args] of [
    ["unzip", ["-v"], ["-tqq"]],
    ["7z", ["i"], ["t", "-bso0", "-bsp0"]],
    ["bsdtar", ["--version"], ["-tf"]],
    ["python3", ["--version"], ["-m", "zipfile", "-t"]],
  ] as const) {
    const isThere = spawnSync(program, ask).status === 0;
    (isThere ? it : it.skip)(`is whole for ${program}${isThere ? "" : ` (needs ${program})`}`, () => {
      const said = execFileSync(program, [...args, target], {
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 100 * MB,
      });
      if (program === "python3") assert.doesNotMatch(String(said), /corrupt|bad/i);
    });
  }
});
