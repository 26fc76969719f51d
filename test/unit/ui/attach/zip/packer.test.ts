import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../../../../src/base/errors.ts";
import type { SecretAnswer } from "../../../../../src/delivery/rules/secretDoor.ts";
import { inspectFile } from "../../../../../src/files/fileSource.ts";
import { copyAtOneMoment } from "../../../../../src/files/stillFile.ts";
import { ArchiveFolder } from "../../../../../src/files/zip/archives.ts";
import { Packer, type PackerOptions } from "../../../../../src/ui/attach/zip/packer.ts";
import { Folder, sample } from "../../../../support/files.ts";
import { MemoryLog } from "../../../../support/memory.ts";
import { ScriptedDialogs } from "../../../../support/scriptedDialogs.ts";
import { sha256 } from "../../../../support/sha256.ts";
import { unzip } from "../../../../support/zips.ts";

const limit = { bytes: 10_000 };
const { signal } = new AbortController();
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n";

describe("What cannot be attached as it is", () => {
  let home: Folder;
  let folder: string;
  let archives: ArchiveFolder;
  /** What was given to a mail, as it was then. */
  let given: string[][];
  let failed: string[];
  let dialogs: ScriptedDialogs;
  let vouched: string[];
  let secrets: unknown[];

  const write = (name: string, content: string | Uint8Array) => home.file(name, content);
  /** The files in a zip. */
  const inside = async (zip: string) => (await unzip(zip)).map(({ name }) => name).sort();
  const give = async (paths: readonly string[]) => {
    const seen = paths.map(async (path) =>
      archives.has(path) ? `${basename(path)}: ${(await inside(path)).join(" ")}` : basename(path),
    );
    given.push(await Promise.all(seen));
  };

  function packer({
    presses = [],
    answers = [],
    ...options
  }: Partial<PackerOptions> & {
    presses?: readonly string[];
    answers?: readonly SecretAnswer[];
  } = {}): Packer {
    dialogs = new ScriptedDialogs(...presses);
    const left = [...answers];
    return new Packer({
      archives,
      secretDoor: {
        ask: async (found, hasOthers) => {
          secrets.push([found.map(({ name }) => name), hasOthers]);
          return left.shift() ?? "nothing";
        },
        vouch: (path) => void vouched.push(basename(path)),
      },
      settle: (path) => archives.remove(path),
      takeCopy: async (path) => {
        const { folder: own, pathOf, release } = await archives.makeRoom();
        const copy = pathOf(basename(path));
        const letGo = () => {
          release();
          return archives.remove(join(own, "copy"));
        };
        return { path: copy, version: await copyAtOneMoment(path, copy, { signal }), letGo };
      },
      inspect: (path, { bytes, limitOf }) => inspectFile(path, bytes, limitOf),
      showProgress: (_title, closing, work) => work(closing, () => {}),
      isTrusted: () => true,
      dialogs,
      notifier: {
        failed: (reason) => void failed.push(reason instanceof Error ? reason.message : ""),
        offer: async (error, advice, step) =>
          (await dialogs.tell("error", `${error.message} ${advice}`, step)) === step,
      },
      log: new MemoryLog(),
      ...options,
    });
  }

  beforeEach(async () => {
    home = await Folder.make();
    folder = join(home.path, "site");
    await mkdir(folder);
    await write("site/index.html", "hello");
    await write("site/notes.txt", "later");
    archives = new ArchiveFolder(join(home.path, "archives"), () => 0);
    given = [];
    failed = [];
    vouched = [];
    secrets = [];
  });
  afterEach(async () => {
    await archives.sweep(() => false);
    await home.remove();
  });

  const hasLeftovers = async () => {
    return (await readdir(join(home.path, "archives")).catch(() => [])).length > 0;
  };

  describe("a folder", () => {
    it("goes as a zip when the person wants it, beside the files that are given with it, each once", async () => {
      const file = await write("a.bin", "a");
      await packer({ presses: ["Compress"] }).handOver([file, folder, file], limit, give);
      assert.deepEqual(given, [["a.bin", "site.zip: site/index.html site/notes.txt"]]);
      assert.deepEqual([failed, vouched, await hasLeftovers()], [[], ["site.zip"], false]);
      const [shown] = dialogs.shown;
      assert.deepEqual([shown?.how, shown?.weight, shown?.text], ["ask", "info", "Send “site” as a zip?"]);
      assert.match(shown?.detail ?? "", /^2 files, 10 bytes/);
      assert.deepEqual(shown?.buttons, ["Compress", "Choose Files…"]);
    });

    it("stays here when the question is closed, and what came with it goes", async () => {
      const file = await write("a.bin", "a");
      await packer().handOver([folder, file], limit, give);
      await packer().handOver([folder], limit, give);
      assert.deepEqual([given, await hasLeftovers()], [[["a.bin"]], false]);
    });

    it("goes without what the person has taken the tick from", async () => {
      await packer({ presses: ["Choose Files…", "-notes.txt", "Compress"] }).handOver([folder], limit, give);
      assert.deepEqual(given, [["site.zip: site/index.html"]]);
      const [, list, again] = dialogs.shown;
      assert.equal(list?.text, "What goes into the zip of “site”");
      assert.match(again?.detail ?? "", /Left out: 1 file that you unticked/);
    });

    it("stays as it was listed when the list is closed", async () => {
      await packer({ presses: ["Choose Files…", "Compress"] }).handOver([folder], limit, give);
      assert.deepEqual(given, [["site.zip: site/index.html site/notes.txt"]]);
    });

    it("goes without ignored files, or with them, as the person wants", async () => {
      await write("site/.gitignore", "notes.txt\n");
      await packer({ presses: ["Compress"] }).handOver([folder], limit, give);
      assert.deepEqual(dialogs.shown[0]?.buttons?.[2], "Include Ignored Files");
      await packer({ presses: ["Include Ignored Files", "Compress"] }).handOver([folder], limit, give);
      assert.match(dialogs.shown[1]?.detail ?? "", /\nIgnored files are included\.$/);
      assert.equal(dialogs.shown[1]?.buttons?.[2], "Leave Out Ignored Files");
      const back = ["Include Ignored Files", "Leave Out Ignored Files", "Compress"];
      await packer({ presses: back }).handOver([folder], limit, give);
      const [without, all] = [
        "site/.gitignore site/index.html",
        "site/.gitignore site/index.html site/notes.txt",
      ];
      assert.deepEqual(
        given.flat(),
        [without, all, without].map((files) => `site.zip: ${files}`),
      );
    });

    it("uses nothing that a workspace nobody trusts says about it", async () => {
      await write("site/.gitignore", "notes.txt\n");
      await packer({ presses: ["Compress"], isTrusted: () => false }).handOver([folder], limit, give);
      assert.deepEqual(given, [["site.zip: site/.gitignore site/index.html site/notes.txt"]]);
      assert.match(dialogs.shown[0]?.detail ?? "", /\nRestricted Mode: /);
      assert.equal(dialogs.shown[0]?.buttons?.length, 2);
    });

    it("can be chosen from, but not compressed, while all of it is ignored", async () => {
      await write("site/.gitignore", "*\n");
      await packer({ presses: ["Include Ignored Files", "Compress"] }).handOver([folder], limit, give);
      assert.deepEqual(dialogs.shown[0]?.buttons, ["Include Ignored Files"]);
      assert.equal(given.length, 1);
    });

    it("without files is refused, and nothing is asked", async () => {
      await mkdir(join(home.path, "empty"));
      await packer().handOver([join(home.path, "empty")], limit, give);
      assert.deepEqual([failed.length, dialogs.shown, given], [1, [], []]);
      assert.match(failed[0] ?? "", /^“empty” has no files in it/);
    });

    it("that may be too large says so before, and leaves nothing when it is", async () => {
      await write("site/big.bin", sample(20_000));
      await packer({ presses: ["Compress"] }).handOver([folder], limit, give);
      assert.match(dialogs.shown[0]?.detail ?? "", /whether the zip fits is known only once it is made\.$/);
      assert.deepEqual([failed.length, given, await hasLeftovers()], [1, [], false]);
    });

    it("is asked about once it is read, where a file in it looks like a secret", async () => {
      await write("site/deploy", key);
      for (const [answer, files] of [
        ["attach", "site/deploy site/index.html site/notes.txt"],
        ["leaveOut", "site/index.html site/notes.txt"],
        ["nothing", undefined],
      ] as const) {
        given = [];
        secrets = [];
        vouched = [];
        await packer({ presses: ["Compress"], answers: [answer] }).handOver([folder], limit, give);
        assert.deepEqual(secrets, [[["deploy"], true]]);
        assert.deepEqual(given, files === undefined ? [] : [[`site.zip: ${files}`]]);
        assert.deepEqual(vouched, files === undefined ? [] : ["site.zip"]);
        assert.equal(await hasLeftovers(), false);
      }
    });

    it("stays on the disk only while it is given, also where that fails", async () => {
      const refuse = async () => {
        throw new Error("no mail");
      };
      await assert.rejects(packer({ presses: ["Compress"] }).handOver([folder], limit, refuse), /no mail/);
      assert.equal(await hasLeftovers(), false);
    });
  });

  describe("a file that is too large", () => {
    const offered = async (presses: readonly string[], content: Uint8Array) => {
      const [large, small] = [await write("large.log", content), await write("a.bin", "a")];
      const settled: string[] = [];
      const own = packer({
        presses,
        settle: async (path) => {
          settled.push(basename(path));
          await archives.remove(path);
        },
      });
      await own.handOver([large, small], limit, give);
      // The others do not wait for it.
      assert.deepEqual(given[0], ["a.bin"]);
      while (!settled.includes("large.log")) await new Promise(setImmediate);
    };

    it("is offered to be compressed, and given when that is wanted", async () => {
      await offered(["Compress and Send"], new Uint8Array(30_000));
      assert.deepEqual([given.slice(1), failed], [[["large.log.zip: large.log"]], []]);
      assert.deepEqual(dialogs.shown[0]?.buttons, ["Compress and Send"]);
      assert.equal(await hasLeftovers(), false);
    });

    it("stays here when the person does not want that", async () => {
      await offered([], new Uint8Array(30_000));
      assert.deepEqual([given.length, failed, dialogs.shown.length], [1, [], 1]);
    });

    it("is not offered where a sample of it shows that it will not fit", async () => {
      await offered([], sample(30_000));
      assert.deepEqual([given.length, failed.length, dialogs.shown], [1, 1, []]);
      await assert.rejects(
        packer().compress({ path: join(home.path, "large.log"), name: "large.log" }, limit.bytes, async () =>
          assert.fail(),
        ),
        (reason) => reason instanceof FreightError && reason.is("archive-too-large"),
      );
    });
  });

  it("is packed once more from what it was made of: a file, or a folder, which is asked about again", async () => {
    const file = await write("a.bin", "a");
    const one = async (path: string) => give([path]);
    await packer().again(file, limit.bytes, one);
    await packer({ presses: ["Compress"] }).again(folder, limit.bytes, one);
    await packer().again(folder, limit.bytes, one);
    assert.deepEqual(given, [["a.bin.zip: a.bin"], ["site.zip: site/index.html site/notes.txt"]]);
    assert.equal(await hasLeftovers(), false);
  });

  it("keeps in the zip the name that recipients see, and gives the zip one that the disk takes", async () => {
    const path = await write("a.bin", "a");
    await packer().zip({ path, name: "Report: final?.exe" }, limit.bytes, async (zip) => give([zip]));
    assert.equal(given.length, 1);
    assert.match(given[0]?.[0] ?? "", /^Report. final.\.exe\.zip: /);
  });

  for (const [answer, presses] of [
    ["wanted", ["Send It as It Is Now"]],
    ["not wanted", []],
  ] as const)
    it(`is offered as it is now where it is written over while it is compressed (${answer})`, async () => {
      const path = await write("dump.bin", sample(3_000_000));
      const after = sample(3_000_000, 2);
      let isChanged = false;
      const change = () => {
        if (!isChanged) writeFileSync(path, after);
        isChanged = true;
      };
      const work = packer({ presses, showProgress: (_title, closing, pack) => pack(closing, change) });
      const zips: (string | undefined)[] = [];
      const zipping = work.zip({ path, name: "dump.bin" }, 10_000_000, async (zip) => {
        for (const { sha256: hash } of await unzip(zip)) zips.push(hash);
      });
      await (answer === "wanted" ? zipping : assert.rejects(zipping, { name: "AbortError" }));
      assert.deepEqual(zips, answer === "wanted" ? [sha256(after)] : []);
      const [asked] = dialogs.shown;
      assert.match(asked?.text ?? "", /^“dump.bin” changed while it was compressed\./);
      assert.deepEqual(asked?.buttons, ["Send It as It Is Now"]);
      assert.equal(await hasLeftovers(), false);
    });

  it("is ended when the window closes, and nothing of it stays", async () => {
    let pack = () => {};
    const packing = new Promise<void>((resolve) => {
      pack = resolve;
    });
    const own = packer({
      presses: ["Compress"],
      showProgress: async (title, closing, work) => {
        if (title.startsWith("Compressing")) {
          pack();
          await new Promise((resolve) => closing.addEventListener("abort", resolve));
        }
        return work(closing, () => {});
      },
    });
    const handing = own.handOver([folder], limit, give);
    await packing;
    await own.stop();
    await handing;
    assert.deepEqual([given, await hasLeftovers(), existsSync(folder)], [[], false, true]);
  });
});
