import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { Slots } from "../../../src/net/slots.ts";

const { signal } = new AbortController();
/** Lets everything run that waits for no more than a promise. */
const settle = () => new Promise(setImmediate);

describe("Places for work side by side", () => {
  let slots: Slots;
  beforeEach(() => {
    slots = new Slots();
  });

  it("are free up to their number", async () => {
    await slots.take("a", 2, signal);
    await slots.take("a", 2, signal);
    let third = false;
    void slots.take("a", 2, signal).then(() => {
      third = true;
    });
    await settle();
    assert.equal(third, false);
  });

  it("are counted for each key by itself", async () => {
    await slots.take("a", 1, signal);
    await slots.take("b", 1, signal);
  });

  it("go to those who wait, in the order they came", async () => {
    const seen: number[] = [];
    const first = await slots.take("a", 1, signal);
    const others = [1, 2, 3].map(async (name) => {
      const giveBack = await slots.take("a", 1, signal);
      seen.push(name);
      giveBack();
    });
    first();
    await Promise.all(others);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it("do not go to somebody who comes just when one is given back and others wait", async () => {
    const seen: string[] = [];
    const first = await slots.take("a", 1, signal);
    const waiting = slots.take("a", 1, signal).then((giveBack) => {
      seen.push("who waited");
      giveBack();
    });
    first();
    const late = slots.take("a", 1, signal).then((giveBack) => {
      seen.push("who came late");
      giveBack();
    });
    await Promise.all([waiting, late]);
    assert.deepEqual(seen, ["who waited", "who came late"]);
  });

  it("are not waited for by who has left", async () => {
    const controller = new AbortController();
    const first = await slots.take("a", 1, signal);
    const leaving = slots.take("a", 1, controller.signal);
    const next = slots.take("a", 1, signal);
    controller.abort();
    await assert.rejects(leaving, { name: "AbortError" });
    first();
    (await next)();
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("are not lost with who leaves at the very moment when one is free", async () => {
    const controller = new AbortController();
    const first = await slots.take("a", 1, signal);
    const leaving = slots.take("a", 1, controller.signal).then(
      (giveBack) => giveBack(),
      () => {},
    );
    const next = slots.take("a", 1, signal);
    first();
    controller.abort();
    await leaving;
    (await next)();
  });

  it("are not given to who has been cancelled before", async () => {
    await assert.rejects(slots.take("a", 1, AbortSignal.abort()), { name: "AbortError" });
    await slots.take("a", 1, signal);
  });

  it("leave no listener on a signal that outlives them", async () => {
    const controller = new AbortController();
    const first = await slots.take("a", 1, controller.signal);
    const second = slots.take("a", 1, controller.signal);
    first();
    (await second)();
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("are never taken by more than their number, and nobody waits for ever", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat(3), { maxLength: 20 }),
        async (places, turns) => {
          const shared = new Slots();
          let used = 0;
          await Promise.all(
            turns.map(async (ticks) => {
              const giveBack = await shared.take("a", places, signal);
              used++;
              assert.ok(used <= places);
              for (let tick = 0; tick < ticks; tick++) await null;
              used--;
              giveBack();
            }),
          );
          assert.equal(used, 0);
        },
      ),
    ));
});
