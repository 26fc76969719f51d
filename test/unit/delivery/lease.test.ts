import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mock } from "node:test";
import { FileLeases } from "../../../src/delivery/lease.ts";
import { Folder } from "../../support/files.ts";

const second = 1000;

describe("A lease", () => {
  let folder: Folder;
  let aheadMs: number;
  const windows: FileLeases[] = [];
  const errors: unknown[] = [];

  beforeEach(async () => {
    folder = await Folder.make();
    aheadMs = 0;
    errors.length = 0;
  });
  afterEach(async () => {
    for (const window of windows.splice(0)) window.dispose();
    await folder.remove();
    assert.deepEqual(errors, []);
  });

  /** Leases as one window has them. */
  function open(owner: string, now: () => number = () => Date.now() + aheadMs): FileLeases {
    const leases = new FileLeases({
      folder: folder.path,
      owner,
      now,
      onError: (reason) => errors.push(reason),
    });
    windows.push(leases);
    return leases;
  }
  const path = (name: string) => join(folder.path, `${name}.lease`);
  const holder = async (name: string): Promise<unknown> => JSON.parse(await readFile(path(name), "utf8"));
  /** A lease that a window has left behind some seconds ago. */
  async function leave(
    name: string,
    pid: number,
    secondsAgo: number,
    content = JSON.stringify({ owner: "gone", pid }),
    ending = ".lease",
  ): Promise<void> {
    const file = join(folder.path, name + ending);
    await writeFile(file, content);
    const at = new Date(Date.now() - secondsAgo * second);
    await utimes(file, at, at);
  }
  const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;

  it("is had by the first of two windows, until that gives it back", async () => {
    const [one, two] = [open("one"), open("two")];
    assert.equal(await one.acquire("mail"), true);
    assert.equal(await two.acquire("mail"), false);
    assert.deepEqual([one.holds("mail"), two.holds("mail")], [true, false]);
    await one.release("mail");
    assert.equal(one.holds("mail"), false);
    assert.equal(await two.acquire("mail"), true);
  });

  it("is of one name and no other", async () => {
    const [one, two] = [open("one"), open("two")];
    assert.ok(await one.acquire("mail"));
    assert.ok(await two.acquire("other"));
  });

  it("may be asked for again by who has it", async () => {
    const one = open("one");
    await one.acquire("mail");
    assert.equal(await one.acquire("mail"), true);
  });

  it("is had by exactly one of many windows that ask at once", async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, (_, at) => open(`w${at}`).acquire("mail")));
    assert.equal(asked.filter(Boolean).length, 1);
  });

  it("is had by exactly one of many windows that find a dead one at once", async () => {
    await leave("mail", deadPid(), 60);
    const asked = await Promise.all(Array.from({ length: 8 }, (_, at) => open(`w${at}`).acquire("mail")));
    assert.equal(asked.filter(Boolean).length, 1);
  });

  it("is the same one for a window that asks several times at once", async () => {
    const one = open("one");
    assert.deepEqual(await Promise.all([one.acquire("mail"), one.acquire("mail")]), [true, true]);
  });

  it("can be had again by a window that is just giving it back", async () => {
    const one = open("one");
    for (let round = 0; round < 20; round++) {
      await one.acquire("mail");
      const releasing = one.release("mail");
      assert.equal(await one.acquire("mail"), true);
      await releasing;
      assert.equal(one.holds("mail"), true);
      assert.deepEqual(await holder("mail"), { owner: "one", pid: process.pid });
    }
  });

  for (const [what, pid, secondsAgo, expected] of [
    ["whose window lives and was heard of just now", process.pid, 1, false],
    ["whose window lives and missed a few beats", process.pid, 19, false],
    ["whose window has been silent for too long", process.pid, 21, true],
    ["whose process is gone", 0, 1, true],
  ] as const)
    it(`${what} is ${expected ? "" : "not "}taken over`, async () => {
      await leave("mail", pid === 0 ? deadPid() : pid, secondsAgo);
      const one = open("one");
      assert.equal(await one.acquire("mail"), expected);
      assert.equal(one.holds("mail"), expected);
      const names = await readdir(folder.path);
      assert.deepEqual(names, ["mail.lease"], "nothing is left lying about");
    });

  it("goes stale by the clock that it was given", async () => {
    await open("one").acquire("mail");
    const two = open("two");
    aheadMs = 19 * second;
    assert.equal(await two.acquire("mail"), false);
    aheadMs = 21 * second;
    assert.equal(await two.acquire("mail"), true);
  });

  for (const content of ["", "{", '{"owner":"gone","pi', "[]", "null", '{"pid":"x"}']) {
    it(`that reads ${JSON.stringify(content)} is left alone while it may be one that is being written`, async () => {
      await leave("mail", 0, 1, content);
      assert.equal(await open("one").acquire("mail"), false);
    });

    it(`that reads ${JSON.stringify(content)} is taken over when it is old`, async () => {
      await leave("mail", 0, 60, content);
      assert.equal(await open("one").acquire("mail"), true);
    });
  }

  it("is left alone while another window is just taking it over", async () => {
    await leave("mail", deadPid(), 60);
    await leave("mail.lease.taking", process.pid, 1, "{}", "");
    assert.equal(await open("one").acquire("mail"), false);
    assert.deepEqual((await readdir(folder.path)).sort(), ["mail.lease", "mail.lease.taking"]);
  });

  it("is had at the next try when a window has died while taking it over", async () => {
    await leave("mail", deadPid(), 60);
    await leave("mail.lease.taking", process.pid, 21, "{}", "");
    const one = open("one");
    assert.equal(await one.acquire("mail"), false);
    assert.equal(await one.acquire("mail"), true);
    assert.deepEqual(await readdir(folder.path), ["mail.lease"]);
  });

  it("can be asked after: who was replaced learns it then", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    assert.equal(await one.confirm("mail"), true);
    assert.equal(await two.confirm("mail"), false);
    aheadMs = 60 * second;
    await two.acquire("mail");
    assert.equal(await one.confirm("mail"), false);
    assert.deepEqual([one.holds("mail"), two.holds("mail")], [false, true]);
    await two.release("mail");
    assert.equal(await one.confirm("mail"), false, "nobody has it now, least of all the first one");
  });

  it("of another window is not removed by who gives back what it no longer has", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    aheadMs = 60 * second;
    await two.acquire("mail");
    await one.release("mail");
    assert.deepEqual(await holder("mail"), { owner: "two", pid: process.pid });
  });

  it("is given back by who has it only", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    await two.release("mail");
    assert.deepEqual(await holder("mail"), { owner: "one", pid: process.pid });
  });

  it("is left behind when its window is disposed, for others to take over", async () => {
    const one = open("one");
    await one.acquire("mail");
    one.dispose();
    assert.equal(one.holds("mail"), false);
    aheadMs = 21 * second;
    assert.equal(await open("two").acquire("mail"), true);
  });

  it("cannot be had where nothing can be written", async () => {
    await writeFile(join(folder.path, "file"), "");
    const nowhere = new FileLeases({
      folder: join(folder.path, "file"),
      owner: "one",
      now: Date.now,
      onError: () => {},
    });
    await assert.rejects(nowhere.acquire("mail"), { code: "journal-unwritable" });
  });

  describe("beats", () => {
    beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
    afterEach(() => mock.timers.reset());

    /** Waits until what the last beat set off is on disk. */
    async function beaten(ready: () => Promise<boolean>): Promise<void> {
      while (!(await ready())) await new Promise(setImmediate);
    }

    it("as long as it is held, and so does not go stale", async () => {
      const one = open("one");
      await one.acquire("mail");
      for (let beat = 1; beat <= 10; beat++) {
        aheadMs = beat * 5 * second;
        const at = Date.now() + aheadMs;
        mock.timers.tick(5 * second);
        await beaten(async () => Math.abs((await stat(path("mail"))).mtimeMs - at) < 4 * second);
      }
      assert.equal(await open("two").acquire("mail"), false);
    });

    it("no more when another window has taken it over: it is that one's now", async () => {
      const one = open("one");
      await one.acquire("mail");
      aheadMs = 60 * second;
      const two = open("two");
      assert.ok(await two.acquire("mail"), "the first was asleep for a minute");
      mock.timers.tick(5 * second);
      const lost: string[] = [];
      one.onDidLose((name) => lost.push(name));
      await beaten(async () => !one.holds("mail"));
      assert.deepEqual(lost, ["mail"], "and it is said");
      await one.release("mail");
      assert.deepEqual(await holder("mail"), { owner: "two", pid: process.pid });
    });

    it("no more once nothing is held", async () => {
      const one = open("one");
      await one.acquire("mail");
      await one.release("mail");
      mock.timers.tick(60 * second);
      await new Promise(setImmediate);
      assert.deepEqual(await readdir(folder.path), []);
    });
  });
});
