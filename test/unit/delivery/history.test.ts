import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import { History } from "../../../src/delivery/history.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { MemoryJournal, MemoryLog, MemoryMemento } from "../../support/memory.ts";
import { delivery, minute, now } from "../../support/records.ts";

const day = 24 * 60 * minute;

describe("The history", () => {
  let store: DeliveryStore;
  let memory: MemoryMemento;
  let log: MemoryLog;
  let at: number;
  let refusals: Map<string, Error>;
  let history: History;
  /** By which clock records were tidied up. */
  let tidied: number[];

  beforeEach(() => {
    log = new MemoryLog();
    memory = new MemoryMemento();
    tidied = [];
    const journal = Object.assign(new MemoryJournal(), {
      tidy: async (instant: number) => void tidied.push(instant),
    });
    store = new DeliveryStore({ journal, secrets: new MemorySecrets(), log });
    at = now;
    refusals = new Map();
    const clock = { now: () => at, monotonic: () => 0 };
    history = new History({ store, clock, memory, log }, async (id) => {
      const refusal = refusals.get(id);
      if (refusal !== undefined) throw refusal;
      await store.remove(id);
    });
  });

  /** A mail that was sent so many days before now. */
  const sent = (id: string, daysAgo: number) => {
    const instant = now - daysAgo * day;
    store.add(delivery({ id, phase: "sent", createdAt: instant, finishedAt: instant, attachments: [] }));
  };
  /** A look at what is older than 60 days. @returns what is left */
  const look = async () => {
    await history.forgetOlder(at - 60 * day);
    return store.list().map(({ id }) => id);
  };

  it("forgets what was sent long ago", async () => {
    sent("new", 1);
    sent("old", 61);
    assert.deepEqual(await look(), ["new"]);
  });

  it("keeps what was not sent, however old", async () => {
    sent("new", 1);
    store.add(delivery({ id: "unsent", createdAt: now - 900 * day }));
    assert.deepEqual(await look(), ["new", "unsent"]);
  });

  it("keeps everything when the clock is a year ahead for one start", async () => {
    sent("a", 1);
    sent("b", 2);
    at = now + 400 * day;
    assert.deepEqual(await look(), ["a", "b"]);
    assert.deepEqual(await look(), ["a", "b"], "also when it is looked at twice that day");
    at = now + day;
    assert.deepEqual(await look(), ["a", "b"]);
  });

  it("forgets at the second look, on another day, where nothing was sent for long", async () => {
    sent("old", 61);
    assert.deepEqual(await look(), ["old"]);
    at += day;
    assert.deepEqual(await look(), []);
  });

  it("takes a jump between two looks for no proof", async () => {
    sent("old", 1);
    await look();
    at += 300 * day;
    assert.deepEqual(await look(), ["old"]);
  });

  it("forgets nothing because of an instant that is still to come", async () => {
    sent("a", 0);
    await history.forgetOlder(now + day);
    assert.equal(store.list().length, 1);
    await history.forgetOlder(now + 1);
    assert.equal(store.list().length, 0);
  });

  it("has what crashes have left of records go, too, and nothing where the clock is not believed", async () => {
    sent("new", 1);
    await look();
    at = now + 400 * day;
    await look();
    assert.deepEqual(tidied, [now]);
  });

  it("goes on past a mail that cannot be forgotten", async () => {
    sent("new", 1);
    for (const id of ["a", "b", "c"]) sent(id, 90);
    refusals.set("a", new Error("EACCES"));
    refusals.set("b", new FreightError("driven-elsewhere", "Another window has it."));
    assert.deepEqual((await look()).sort(), ["a", "b", "new"]);
    assert.match(log.lines.join("\n"), /warn .*EACCES/);
    assert.doesNotMatch(log.lines.join("\n"), /Another window/, "that window forgets it");
  });

  it("is forgotten without a memory, where records prove the time", async () => {
    const forgotten: string[] = [];
    const clock = { now: () => at, monotonic: () => 0 };
    const bare = new History({ store, clock, log }, async (id) => void forgotten.push(id));
    sent("old", 61);
    await bare.forgetOlder(at - 60 * day);
    assert.deepEqual(forgotten, []);
    sent("new", 1);
    await bare.forgetOlder(at - 60 * day);
    assert.deepEqual(forgotten, ["old"]);
  });
});
