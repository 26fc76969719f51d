import assert from "node:assert/strict";
import type { SavedDelivery } from "../../src/delivery/record/delivery.ts";
import type { Journal } from "../../src/delivery/record/journal.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
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
    assert.ok(await machine.passUntil(() => other.store.withFarewells().length === 0));
    const before = desk.sandbox.requests.length;
    await goOn(machine, window, held);
    assert.deepEqual(
      desk.sandbox.requests.slice(before).map(({ step, method }) => `${step} ${method}`),
      [],
    );
    for (const one of [window, other]) await machine.during("closing", one.close());
  });
});
