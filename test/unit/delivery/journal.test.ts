import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FileJournal } from "../../../src/delivery/journal.ts";
import { Folder } from "../../support/files.ts";

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

  it("lets nobody else of the machine read it", async () => {
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

  it("tells of records that any window writes or removes, and of nothing else", async () => {
    const seen: string[] = [];
    let hear: () => void = () => {};
    const watching = await journal.watch((id) => {
      seen.push(id);
      hear();
    });
    const told = (id: string) =>
      new Promise<void>((resolve) => {
        hear = () => seen.includes(id) && resolve();
        hear();
      });
    const other = new FileJournal(inside("."));
    await writeFile(inside("a.lease"), "{}");
    await other.write("a", 1);
    await told("a");
    seen.length = 0;
    await other.remove("a");
    await told("a");
    watching.dispose();
    assert.deepEqual([...new Set(seen)], ["a"]);
  });
});
