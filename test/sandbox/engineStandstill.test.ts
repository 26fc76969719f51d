import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { FreightError } from "../../src/base/errors.ts";
import type { SavedDelivery } from "../../src/delivery/record/delivery.ts";
import { type SecretAnswer, SecretDoor } from "../../src/delivery/rules/secretDoor.ts";
import type { Journal } from "../../src/delivery/store/disk/journal.ts";
import { compose, Desk, isSettled, pressSend, usualSize } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
import { sampleOf } from "../support/files.ts";
import { writing } from "../support/journals.ts";
import type { Machine } from "../support/machine.ts";
import type { Window } from "../support/window.ts";

/** Holds a window's write of the first record that `isMoment`, before or after it is on disk. */
class HeldWrite {
  readonly begun: Promise<void>;
  release: () => void = () => {};
  readonly journal: (inner: Journal) => Journal;

  constructor(when: "before" | "after", isMoment: (record: SavedDelivery) => boolean) {
    let begin = () => {};
    this.begun = new Promise((resolve) => {
      begin = resolve;
    });
    const over = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    const hold = () => {
      begin();
      return over;
    };
    this.journal = (inner) =>
      writing(inner, async (record, write) => {
        const isNow = isMoment(record);
        if (isNow && when === "before") await hold();
        await write();
        if (isNow && when === "after") await hold();
      });
  }
}

/** The window stands still for half a minute, and the other one takes its mail over. */
async function standStill(machine: Machine, window: Window, other: Window, id: string): Promise<void> {
  window.stop();
  await machine.pass(35_000);
  assert.ok(other.leases.holds(id) || other.store.get(id).phase === "sent", "the other window has the mail");
}

async function goOn(machine: Machine, window: Window, held: HeldWrite): Promise<void> {
  window.goOn();
  held.release();
  // What it was about to do comes before its timers.
  await machine.rest();
  await machine.pass(20_000);
}

type Act = (other: Window, id: string, file: string) => Promise<unknown>;

/** Has somebody at the other window act on a mail whose window stands still: once that was silent for long enough. */
async function actElsewhere(machine: Machine, other: Window, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const done = await machine.during("an act elsewhere", other.act(act)).then(
      () => true,
      (reason: unknown) => {
        assert.ok(tries < 10, String(reason));
        return false;
      },
    );
    if (done) return;
    await machine.pass(5_000);
  }
}

