import assert from "node:assert/strict";
import files, { readdir } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";
import type { FreightError } from "../../src/base/errors.ts";
import type { Journal } from "../../src/delivery/store/disk/journal.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { busyMails } from "../../src/delivery/words/statusLine.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import type { Window, WindowOptions } from "../support/window.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};
const isElsewhere = { code: "driven-elsewhere" };

describe("Who works on a mail", () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await Desk.set();
  });
  afterEach(() => desk.clear());

  const typed = (window: Window, id: string, revision: number, body: string): Form => ({
    ...window.store.get(id).form,
    to: "reader@example.com",
    subject: `x (${id})`,
    revision,
    body,
  });
  const isReady = ({ attachments }: { attachments: readonly { status: string }[] }) =>
    attachments.every(({ status }) => status === "ready");

  /** A disk from which each read comes when it is let through. */
  function slowToRead() {
    const waiting: (() => void)[] = [];
    let isSlow = false;
    const journal = (inner: Journal): Journal => ({
      readAll: () => inner.readAll(),
      read: async (id) => {
        const value = await inner.read(id);
        if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
        return value;
      },
      write: (id, value) => inner.write(id, value),
      remove: (id) => inner.remove(id),
      setAside: (id) => inner.setAside(id),
    });
    return {
      options: { journal } satisfies Partial<WindowOptions>,
      slowDown: () => {
        isSlow = true;
      },
      /** Lets what is being read come, and what is read from now on. */
      go: () => {
        isSlow = false;
        for (const come of waiting.splice(0)) come();
      },
      reading: async () => {
        while (waiting.length === 0) await turns(1);
      },
    };
  }

  /** A mail whose window was closed, and the next window, on a slow disk. */
  async function nextWindow() {
    const first = await desk.open();
    const id = await compose(first, await desk.file());
    await first.until(id, isReady);
    await first.close();
    const disk = slowToRead();
    const window = await desk.open(disk.options);
    disk.slowDown();
    return { window, id, disk };
  }

  it("is settled once for acts that overlap: none notes anything before the record is read", async () => {
    const { window, id, disk } = await nextWindow();
    const first = window.runner.edit(id, typed(window, id, 1, "A"));
    await disk.reading();
    const second = window.runner.edit(id, typed(window, id, 2, "A whole sentence."));
    // Long enough for an act that would not wait for the first one.
    for (let read = 0; read < 50; read++) await readdir(desk.folder);
    assert.equal(window.store.get(id).form.revision, 0, "nothing is noted yet");
    disk.go();
    await Promise.all([first, second]);
    assert.equal(window.store.get(id).form.body, "A whole sentence.");
    await pressSend(window, id);
    const delivery = await window.until(id, isSettled);
    assert.deepEqual([delivery?.phase, delivery?.form.body], ["sent", "A whole sentence."]);
    assert.equal(desk.sandbox.mails.length, 1);
  });

  it("is told to all acts that overlap, where another window works on it", async () => {
    const driver = await desk.open();
    const id = await compose(driver, await desk.file());
    await driver.store.flushed(id);
    const other = await desk.open();
    const acts = await Promise.allSettled([
      other.runner.edit(id, typed(other, id, 1, "x")),
      other.runner.withdraw(id),
      other.runner.forget(id),
    ]);
    for (const act of acts) assert.ok(act.status === "rejected" && act.reason.code === isElsewhere.code);
    await driver.until(id, isReady);
  });

  it("is the one who has it on disk: a read that comes late takes nothing back that was typed meanwhile", async () => {
    const { window, id, disk } = await nextWindow();
    const noticed = window.runner.noticed(id);
    await disk.reading();
    const editing = window.runner.edit(id, typed(window, id, 1, "typed and saved"));
    disk.go();
    await Promise.all([noticed, editing]);
    await window.store.flushed(id);
    await turns(50);
    assert.equal(window.store.get(id).form.body, "typed and saved");
    await window.close();
    assert.equal((await desk.open()).store.get(id).form.body, "typed and saved");
  });

  describe("after another window has taken it over", () => {
    let driver: Window;
    let other: Window;
    let id: string;
    /** Of the driver's requests that carry bytes. */
    let signals: AbortSignal[];
    let told: { error: FreightError; deliveryId: string }[];

    /** The driver stands still in the middle of an upload, and the other one goes on with its mail. */
    beforeEach(async () => {
      desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
      told = [];
      signals = [];
      driver = await desk.open({
        tell: (error, deliveryId) => told.push({ error, deliveryId }),
        detour: ({ method, signal }) => {
          if (method === "PUT" && signal !== undefined) signals.push(signal);
          return undefined;
        },
      });
      id = await compose(driver, await desk.file());
      while (desk.sandbox.faults.unmet.length > 0) await turns(1);
      await driver.store.flushed(id);
      let aheadMs = 0;
      other = await desk.open({ monotonicAheadMs: () => aheadMs, place: "proj" });
      while (!other.leases.holds(id)) {
        aheadMs += 5_000;
        await other.runner.recover();
      }
      await other.runner.edit(id, typed(other, id, 7, "Theirs."));
      await other.store.flushed(id);
    });

    for (const [what, act] of [
      ["types", () => driver.runner.edit(id, typed(driver, id, 1, "Mine."))],
      ["presses Send", () => driver.runner.send(id, typed(driver, id, 1, "Mine."))],
      ["renames a file", () => driver.runner.rename(id, driver.store.get(id).attachments[0]?.id ?? "", "x")],
      ["discards it", () => driver.runner.forget(id)],
    ] as const)
      it(`refuses, with words, when somebody ${what}, and has the other one's record`, async () => {
        await assert.rejects(act(), isElsewhere);
        // Its own beat may have noticed that first: then the record is still being read.
        await driver.until(id, ({ form }) => form.body === "Theirs.");
        assert.equal(driver.leases.holds(id), false);
        desk.sandbox.faults.release();
        await other.until(id, isReady);
        assert.equal(other.store.get(id).form.body, "Theirs.");
      });

    it("ends its own upload, and says so once, and where", async () => {
      await assert.rejects(driver.runner.edit(id, typed(driver, id, 1, "Mine.")), isElsewhere);
      while (told.length === 0) await turns(1);
      assert.equal(told[0]?.deliveryId, id);
      assert.match(told[0]?.error.message ?? "", /build\.bin.* is now open in another window \(“proj”\)/);
      const begun = signals.length;
      assert.ok(begun > 0 && signals.every(({ aborted }) => aborted));
      await assert.rejects(driver.runner.edit(id, typed(driver, id, 2, "Mine.")), {
        message: /Another window \(“proj”\) is working on this mail/,
      });
      assert.equal(told.length, 1);
      desk.sandbox.faults.release();
      await other.until(id, isReady);
      await pressSend(other, id);
      assert.equal((await other.until(id, isSettled))?.phase, "sent");
      assert.equal(signals.length, begun, "and it begins no other one");
      assert.equal(desk.sandbox.mails.length, 1);
    });

    it("notices that when it beats, before it does anything else", async () => {
      await driver.runner.recover();
      assert.equal(driver.leases.holds(id), false);
      assert.equal(driver.store.get(id).form.body, "Theirs.");
      assert.equal(told.length, 1);
      desk.sandbox.faults.release();
      await other.until(id, isReady);
    });
  });

  it("is nobody while the storage can only be read: a person sees why, and it is logged once", async () => {
    const first = await desk.open();
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const id = await compose(first, await desk.file());
    while (desk.sandbox.faults.unmet.length > 0) await turns(1);
    await pressSend(first, id);
    await first.close();
    const { open } = files;
    mock.method(files, "open", async (path: string, flags: string) => {
      if (path.startsWith(desk.folder) && flags !== "r")
        throw Object.assign(new Error("EROFS: read-only"), { code: "EROFS" });
      return open(path, flags);
    });
    syncBuiltinESMExports();
    const next = await desk.open();
    try {
      await next.runner.recover();
      await next.runner.recover();
      const snapshot = panelSnapshot(next.store.get(id), { accounts: [], notice: null, now: Date.now() });
      assert.match(snapshot.problem?.message ?? "", /cannot save its state.* disk is read-only/);
      assert.equal(snapshot.attachments[0]?.statusText, "on hold");
      assert.deepEqual(busyMails(next.store.list()), []);
      assert.equal(next.log.filter((line) => line.includes("disk is read-only")).length, 1);
    } finally {
      mock.restoreAll();
      syncBuiltinESMExports();
    }
    desk.sandbox.faults.release();
    await next.runner.recover();
    assert.equal((await next.until(id, isSettled))?.phase, "sent");
    assert.equal(next.store.get(id).trouble, undefined);
  });

  it("is nobody, once the mail is gone: no lease stays behind", async () => {
    const [first, second] = [await desk.open(), await desk.open()];
    const id = await compose(first, await desk.file());
    await first.until(id, isReady);
    await second.store.reload(id);
    await first.runner.forget(id);
    // Until the service was told, it is still that one's.
    while ((await readdir(desk.folder)).length > 0) await turns(1);
    await second.runner.forget(id);
    assert.equal(second.leases.holds(id), false);
    const { problems } = await first.runner
      .compose([], "account", async () => {
        throw new Error("the template cannot be read");
      })
      .catch(() => ({ problems: [] }));
    assert.deepEqual(problems, []);
    while ((await readdir(desk.folder)).length > 0) await turns(1);
  });

  for (const [what, act] of [
    ["types in", ({ runner }: Window, id: string, form: Form) => runner.edit(id, form)],
    ["presses Send in", ({ runner }: Window, id: string, form: Form) => runner.send(id, form)],
    ["sends again", ({ runner }: Window, id: string) => runner.sendAgain(id)],
    ["takes back", ({ runner }: Window, id: string) => runner.cancelScheduled(id)],
  ] as const)
    it(`is told with words to who ${what} a mail that was just discarded in another window`, async () => {
      const [first, second] = [await desk.open(), await desk.open()];
      const id = await compose(first, await desk.file());
      await first.until(id, isReady);
      await second.store.reload(id);
      const form = typed(second, id, 1, "too late");
      await first.runner.forget(id);
      while ((await readdir(desk.folder)).length > 0) await turns(1);
      await assert.rejects(act(second, id, form), { code: "send-late", message: "The mail was discarded." });
      assert.deepEqual(await readdir(desk.folder), []);
    });

  it("is not a window that was closed: whatever comes then leaves no lease", async () => {
    const { window, id, disk } = await nextWindow();
    disk.go();
    const form = typed(window, id, 1, "too late");
    await window.runner.shutdown();
    await assert.rejects(window.runner.edit(id, form), { name: "AbortError" });
    await assert.rejects(window.runner.compose([], "account"), { name: "AbortError" });
    assert.deepEqual(await readdir(desk.folder), [`${id}.json`]);
  });

  it("is not a window that closes while it takes the mail over: the next one goes on immediately", async () => {
    const { window, id, disk } = await nextWindow();
    disk.go();
    const { open } = files;
    let take: (() => void) | undefined;
    mock.method(files, "open", async (path: string, flags: string) => {
      if (path.endsWith(`${id}.lease`) && flags === "wx")
        await new Promise<void>((resolve) => {
          take = resolve;
        });
      return open(path, flags);
    });
    syncBuiltinESMExports();
    try {
      const edited = window.runner.edit(id, typed(window, id, 1, "too late"));
      while (take === undefined) await turns(1);
      const closed = window.close();
      const takesOthers = () =>
        window.leases.acquire("another").then(
          () => true,
          () => false,
        );
      while (await takesOthers()) await window.leases.release("another");
      take();
      await assert.rejects(edited, { name: "AbortError" });
      await closed;
    } finally {
      mock.restoreAll();
      syncBuiltinESMExports();
    }
    assert.deepEqual(await readdir(desk.folder), [`${id}.json`]);
    const next = await desk.open();
    await next.runner.edit(id, typed(next, id, 1, "in time"));
    assert.equal(next.store.get(id).form.body, "in time");
  });

  it("is nobody either for what a killed window has left of mails that are gone", async () => {
    const first = await desk.open();
    await first.leases.acquire("gone");
    const id = await compose(first, await desk.file());
    await first.until(id, isReady);
    await first.kill();
    const second = await desk.open();
    await second.runner.forgetOlder(0);
    const leases = (await readdir(desk.folder)).filter((name) => name.endsWith(".lease"));
    assert.deepEqual(leases, [`${id}.lease`]);
  });
});
