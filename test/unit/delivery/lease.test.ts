import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import files, {
  type FileHandle,
  open as openFile,
  readdir,
  readFile,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";
import { type ProcessIdentity, thisProcess } from "../../../src/base/processIdentity.ts";
import { HolderWatch } from "../../../src/delivery/store/disk/holderWatch.ts";
import { FileLeases, type FileLeasesOptions } from "../../../src/delivery/store/disk/lease.ts";
import { Folder } from "../../support/files.ts";
import { openFiles } from "../../support/leaks.ts";
import { has } from "../../support/systems.ts";

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
  function open(owner: string, more: Partial<FileLeasesOptions> = {}): FileLeases {
    const leases = new FileLeases({
      folder: folder.path,
      owner,
      now: () => Date.now() + aheadMs,
      monotonic: () => aheadMs,
      ...more,
      onError: (reason) => errors.push(reason),
    });
    windows.push(leases);
    return leases;
  }
  const path = (name: string) => join(folder.path, `${name}.lease`);
  const owner = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path(name), "utf8")).owner;
  /** Asks for a lease every few seconds, as often as fit. @returns whether it was had at the end */
  async function wait(window: FileLeases, name: string, seconds: number): Promise<boolean> {
    let had = await window.acquire(name);
    for (let passed = 0; passed < seconds; passed += 5) {
      aheadMs += Math.min(5, seconds - passed) * second;
      had ||= await window.acquire(name);
    }
    return had;
  }
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

  it("is sure for as long as nobody can have taken it over, by both clocks", async () => {
    let [now, monotonic] = [Date.now(), 0];
    const one = open("one", { now: () => now, monotonic: () => monotonic });
    assert.equal(one.isSure("mail"), false);
    await one.acquire("mail");
    const sure = [0, 14_000, 15_000].map((ms) => {
      monotonic = ms;
      return one.isSure("mail");
    });
    assert.deepEqual(sure, [true, true, false]);
    assert.equal(await one.confirm("mail"), true);
    assert.equal(one.isSure("mail"), true);
    // The machine has slept, or its clock was put.
    for (const ms of [20_000, -40_000]) {
      now += ms;
      assert.equal(one.isSure("mail"), false);
      await one.beat();
      assert.equal(one.isSure("mail"), true);
    }
    await one.release("mail");
    assert.equal(one.isSure("mail"), false);
  });

  it("is free for everybody where the disk had no room for it", async () => {
    const one = open("one");
    const probe = await openFile(path("probe"), "w");
    const { prototype } = probe.constructor;
    await probe.close();
    const handles: FileHandle[] = [];
    const full = mock.method(prototype, "writeFile", function (this: FileHandle) {
      handles.push(this);
      return Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
    });
    try {
      await assert.rejects(one.acquire("mail"), /disk is full/);
    } finally {
      full.mock.restore();
    }
    // Closed: Windows removes no file that is open.
    assert.deepEqual(
      handles.map(({ fd }) => fd),
      [-1],
    );
    await assert.rejects(stat(path("mail")), { code: "ENOENT" });
    assert.equal(await open("two").acquire("mail"), true);
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
      assert.equal(await owner("mail"), "one");
    }
  });

  for (const [what, pid, seconds, expected] of [
    ["whose window lives and was heard of long ago, for all anybody can tell", process.pid, 0, false],
    ["whose window lives and missed a few beats", process.pid, 19, false],
    ["whose window has been silent for too long", process.pid, 20, true],
    ["whose process is gone", 0, 0, true],
  ] as const)
    it(`${what} is ${expected ? "" : "not "}taken over`, async () => {
      await leave("mail", pid === 0 ? deadPid() : pid, 1_000);
      const one = open("one");
      assert.equal(await wait(one, "mail", seconds), expected);
      assert.equal(one.holds("mail"), expected);
      const names = await readdir(folder.path);
      assert.deepEqual(names, ["mail.lease"], "nothing is left lying about");
    });

  it("is not taken over because a clock was put, or because the machine has slept", async () => {
    await open("one").acquire("mail");
    const two = open("two");
    assert.equal(await two.acquire("mail"), false);
    aheadMs = 9 * 3600 * second;
    assert.equal(await two.acquire("mail"), false, "the other one may wake in a moment");
  });

  describe("of another process", () => {
    const here = thisProcess();
    const leaveBy = (process: ProcessIdentity) =>
      leave("mail", 0, 0, JSON.stringify({ owner: "gone", pid: process.pid, process }));

    it("is taken over when its process is gone, and when its number was given out again", async () => {
      await leaveBy({ ...here, pid: deadPid() });
      assert.equal(await open("one").acquire("mail"), true);
      await leaveBy({ ...here, started: "1" });
      // Only Linux says when a process started.
      assert.equal(await open("two").acquire("mail"), process.platform === "linux");
    });

    for (const [what, change, self] of [
      ["another host", { host: "elsewhere" }, {}],
      ["another start of the machine", { boot: "before" }, {}],
      ["another start of a machine that only knows the second of it", { boot: "1000" }, { boot: "2000" }],
    ] as const)
      it(`of ${what} is not taken for dead because this one has no such process`, async () => {
        await leaveBy({ ...here, pid: deadPid(), ...change });
        assert.equal(await open("one", { process: { ...here, ...self } }).acquire("mail"), false);
      });

    it("is taken over where the second of the machine's start is a little off", async () => {
      await leaveBy({ ...here, pid: deadPid(), boot: "1000" });
      assert.equal(await open("one", { process: { ...here, boot: "1003" } }).acquire("mail"), true);
    });

    it("is heard on another host, whose clock is far ahead", async () => {
      const [a, b] = [
        open("a", { process: { ...here, host: "a" }, now: () => Date.now() - 3600 * second + aheadMs }),
        open("b", { process: { ...here, host: "b" } }),
      ];
      await a.acquire("mail");
      for (let at = 0; at < 12; at++) {
        assert.equal(await b.acquire("mail"), false);
        aheadMs += 5 * second;
        await a.beat();
      }
      assert.equal(await wait(b, "mail", 20), true, "until nobody beats any more");
      assert.equal(await a.confirm("mail"), false);
    });

    it("is had sooner when that is of before this machine was started", async () => {
      await leaveBy({ ...here, boot: "before" });
      const one = open("one");
      assert.equal(await wait(one, "mail", 5), false);
      assert.equal(await wait(one, "mail", 5), true);
    });

    it("says where its window is", async () => {
      await open("one", { place: "proj" }).acquire("mail");
      const two = open("two");
      assert.equal(await two.whereIs("mail"), "proj");
      assert.equal(await two.whereIs("nothing"), undefined);
    });
  });

  for (const content of ["", "{", '{"owner":"gone","pi', "[]", "null", '{"pid":"x"}']) {
    it(`that reads ${JSON.stringify(content)} is left alone while it may be one that is being written`, async () => {
      await leave("mail", 0, 1, content);
      assert.equal(await open("one").acquire("mail"), false);
    });

    it(`that reads ${JSON.stringify(content)} is taken over when it is old`, async () => {
      await leave("mail", 0, 60, content);
      assert.equal(await wait(open("one"), "mail", 20), true);
    });
  }

  it("makes the folder that it lies in, and leaves no file open", async () => {
    const one = open("one", { folder: join(folder.path, "not", "there yet") });
    const before = has("open files that can be counted") ? openFiles() : [];
    assert.equal(await one.acquire("mail"), true);
    assert.deepEqual(has("open files that can be counted") ? openFiles() : [], before);
  });

  it("is asked for without a trace while another window has it", async () => {
    await open("one").acquire("mail");
    await utimes(folder.path, 1, 1);
    assert.equal(await open("two").acquire("mail"), false);
    assert.equal((await stat(folder.path)).mtimeMs, 1_000, "nothing was written, nor removed");
  });

  it("is not removed where it turns out to be another window's right before", async () => {
    await leave("mail", deadPid(), 1);
    // Between the two looks another window has taken it over and is done with that.
    const answers = ["gone", "there"] as const;
    let looks = 0;
    mock.method(HolderWatch.prototype, "find", async () => answers[looks++] ?? "there");
    try {
      assert.equal(await open("one").acquire("mail"), false);
    } finally {
      mock.restoreAll();
    }
    assert.equal(looks, 2);
    assert.deepEqual(await readdir(folder.path), ["mail.lease"]);
  });

  it("is touched by a look only when that was not done for five seconds", async () => {
    let at = 0;
    const one = open("one", { now: () => at, monotonic: () => at });
    await one.acquire("mail");
    const touched = async () => (await stat(path("mail"))).mtimeMs !== 9_000;
    await utimes(path("mail"), 9, 9);
    at = 4_999;
    assert.ok(await one.confirm("mail"));
    assert.equal(await touched(), false);
    at = 5_000;
    assert.ok(await one.confirm("mail"));
    assert.equal(await touched(), true);
  });

  it("is not sure where it could not be touched, which is said", async () => {
    const one = open("one");
    await one.acquire("mail");
    aheadMs = 16 * second;
    mock.method(files, "utimes", () => Promise.reject(Object.assign(new Error("EROFS"), { code: "EROFS" })));
    syncBuiltinESMExports();
    try {
      await assert.rejects(one.confirm("mail"), { code: "journal-unwritable" });
    } finally {
      mock.restoreAll();
      syncBuiltinESMExports();
    }
    assert.equal(one.isSure("mail"), false);
  });

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
    assert.equal(await wait(one, "mail", 20), false);
    assert.equal(await one.acquire("mail"), true);
    assert.deepEqual(await readdir(folder.path), ["mail.lease"]);
  });

  describe("while something comes between", () => {
    type Work = () => Promise<unknown>;
    const { mkdir, rm, utimes: touch } = files;
    const originals = { mkdir, rm, utimes: touch };
    /** Has something happen around a function of the file system, for leases as well. */
    function around(name: keyof typeof originals, act: (work: Work) => Promise<unknown>): void {
      mock.method(files, name, (...args: unknown[]) =>
        act(async () => Reflect.apply(originals[name], files, args)),
      );
      syncBuiltinESMExports();
    }
    const broken = () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
    afterEach(() => {
      mock.restoreAll();
      syncBuiltinESMExports();
    });

    it("is given back by a window that closes, and none is had by it any more", async () => {
      const one = open("one");
      const begun = new Promise<{ closing: Promise<void> }>((resolve) =>
        around("mkdir", (work) => {
          resolve({ closing: one.close() });
          return work();
        }),
      );
      let isOver = false;
      const asked = one.acquire("mail").finally(() => {
        isOver = true;
      });
      const refused = assert.rejects(asked, { name: "AbortError" });
      await (await begun).closing;
      assert.ok(isOver, "closing waits for it");
      assert.deepEqual(await readdir(folder.path), []);
      await refused;
      assert.equal(one.holds("mail"), false);
      await utimes(folder.path, 1, 1);
      await assert.rejects(one.acquire("mail"), { name: "AbortError" });
      assert.equal((await stat(folder.path)).mtimeMs, 1_000, "nothing was written");
    });

    it("is not given back by who asked for it later", async () => {
      const one = open("one");
      const asked = one.acquire("mail");
      await one.release("mail");
      assert.equal(await asked, true);
      assert.equal(await owner("mail"), "one");
    });

    it("is not held any more, nor lost, when it is given back during a beat", async () => {
      const one = open("one");
      const lost: string[] = [];
      one.onDidLose((name) => lost.push(name));
      await one.acquire("mail");
      let released: Promise<void> | undefined;
      around("utimes", (work) => {
        released = one.release("mail");
        return work();
      });
      await one.beat();
      await released;
      assert.equal(one.holds("mail"), false);
      assert.deepEqual(await readdir(folder.path), []);
      await one.acquire("mail");
      mock.method(HolderWatch.prototype, "read", async () => {
        released = one.release("mail");
        return undefined;
      });
      assert.equal(await one.confirm("mail"), false);
      await released;
      assert.deepEqual(lost, []);
    });

    it("is taken over although somebody else removes what a dead window left", async () => {
      await leave("mail", deadPid(), 60);
      around("rm", async (work) => {
        await work();
        return work();
      });
      assert.equal(await open("one").acquire("mail"), true);
      assert.deepEqual(await readdir(folder.path), ["mail.lease"]);
    });

    for (const [what, left] of [
      ["the lease of a dead window", "mail"],
      ["what a window left that died while taking it over", "mail.lease.taking"],
    ] as const)
      it(`cannot be had where ${what} cannot be removed`, async () => {
        await leave("mail", deadPid(), 60);
        if (left !== "mail")
          await leave(left, deadPid(), 60, JSON.stringify({ owner: "x", pid: deadPid() }), "");
        let removed = 0;
        around("rm", (work) => (removed++ === 0 ? broken() : work()));
        await assert.rejects(open("one").acquire("mail"), { code: "journal-unwritable" });
      });

    it("says that it cannot beat, and beats for the others", async () => {
      const one = open("one");
      for (const name of ["a", "b"]) await one.acquire(name);
      let touched = 0;
      around("utimes", () => (touched++ === 0 ? broken() : Promise.resolve()));
      await one.beat();
      assert.equal(touched, 2);
      mock.method(HolderWatch.prototype, "look", broken);
      await one.beat();
      assert.deepEqual(
        errors.splice(0).map((reason) => Object(reason).code),
        ["EIO", "EIO"],
      );
    });
  });

  it("is tidied up after windows that died while taking one over, and not while one lives", async () => {
    const by = (pid: number) => JSON.stringify({ owner: "gone", pid });
    await leave("one.lease.taking", deadPid(), 1, by(deadPid()), "");
    await leave("two.lease.taking", process.pid, 1, by(process.pid), "");
    const one = open("one");
    await one.tidy(() => true);
    assert.deepEqual(await readdir(folder.path), ["two.lease.taking"]);
  });

  it("is tidied up at a second look where a power cut has left nothing of who had it", async () => {
    await leave("one.lease.taking", 0, 1, "", "");
    await leave("two", 0, 1, "");
    await leave("known", 0, 1, "");
    const one = open("one");
    const tidy = () => one.tidy((name) => name === "known");
    await tidy();
    assert.equal((await readdir(folder.path)).length, 3);
    // As it does while it lives.
    for (let passed = 0; passed < 60; passed += 5) {
      aheadMs += 5 * second;
      await one.beat();
    }
    await tidy();
    assert.deepEqual(await readdir(folder.path), ["known.lease"]);
  });

  it("is tidied up when it is of nothing that is known, and nobody lives who may be about to begin that", async () => {
    await leave("known", deadPid(), 1);
    await leave("unknown", deadPid(), 1);
    const [one, two] = [open("one"), open("two")];
    await one.acquire("own");
    await two.acquire("another");
    await one.tidy((name) => name === "known");
    assert.deepEqual((await readdir(folder.path)).sort(), ["another.lease", "known.lease", "own.lease"]);
    assert.deepEqual([one.holds("own"), one.holds("known")], [true, false]);
  });

  it("can be asked after: who was replaced learns it then", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    assert.equal(await one.confirm("mail"), true);
    assert.equal(await two.confirm("mail"), false);
    assert.ok(await wait(two, "mail", 20));
    assert.equal(await one.confirm("mail"), false);
    assert.deepEqual([one.holds("mail"), two.holds("mail")], [false, true]);
    await two.release("mail");
    assert.equal(await one.confirm("mail"), false, "nobody has it now, least of all the first one");
  });

  it("of another window is not removed by who gives back what it no longer has", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    assert.ok(await wait(two, "mail", 20));
    await one.release("mail");
    assert.equal(await owner("mail"), "two");
  });

  it("is given back by who has it only", async () => {
    const [one, two] = [open("one"), open("two")];
    await one.acquire("mail");
    await two.release("mail");
    assert.equal(await owner("mail"), "one");
  });

  it("is left behind when its window is disposed, for others to take over", async () => {
    const one = open("one");
    await one.acquire("mail");
    one.dispose();
    assert.equal(one.holds("mail"), false);
    assert.equal(await one.confirm("mail"), false, "and is not kept alive by it");
    assert.equal(await wait(open("two"), "mail", 20), true);
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
      assert.ok(await wait(open("two"), "mail", 20), "the first was frozen");
      mock.timers.tick(5 * second);
      const lost: string[] = [];
      one.onDidLose((name) => lost.push(name));
      await beaten(async () => !one.holds("mail"));
      assert.deepEqual(lost, ["mail"], "and it is said");
      await one.release("mail");
      assert.equal(await owner("mail"), "two");
    });

    it("by one timer, for as long as something is held or wanted", async () => {
      const live = new Set<unknown>();
      const [begin, end] = [globalThis.setInterval, globalThis.clearInterval];
      mock.method(globalThis, "setInterval", (...args: Parameters<typeof setInterval>) => {
        const timer = begin(...args);
        live.add(timer);
        return timer;
      });
      mock.method(globalThis, "clearInterval", (timer: NodeJS.Timeout) => {
        live.delete(timer);
        end(timer);
      });
      try {
        const timers: number[] = [];
        const count = async (work: Promise<unknown> | undefined) => {
          await work;
          timers.push(live.size);
        };
        const [one, two] = [open("one"), open("two")];
        await count(one.acquire("a"));
        await count(one.acquire("b"));
        await count(two.acquire("a")); // Which it is refused, and listens for from now on.
        await count(one.release("a"));
        await count(two.beat()); // It finds nothing left to listen to.
        await count(one.release("b"));
        await count(one.acquire("a"));
        await count(two.acquire("a"));
        two.dispose();
        await count(undefined);
        one.dispose();
        await count(undefined);
        assert.deepEqual(timers, [1, 1, 2, 2, 1, 0, 1, 2, 1, 0]);
      } finally {
        mock.restoreAll();
      }
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