describe("A window that stands still for half a minute", () => {
  let desk: Desk;
  let machine: Machine;

  beforeEach(async () => {
    desk = await Desk.set();
    machine = desk.machine(false);
  });
  let held: HeldWrite | undefined;
  afterEach(async () => {
    held?.release();
    await machine.during("clearing", desk.clear());
    machine.dispose();
  });

  const open = (options: object = {}) => machine.during("opening", desk.open({ machine, ...options }));

  const detach: Act = (other, id, file) => other.runner.detach(id, file);
  const discard: Act = (other, id) => other.runner.forget(id);
  for (const [what, act, isGivenBack, filesLeft] of [
    ["has taken the file out", detach, false, 0],
    ["has taken the file out and was closed", detach, true, 0],
    ["has sent the mail and was closed", pressSend, true, 1],
    ["has discarded the mail", discard, false, undefined],
    ["has discarded the mail and was closed", discard, true, undefined],
  ] as readonly [string, Act, boolean, number | undefined][])
    it(`while it asks about a new version does nothing more when another one ${what}`, async () => {
      let answer: (answer: SecretAnswer) => void = () => {};
      let isAsked = false;
      const ask = () => {
        isAsked = true;
        return new Promise<SecretAnswer>((resolve) => {
          answer = resolve;
        });
      };
      const secretDoor = new SecretDoor({ ask, originOf: () => undefined });
      const window = await open({ secretDoor });
      const path = await desk.file("notes.txt");
      const id = await machine.during("composing", compose(window, path));
      await machine.passUntil(() =>
        window.store.get(id).attachments.every(({ status }) => status === "ready"),
      );
      const file = window.store.get(id).attachments[0]?.id ?? "";
      await writeFile(path, "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n");
      const asking = window.act(() => window.runner.uploadNewVersion(id, file));
      // Looked at later: it may well be refused.
      const asked = asking.catch((reason: unknown) => reason);
      assert.ok(await machine.passUntil(() => isAsked));
      const other = await open();
      window.stop();
      await writeFile(path, sampleOf("notes.txt", usualSize, 1));
      await actElsewhere(machine, other, () => act(other, id, file));
      assert.ok(await machine.passUntil(() => other.store.find(id)?.phase !== "waiting"));
      assert.ok(await machine.passUntil(() => other.store.find(id)?.phase !== "sending"));
      const uploads = () => desk.sandbox.requests.filter(({ step }) => step === "create").length;
      const before = uploads();
      if (isGivenBack) {
        await machine.during("closing", other.close());
        window.goOn();
        // Its next beat tells it before the person answers.
        assert.ok(await machine.passUntil(() => !window.leases.holds(id)));
      } else window.goOn();
      answer("attach");
      const refusal = await machine.during("the answer", asked);
      if (!isGivenBack) assert.ok(refusal instanceof FreightError && refusal.is("driven-elsewhere"));
      else assert.equal(refusal, undefined);
      await machine.pass(20_000);
      assert.equal(uploads(), before);
      const third = await open();
      assert.equal(third.store.find(id)?.attachments.length, filesLeft);
      assert.equal(window.store.find(id)?.phase, third.store.find(id)?.phase);
      for (const one of [window, other, third]) await machine.during("closing", one.close());
    });

  it("in the middle of a write does not put an old record over what another window has done", async () => {
    held = new HeldWrite("before", ({ phase }) => phase === "sending");
    const window = await open({ journal: held.journal });
    const id = await compose(window, await desk.file());
    void window.act(() => pressSend(window, id));
    await held.begun;
    const other = await open();
    await standStill(machine, window, other, id);
    await machine.passUntil(() => isSettled(other.store.get(id)));
    assert.equal(other.store.get(id).phase, "sent");
    await goOn(machine, window, held);
    assert.equal(window.store.get(id).phase, "sent");
    const third = await open();
    assert.equal(third.store.get(id).phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
    for (const one of [window, other, third]) await machine.during("closing", one.close());
  });

  it("does not put it there either once it has the mail back, before it has read what became of it", async () => {
    const held = new HeldWrite("before", ({ attachments }) => attachments[0]?.status === "ready");
    let isRead = false;
    /** What was held comes to the disk, or does not, right after the record was read there. */
    const journal = (inner: Journal, here: () => Window): Journal => ({
      ...held.journal(inner),
      read: async (wanted) => {
        const record = await inner.read(wanted);
        if (!here().leases.holds(wanted)) return record;
        isRead = true;
        held.release();
        await machine.rest();
        return record;
      },
    });
    const window = await open({ journal });
    const id = await compose(window, await desk.file());
    await machine.during("Send", pressSend(window, id));
    await machine.during("the upload", held.begun);
    const other = await open();
    await standStill(machine, window, other, id);
    assert.ok(await machine.passUntil(() => isSettled(other.store.get(id))));
    let isLost = false;
    window.leases.onDidLose(() => {
      isLost = true;
    });
    window.goOn();
    assert.ok(await machine.passUntil(() => isLost), "it finds that the other one had the mail");
    // Whatever has it look at the mail now, the act or what it heard of while it stood still, comes first to the record.
    const attachment = window.store.get(id).attachments[0]?.id ?? "";
    await machine.during(
      "an act",
      window.act(() => window.runner.pause(id, attachment)),
    );
    assert.ok(isRead);
    assert.ok(await machine.passUntil(() => !window.leases.holds(id)), "it gives the mail back");
    assert.equal(window.store.get(id).phase, "sent");
    const third = await open();
    assert.equal(third.store.get(id).phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
    for (const one of [window, other, third]) await machine.during("closing", one.close());
  });

  it("before its request leaves does not send what was sent again in another window meanwhile", async () => {
    held = new HeldWrite("after", ({ phase }) => phase === "sending");
    const window = await open({ journal: held.journal });
    const id = await compose(window, await desk.file());
    void window.act(() => pressSend(window, id));
    await held.begun;
    let isOffline = true;
    const other = await open({ detour: () => (isOffline ? "http://127.0.0.1:1/" : undefined) });
    await standStill(machine, window, other, id);
    // Nobody there can know that nothing has left; the person looks in Sent Items.
    assert.ok(await machine.passUntil(() => isSettled(other.store.get(id))));
    assert.equal(other.store.get(id).phase, "unconfirmed");
    isOffline = false;
    await machine.during(
      "sending again",
      other.act(() => other.runner.sendAgain(id)),
    );
    assert.ok(await machine.passUntil(() => other.store.get(id).phase === "sent"));
    await goOn(machine, window, held);
    assert.equal(desk.sandbox.deliveries, 1);
    assert.equal(window.store.get(id).phase, "sent");
    for (const one of [window, other]) await machine.during("closing", one.close());
  });

  it("before its request leaves opens no draft of a mail that was discarded in another window meanwhile", async () => {
    await machine.during("clearing", desk.clear());
    machine.dispose();
    desk = await Desk.set(graph);
    machine = desk.machine(false);
    held = new HeldWrite("after", ({ draftAsked }) => draftAsked);
    const window = await open({ journal: held.journal });
    const id = await compose(window, await desk.file());
    await held.begun;
    const other = await open();
    await standStill(machine, window, other, id);
    await machine.during(
      "discarding",
      other.act(() => other.runner.forget(id)),
    );
    assert.ok(await machine.passUntil(() => other.store.withCleanup().length === 0));
    const before = desk.sandbox.requests.length;
    await goOn(machine, window, held);
    assert.deepEqual(
      desk.sandbox.requests.slice(before).map(({ step, method }) => `${step} ${method}`),
      [],
    );
    for (const one of [window, other]) await machine.during("closing", one.close());
  });
});
