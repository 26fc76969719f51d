import assert from "node:assert/strict";
import files, {
  appendFile,
  type FileHandle,
  readdir,
  readFile,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";
import { FileJournal, StoodStill } from "../../../src/delivery/store/disk/journal.ts";
import { recognize } from "../../../src/delivery/store/foundRecords.ts";
import { Folder } from "../../support/files.ts";
import { openFiles } from "../../support/leaks.ts";
import { attachment, delivery } from "../../support/records.ts";
import { until } from "../../support/until.ts";

const DAY_MS = 24 * 3_600_000;

/** A record that is large for its many files, of which so many are ready. */
function mail(ready: number, count = 100) {
  const attachments = Array.from({ length: count }, (_, at) =>
    attachment({ id: `file-${at}`, status: at < ready ? "ready" : "queued" }),
  );
  return delivery({ id: "a", attachments });
}

const saved = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("The journal's log of a large record", () => {
  let folder: Folder;
  let journal: FileJournal;

  beforeEach(async () => {
    folder = await Folder.make();
    journal = new FileJournal(folder.path);
  });
  afterEach(async () => {
    mock.restoreAll();
    syncBuiltinESMExports();
    await folder.remove();
  });

  const inside = (name: string) => join(folder.path, name);
  const names = async () => (await readdir(folder.path)).sort();
  const logs = async () => (await names()).filter((name) => name.endsWith(".log"));
  /** What a window reads that has written nothing. */
  const seen = (id = "a") => new FileJournal(folder.path).read(id);
  /** The one log that there is. */
  const log = async () => {
    const [name, ...others] = await logs();
    assert.ok(name !== undefined && others.length === 0);
    return inside(name);
  };
  const failure = (code: string) => Object.assign(new Error(`${code}: of a test`), { code });

  it("has what was noted since the record was written, for any window", async () => {
    await journal.write("a", mail(0));
    const { mtimeMs } = await stat(inside("a.json"));
    for (let ready = 1; ready <= 20; ready++) {
      await journal.write("a", mail(ready));
      assert.deepEqual(await seen(), saved(mail(ready)));
    }
    assert.equal((await stat(inside("a.json"))).mtimeMs, mtimeMs, "the record itself was not written again");
    assert.deepEqual(await new FileJournal(folder.path).readAll(), [{ id: "a", value: saved(mail(20)) }]);
  });

  it("is as large as its record at most", async () => {
    let most = 0;
    for (let round = 0; round < 300; round++) {
      await journal.write("a", mail(round % 100));
      for (const name of await logs()) most = Math.max(most, (await stat(inside(name))).size);
      assert.ok((await logs()).length <= 1);
    }
    assert.ok(most <= (await stat(inside("a.json"))).size);
    assert.deepEqual(await seen(), saved(mail(299 % 100)));
  });

  it("has a small record have none", async () => {
    await journal.write("a", mail(0, 3));
    await journal.write("a", mail(1, 3));
    assert.deepEqual(await names(), ["a.json"]);
    assert.deepEqual(JSON.parse(await readFile(inside("a.json"), "utf8")), saved(mail(1, 3)));
  });

  it("ends with the mail: the record is one file again, as it always was", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    await journal.write("a", mail(2), () => true, true);
    assert.deepEqual(await names(), ["a.json"]);
    assert.deepEqual(JSON.parse(await readFile(inside("a.json"), "utf8")), saved(mail(2)));
  });

  it("keeps a version from before away that would not read it", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    const found: unknown = JSON.parse(await readFile(inside("a.json"), "utf8"));
    assert.equal(recognize("a", found), "foreign");
  });

  it("keeps what another version has written into the record", async () => {
    const of = (ready: number) => ({ ...mail(ready), newField: { x: [ready] } });
    await writeFile(inside("a.json"), JSON.stringify(of(0)));
    const found = await journal.read("a");
    await journal.write("a", found);
    await journal.write("a", of(1));
    assert.deepEqual(await seen(), saved(of(1)));
  });

  it("loses nothing that was durable, wherever a crash has torn it", async () => {
    for (let ready = 0; ready <= 5; ready++) await journal.write("a", mail(ready));
    const path = await log();
    const whole = await readFile(path);
    for (let length = 0; length <= whole.length; length++) {
      const left = whole.subarray(0, length);
      await writeFile(path, left);
      const durable = left.toString().split("\n").length - 1;
      assert.deepEqual(await seen(), saved(mail(durable)), `after ${length} bytes`);
    }
  });

  it("is believed up to what a power cut has left as zeros", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    for (const zeros of ["\0".repeat(50), `${"\0".repeat(20)}us"],"ready"]]\n`]) {
      const path = await log();
      const before = await readFile(path);
      await appendFile(path, zeros);
      assert.deepEqual(await seen(), saved(mail(1)));
      await writeFile(path, before);
    }
  });

  it("makes a record one that nobody can read when its middle is lost", async () => {
    for (let ready = 0; ready <= 3; ready++) await journal.write("a", mail(ready));
    const path = await log();
    const [first = "", ...rest] = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, ["x".repeat(first.length), ...rest].join("\n"));
    const [entry] = await new FileJournal(folder.path).readAll();
    assert.equal(entry?.value, undefined);
    assert.match(entry?.text ?? "", /file-7[\s\S]*xxx/, "what it names is known all the same");
  });

  it("is given up when a write of it fails: the next one is whole", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    const torn = await log();
    const handle = await files.open(torn);
    const methods = Object.getPrototypeOf(handle);
    await handle.close();
    const { writeFile: write } = methods;
    mock.method(methods, "writeFile", async function (this: FileHandle, text: string) {
      await write.call(this, text.slice(0, 10));
      throw failure("ENOSPC");
    });
    await assert.rejects(journal.write("a", mail(2)), { code: "journal-unwritable" });
    await assert.rejects(journal.write("a", mail(2)), { code: "journal-unwritable" });
    assert.deepEqual(await seen(), saved(mail(1)));
    mock.restoreAll();
    await journal.write("a", mail(3));
    await journal.write("a", mail(4));
    assert.notEqual(await log(), torn);
    assert.deepEqual(await seen(), saved(mail(4)));
  });

  it("is durable: a line is written and synced, and with the first one the folder is", async () => {
    await journal.write("a", mail(0));
    const calls: string[] = [];
    let running = 0;
    // Each takes so long that whoever does not wait for it begins before it is over.
    const noting = async (call: string, work: () => Promise<unknown>) => {
      calls.push(running++ === 0 ? call : `${call} too early`);
      try {
        return await work();
      } finally {
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        running--;
      }
    };
    const handle = await files.open(inside("a.json"));
    const methods = Object.getPrototypeOf(handle);
    await handle.close();
    const { writeFile: write, sync } = methods;
    mock.method(methods, "writeFile", function (this: FileHandle, text: string) {
      return noting("written", () => write.call(this, text));
    });
    mock.method(methods, "sync", async function (this: FileHandle) {
      const isFolder = (await this.stat()).isDirectory();
      return noting(isFolder ? "folder synced" : "log synced", () => sync.call(this));
    });
    await journal.write("a", mail(1));
    assert.deepEqual(calls.splice(0), ["written", "log synced", "folder synced"]);
    await journal.write("a", mail(2));
    assert.deepEqual(calls, ["written", "log synced"]);
  });

  it("waits for another program that has it open", async () => {
    const waits: number[] = [];
    journal = new FileJournal(folder.path, { sleep: async (ms) => void waits.push(ms) });
    await journal.write("a", mail(0));
    const { open } = files;
    const codes = ["EBUSY", "EBUSY"];
    mock.method(files, "open", async (...args: Parameters<typeof open>) => {
      const code = String(args[0]).endsWith(".log") ? codes.shift() : undefined;
      if (code !== undefined) throw failure(code);
      return open(...args);
    });
    syncBuiltinESMExports();
    await journal.write("a", mail(1));
    assert.equal(waits.length, 2);
    assert.equal((await logs()).length, 1);
    assert.deepEqual(await seen(), saved(mail(1)));
  });

  it("is not written by a window that was replaced", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    await assert.rejects(
      journal.write("a", mail(2), () => false),
      StoodStill,
    );
    assert.deepEqual(await seen(), saved(mail(1)));
  });

  it("counts no more once another window has written the record, whatever is appended late", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    const late = await log();
    const other = new FileJournal(folder.path);
    assert.deepEqual(await other.read("a"), saved(mail(1)));
    await other.write("a", mail(50));
    await other.write("a", mail(51));
    await appendFile(late, '[[["attachments",0,"status"],"failed"]]\n');
    assert.deepEqual(await seen(), saved(mail(51)));
    // And back: who reads it as the other one has left it starts a log of its own.
    assert.deepEqual(await journal.read("a"), saved(mail(51)));
    await journal.write("a", mail(52));
    assert.deepEqual(await seen(), saved(mail(52)));
  });

  it("is gone on with by its window, however often that reads the record", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    const { ino, mtimeMs } = await stat(inside("a.json"));
    assert.deepEqual(await journal.read("a"), saved(mail(1)));
    await journal.write("a", mail(2));
    assert.deepEqual(await seen(), saved(mail(2)));
    const now = await stat(inside("a.json"));
    assert.deepEqual([now.ino, now.mtimeMs], [ino, mtimeMs], "the record itself was not written again");
  });

  it("of another window goes when the record is written whole", async () => {
    const other = new FileJournal(folder.path);
    await other.write("a", mail(0));
    await other.write("a", mail(1));
    const theirs = await log();
    await journal.read("a");
    await journal.write("a", mail(2));
    assert.deepEqual(await logs(), []);
    await journal.write("a", mail(3));
    assert.deepEqual(await seen(), saved(mail(3)));
    assert.notEqual(await log(), theirs);
  });

  it("is looked for once more where its record was written anew just then", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    const ours = await log();
    const original = files.readFile;
    let isAnew = false;
    mock.method(files, "readFile", async (...args: Parameters<typeof readFile>) => {
      if (args[0] === ours && !isAnew) {
        isAnew = true;
        await journal.write("a", mail(2), () => true, true);
      }
      return Reflect.apply(original, files, args);
    });
    syncBuiltinESMExports();
    assert.deepEqual(await seen(), saved(mail(2)));
    assert.ok(isAnew);
  });

  it("is never read with the record of another one, while its window writes", async () => {
    const of = (write: number) => ({ ...mail(write % 100), messageId: `${write}` });
    let write = 0;
    let isOver = false;
    await journal.write("a", of(0));
    const writing = (async () => {
      while (!isOver) await journal.write("a", of(++write));
    })();
    const other = new FileJournal(folder.path);
    let newest = 0;
    try {
      for (let round = 0; round < 200; round++) {
        const found = Object(await other.read("a"));
        const number = Number(found.messageId);
        assert.deepEqual(found, saved(of(number)), "half of a record was read");
        assert.ok(number >= newest, "a record went back in time");
        newest = number;
      }
    } finally {
      isOver = true;
      await writing;
    }
  });

  it("goes with its record, when that is removed or set aside", async () => {
    await journal.write("a", mail(0));
    await journal.write("a", mail(1));
    await journal.remove("a");
    assert.deepEqual(await names(), []);
    await journal.write("a", mail(0));
    await journal.remove("a");
    assert.deepEqual(await names(), [], "also where none was begun");
    for (const ready of [0, 1]) await journal.write("a", mail(ready));
    await appendFile(await log(), "x\n[]\n");
    const other = new FileJournal(folder.path);
    await other.readAll();
    await other.setAside("a");
    assert.deepEqual(await logs(), []);
    assert.equal((await other.readAside()).join("").includes('"ready"'), true);
    for (const ready of [0]) await journal.write("b", mail(ready));
    await journal.setAside("b");
    assert.equal((await names()).filter((name) => name.endsWith(".unreadable")).length, 3);
    await journal.write("b", mail(1));
    assert.deepEqual(await seen("b"), saved(mail(1)), "one of this name is begun anew");
  });

  it("keeps nothing of what was discarded, however much there still is to tell services", async () => {
    for (const ready of [0, 1]) await journal.write("a", mail(ready));
    const since = 1;
    const over = { type: "draft" as const, draft: null };
    const task = (at: number) => ({ id: `${at}`, accountId: null, since, over });
    const rest = (count: number) =>
      delivery({
        id: "a",
        attachments: [],
        discarded: true,
        remoteCleanup: Array.from({ length: count }, (_, at) => task(at)),
      });
    await journal.write("a", rest(400));
    for (const name of await names()) assert.doesNotMatch(await readFile(inside(name), "utf8"), /report/);
    const { mtimeMs } = await stat(inside("a.json"));
    for (let count = 399; count > 390; count--) await journal.write("a", rest(count));
    assert.deepEqual(await seen(), saved(rest(391)));
    assert.equal((await stat(inside("a.json"))).mtimeMs, mtimeMs);
  });

  it("is tidied away once it is nobody's, and not while it is a record's", async () => {
    for (const ready of [0, 1]) await journal.write("a", mail(ready));
    const wanted = await log();
    const orphan = inside("a.11111111-1111-1111-1111-111111111111.log");
    const widow = inside("b.11111111-1111-1111-1111-111111111111.log");
    for (const path of [orphan, widow]) await writeFile(path, "[]\n");
    const old = new Date(Date.now() - 400 * DAY_MS);
    for (const path of [wanted, orphan]) await utimes(path, old, old);
    await journal.tidy(Date.now());
    assert.deepEqual((await logs()).map(inside).sort(), [wanted, widow].sort());
    await utimes(widow, old, old);
    await journal.tidy(Date.now());
    assert.deepEqual((await logs()).map(inside), [wanted]);
    assert.deepEqual(await seen(), saved(mail(1)));
  });

  it("tells other windows of what it notes", async () => {
    const heard: string[] = [];
    await journal.write("a", mail(0));
    const watching = await new FileJournal(folder.path).watch((id) => heard.push(id));
    try {
      await until("the first write was heard of", async () => {
        await journal.write("a", mail(1));
        return heard.length > 0;
      });
      assert.deepEqual([...new Set(heard)], ["a"]);
    } finally {
      watching.dispose();
    }
  });

  it("is closed each time", async () => {
    const before = await openFiles();
    for (let ready = 0; ready < 10; ready++) {
      await journal.write("a", mail(ready));
      await seen();
    }
    assert.deepEqual(await openFiles(), before);
  });
});
