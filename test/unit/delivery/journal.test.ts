import assert from "node:assert/strict";
import files, { type FileHandle, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";
import type { FreightError } from "../../../src/base/errors.ts";
import { FileJournal, StoodStill } from "../../../src/delivery/store/disk/journal.ts";
import { Folder } from "../../support/files.ts";
import { openFiles } from "../../support/leaks.ts";
import { itNeeds } from "../../support/systems.ts";

describe("The journal", () => {
  let folder: Folder;
  let journal: FileJournal;

  beforeEach(async () => {
    folder = await Folder.make();
    journal = new FileJournal(join(folder.path, "deliveries"));
  });
  afterEach(() => folder.remove());

  const inside = (name: string) => join(folder.path, "deliveries", name);
  const all = async () => new Map((await journal.readAll()).map(({ id, value }) => [id, value]));

  it("is empty before anything was written", async () => {
    assert.deepEqual(await journal.readAll(), []);
    assert.equal(await journal.read("a"), undefined);
  });

  it("reads back what was written, one file each", async () => {
    await journal.write("a", { text: "größe 📦" });
    await journal.write("b", [1, null]);
    assert.deepEqual(
      await all(),
      new Map<string, unknown>([
        ["a", { text: "größe 📦" }],
        ["b", [1, null]],
      ]),
    );
    assert.deepEqual(await journal.read("a"), { text: "größe 📦" });
    assert.deepEqual((await readdir(inside("."))).sort(), ["a.json", "b.json"]);
  });

  it("leaves a record as it is that is another window's by the time it is to be replaced", async () => {
    await journal.write("a", { by: "the other one" });
    await assert.rejects(
      journal.write("a", { by: "who stood still" }, () => false),
      StoodStill,
    );
    assert.deepEqual(await journal.read("a"), { by: "the other one" });
    assert.deepEqual(await readdir(inside(".")), ["a.json"]);
  });

  it("keeps apart what two windows write at once", async () => {
    const other = new FileJournal(join(folder.path, "deliveries"));
    const texts = [journal, other].map((one, index) =>
      one.write("a", { by: index, text: "x".repeat(100_000) }),
    );
    await Promise.all(texts);
    assert.ok(await journal.read("a"));
    assert.deepEqual(await readdir(inside(".")), ["a.json"]);
  });

  itNeeds("permissions of Unix", "lets nobody else of the machine read it", async () => {
    await journal.write("a", {});
    assert.equal((await stat(inside("a.json"))).mode & 0o077, 0);
  });

  it("replaces a record as a whole", async () => {
    await journal.write("a", { long: "x".repeat(10_000) });
    await journal.write("a", { short: 1 });
    assert.deepEqual(await journal.read("a"), { short: 1 });
  });

  it("removes a record, and one that is not there", async () => {
    await journal.write("a", {});
    await journal.remove("a");
    await journal.remove("a");
    assert.deepEqual(await all(), new Map());
  });

  it("is not harmed by a write that a crash has torn", async () => {
    await journal.write("a", { good: true });
    await writeFile(inside("a.json.4711.tmp"), '{"good":fal');
    assert.deepEqual(await all(), new Map([["a", { good: true }]]));
    await journal.write("a", { good: "still" });
    assert.deepEqual(await all(), new Map([["a", { good: "still" }]]));
  });

  for (const text of ["", "{", "null,", "\u0000\u0000\u0000"])
    it(`says that a record is none when its file holds ${JSON.stringify(text)}`, async () => {
      await journal.write("good", 1);
      await writeFile(inside("bad.json"), text);
      assert.deepEqual(
        await all(),
        new Map<string, unknown>([
          ["bad", undefined],
          ["good", 1],
        ]),
      );
      assert.equal(await journal.read("bad"), undefined);
    });

  it("tells a record that cannot be read now from one that is torn", async () => {
    await mkdir(inside("busy.json"), { recursive: true });
    const [entry] = await journal.readAll();
    assert.ok(entry?.failure instanceof Error);
    await assert.rejects(journal.read("busy"));
  });

  it("reads those first that were written last, where there are many", async () => {
    for (let at = 0; at < 30; at++) {
      await journal.write(`${at}`, at);
      const time = new Date(1_700_000_000_000 + ((at * 7) % 30) * 1_000);
      await utimes(inside(`${at}.json`), time, time);
    }
    const newest = (await journal.readNewest(4)).map(({ value }) => (Number(value) * 7) % 30);
    assert.deepEqual(newest, [29, 28, 27, 26]);
    assert.deepEqual(await journal.readNewest(30), []);
    assert.equal((await journal.readAll()).length, 30);
  });

  it("takes no notice of what is not its own", async () => {
    await journal.write("a", 1);
    await writeFile(inside("a.lease"), "{}");
    await writeFile(inside("README.txt"), "hello");
    await mkdir(inside("folder"));
    assert.deepEqual([...(await all()).keys()], ["a"]);
  });

  it("sets a record aside without losing it", async () => {
    await journal.write("a", 1);
    await writeFile(inside("a.json"), "torn");
    await journal.setAside("a");
    assert.deepEqual(await all(), new Map());
    assert.equal(await readFile(inside("a.json.unreadable"), "utf8"), "torn");
    await assert.rejects(journal.setAside("a"), { code: "ENOENT" });
  });

  it("says so when it cannot write, and leaves nothing half-written", async () => {
    await writeFile(join(folder.path, "deliveries"), "a file where the folder should be");
    await assert.rejects(journal.write("a", 1), { code: "journal-unwritable", remedy: "retry" });
    assert.deepEqual(await readdir(folder.path), ["deliveries"]);
  });

  it("keeps the record that was there when a write fails", async () => {
    await journal.write("a", { old: true });
    await assert.rejects(journal.write("a", { cycle: 1n }), { code: "journal-unwritable" });
    assert.deepEqual(await journal.read("a"), { old: true });
    assert.deepEqual(await readdir(inside(".")), ["a.json"]);
  });

  describe("on a disk that does not do as it is told", () => {
    const failure = (code: string) => Object.assign(new Error(`${code}: of a test`), { code });
    type Work = () => Promise<unknown>;
    /** Has something happen around a function of the file system, for the journal as well. */
    function around(
      name: "rename" | "rm" | "readFile" | "utimes",
      act: (work: Work) => Promise<unknown>,
    ): void {
      const original = files[name];
      mock.method(files, name, (...args: unknown[]) => act(async () => Reflect.apply(original, files, args)));
      syncBuiltinESMExports();
    }
    /** The same for what makes a file, or a folder, durable. */
    async function aroundSync(act: (isFolder: boolean, work: Work) => Promise<unknown>): Promise<void> {
      const handle = await files.open(folder.path);
      const methods = Object.getPrototypeOf(handle);
      await handle.close();
      const sync = methods.sync;
      mock.method(methods, "sync", async function (this: FileHandle) {
        return act((await this.stat()).isDirectory(), () => sync.call(this));
      });
    }
    /** Fails with these codes, one after the other, before it works. */
    const failing = (codes: string[]) => async (work: Work) => {
      const code = codes.shift();
      if (code !== undefined) throw failure(code);
      return work();
    };
    afterEach(() => {
      mock.restoreAll();
      syncBuiltinESMExports();
    });
    const waits: number[] = [];
    const hasty = () => new FileJournal(inside("."), { sleep: async (ms) => void waits.push(ms) });

    /** What is done to the disk from now on, one thing after the other. */
    async function disk(): Promise<string[]> {
      const calls: string[] = [];
      let running = 0;
      // Each takes so long that whoever does not wait for it begins before it is over.
      const noting = (call: string) => async (work: Work) => {
        calls.push(running++ === 0 ? call : `${call} too early`);
        try {
          return await work(); // Windows syncs no folder, and says so.
        } finally {
          for (let turn = 0; turn < 20; turn++) await stat(folder.path);
          running--;
        }
      };
      await aroundSync((isFolder, work) => noting(isFolder ? "folder synced" : "file synced")(work));
      const handle = await files.open(folder.path);
      const methods = Object.getPrototypeOf(handle);
      await handle.close();
      const { writeFile: write } = methods;
      mock.method(methods, "writeFile", function (this: FileHandle, text: string) {
        return noting("written")(() => write.call(this, text));
      });
      const { open } = files;
      mock.method(files, "open", async (...args: Parameters<typeof open>) => {
        const opened = await open(...args);
        const { close } = opened;
        opened.close = async () => void (await noting("closed")(close));
        return opened;
      });
      around("rename", noting("renamed"));
      around("rm", noting("removed"));
      around("utimes", noting("dated"));
      return calls;
    }

    const saved = ["written", "file synced", "closed"];
    const folderSaved = ["folder synced", "closed"];
    const whole = [...saved, "renamed", ...folderSaved];

    it("is durable: the file is written and synced, then renamed, then the folder is synced", async () => {
      const calls = await disk();
      await journal.write("a", 1);
      assert.deepEqual(calls.splice(0), whole);
      await journal.remove("a");
      assert.deepEqual(calls, ["removed", ...folderSaved]);
    });

    it("is durable with its log: each line is synced, and with the first one its name, too", async () => {
      const large = (change: number) => ({ text: "x".repeat(20_000), change });
      const calls = await disk();
      await journal.write("a", large(0));
      assert.deepEqual(calls.splice(0), whole);
      await journal.write("a", large(1));
      assert.deepEqual(calls.splice(0), [...saved, ...folderSaved]);
      await journal.write("a", large(2));
      assert.deepEqual(calls.splice(0), saved);
      await journal.write("a", large(3), () => true, true);
      await journal.write("a", large(4));
      assert.deepEqual(calls.splice(0), [...whole, "removed", ...whole]);
      await journal.write("a", large(5));
      calls.length = 0;
      await journal.remove("a");
      assert.deepEqual(calls.splice(0), ["removed", "removed", ...folderSaved]);
      for (const change of [6, 7]) await journal.write("a", large(change));
      calls.length = 0;
      await journal.setAside("a");
      assert.deepEqual(calls, ["renamed", "dated", "renamed", "dated"]);
    });

    for (const code of ["EISDIR", "EPERM", "EINVAL", "ENOTSUP"])
      it(`is written all the same where folders cannot be synced (${code})`, async () => {
        await aroundSync((isFolder, work) => (isFolder ? Promise.reject(failure(code)) : work()));
        await journal.write("a", 2);
        assert.equal(await journal.read("a"), 2);
      });

    it("is written all the same where folders cannot be opened, as on Windows", async () => {
      const { open } = files;
      mock.method(files, "open", async (path: string, flags: string) => {
        if (flags === "r") throw failure("EISDIR");
        return open(path, flags);
      });
      syncBuiltinESMExports();
      await journal.write("a", 2);
      await journal.remove("a");
    });

    it("is not taken for empty where it cannot be read", async () => {
      mock.method(files, "readdir", () => Promise.reject(failure("EIO")));
      syncBuiltinESMExports();
      await assert.rejects(journal.readAll(), { code: "EIO" });
    });

    it("is not durable when the folder cannot be synced because the disk is broken", async () => {
      await aroundSync((isFolder, work) => (isFolder ? Promise.reject(failure("EIO")) : work()));
      await assert.rejects(journal.write("a", 2), { code: "journal-unwritable" });
    });

    for (const code of ["EPERM", "EACCES", "EBUSY"]) {
      it(`waits for another program that has the record open (${code})`, async () => {
        await journal.write("a", 1);
        around("rename", failing([code, code]));
        await hasty().write("a", 2);
        assert.equal(await journal.read("a"), 2);
        around("rm", failing([code, code]));
        await hasty().remove("a");
        assert.deepEqual(await all(), new Map());
      });

      it(`says that another program has it open when that does not end (${code}), and keeps the old one`, async () => {
        await journal.write("a", 1);
        around("rename", failing(Array(99).fill(code)));
        await assert.rejects(hasty().write("a", 2), (reason: FreightError) => {
          assert.equal(reason.code, "journal-unwritable");
          assert.match(reason.message, /another program has the file open/i);
          assert.doesNotMatch(reason.message, /Free up/);
          return true;
        });
        assert.deepEqual(await readdir(inside(".")), ["a.json"]);
        assert.equal(await journal.read("a"), 1);
      });
    }

    it("waits to read what is busy", async () => {
      await journal.write("a", 1);
      around("readFile", failing(["EBUSY", "EBUSY"]));
      assert.equal(await hasty().read("a"), 1);
    });

    it("asks for room where there is none, at once", async () => {
      waits.length = 0;
      around("rename", failing(["ENOSPC"]));
      await assert.rejects(hasty().write("a", 2), /Free up/);
      assert.deepEqual(waits, []);
    });

    it("reads thousands of records with a few files open at once", async () => {
      await journal.write("0", 0);
      for (let at = 1; at < 300; at++) await writeFile(inside(`${at}.json`), `${at}`);
      let [open, most] = [0, 0];
      around("readFile", async (work) => {
        most = Math.max(most, ++open);
        try {
          return await work();
        } finally {
          open--;
        }
      });
      const found = await all();
      assert.equal(found.size, 300);
      for (const [id, value] of found) assert.equal(String(value), id);
      assert.ok(most > 1 && most <= 16, `${most} at once`);
    });
  });

  it("has the text of what is no record, also of what was set aside before", async () => {
    await journal.write("a", 1);
    await writeFile(inside("a.json"), "torn");
    assert.deepEqual(await journal.readAll(), [{ id: "a", value: undefined, text: "torn" }]);
    await journal.setAside("a");
    assert.deepEqual(await journal.readAside(), ["torn"]);
  });

  it("counts from the day on which a record was set aside, not from its last word", async () => {
    await journal.write("a", 1);
    await utimes(inside("a.json"), 1, 1);
    await journal.setAside("a");
    await journal.tidy(Date.now());
    assert.deepEqual(await readdir(inside(".")), ["a.json.unreadable"]);
  });

  itNeeds("open files that can be counted", "closes whatever it opens", async () => {
    const before = openFiles();
    await journal.write("a", 1);
    await journal.remove("a");
    assert.deepEqual(openFiles(), before);
  });

  it("tidies up torn writes after a day, and what was set aside after half a year", async () => {
    await journal.write("a", 1);
    await writeFile(inside("b.json"), "torn");
    await journal.setAside("b");
    await writeFile(inside("a.json.4711.tmp"), "torn");
    const day = 24 * 3_600_000;
    const left = async (days: number) => {
      await journal.tidy(Date.now() + days * day);
      return (await readdir(inside("."))).sort();
    };
    assert.deepEqual(await left(0.9), ["a.json", "a.json.4711.tmp", "b.json.unreadable"]);
    assert.deepEqual(await left(1.1), ["a.json", "b.json.unreadable"]);
    assert.deepEqual(await left(179), ["a.json", "b.json.unreadable"]);
    assert.deepEqual(await left(181), ["a.json"]);
  });

  it("tells of records that any window writes or removes, and of nothing else", async () => {
    const seen = new Set<string>();
    const heard: string[] = [];
    let hear: () => void = () => {};
    /** How many watches keep the process going. */
    const watches = () => process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length;
    const before = watches();
    const watching = await journal.watch((id) => {
      heard.push(id);
      seen.add(id);
      hear();
    });
    assert.equal(watches(), before, "no process goes on for it");
    const told = (id: string) =>
      new Promise<void>((resolve) => {
        hear = () => seen.has(id) && resolve();
        hear();
      });
    const other = new FileJournal(inside("."));
    await writeFile(inside("b.lease"), "{}");
    await other.write("a", 1);
    await told("a");
    seen.clear();
    await other.remove("a");
    await told("a");
    watching.dispose();
    assert.deepEqual([...new Set(heard)], ["a"]);
  });
});
