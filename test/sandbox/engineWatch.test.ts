import assert from "node:assert/strict";
import { compose, Desk } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import type { Machine } from "../support/machine.ts";
import type { Window, WindowOptions } from "../support/window.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

for (const door of [nylas, graph])
  describe(`The watch for mail that comes back through ${door.name}`, () => {
    let desk: Desk;
    let machine: Machine;
    let isOffline: boolean;
    beforeEach(async () => {
      isOffline = false;
      desk = await Desk.set(door);
      machine = desk.machine(true);
      // No order of the disk's and the key's work is to be relied on.
      machine.secretTurns = [0, 2, 1];
    });
    afterEach(async () => {
      await machine.during("clearing", desk.clear());
      machine.dispose();
    });

    const open = (options: Partial<WindowOptions> = {}) =>
      machine.during(
        "opening",
        desk.open({
          machine,
          watch: { isOn: () => true, isFocused: () => true },
          // Nobody listens there.
          detour: ({ url }) => (isOffline ? url.replace(/:\d+\//, ":1/") : undefined),
          ...options,
        }),
      );
    const refusing = (afterMs = 5 * second) => {
      desk.sandbox.recipients.rules = [
        { at: "ann@x.example", answers: "tooLarge", house: "exchange", afterMs },
      ];
    };
    const sendTo = async (window: Window, to: string): Promise<string> => {
      const id = await machine.during("composing", compose(window, await desk.file(`${to}.bin`, 50_000)));
      const { form } = window.store.get(id);
      const text = { ...form, to, subject: `A build (${id})`, revision: form.revision + 1 };
      await machine.during(
        "sending",
        window.act(() => window.runner.send(id, text)),
      );
      assert.ok(await machine.passUntil(() => window.store.find(id)?.phase === "sent"));
      return id;
    };
    /** Requests that asked for what is in the inbox. */
    const lists = () =>
      desk.sandbox.requests.filter(
        ({ method, path }) => method === "GET" && /receivedDateTime|received_after/.test(path),
      ).length;
    /** What a stretch of time costs, slept or awake; the windows look around at its end. */
    const costOf = async (ms: number) => {
      const before = lists();
      await machine.sleep(ms);
      await machine.pass(15 * second);
      return lists() - before;
    };
    const returnsOf = (window: Window, id: string) =>
      (window.store.get(id).arrival?.returns ?? []).map(({ email, reason }) => [email, reason]);
    const refused = [["ann@x.example", "tooLarge"]];

    it("costs five requests in half an hour, then one an hour, and none after two days", async () => {
      const window = await open();
      const id = await sendTo(window, "bob@y.example");
      const costs: number[] = [];
      for (const ms of [0, minute, 2 * minute, 7 * minute, 20 * minute, 10 * minute, hour, hour])
        costs.push(await costOf(ms));
      assert.deepEqual(costs, [1, 1, 1, 1, 1, 0, 1, 1]);
      assert.equal(await costOf(44 * hour), 1);
      for (const ms of [2 * hour, 24 * hour, 400 * hour]) assert.equal(await costOf(ms), 0);
      assert.deepEqual(returnsOf(window, id), []);
    });

    it("costs nothing where nothing was sent, nothing is expected any more, or nobody wants it", async () => {
      const window = await open();
      for (const ms of [minute, hour, 24 * hour]) assert.equal(await costOf(ms), 0);
      refusing();
      await sendTo(window, "ann@x.example");
      assert.equal(await costOf(minute), 1);
      for (const ms of [minute, hour, 24 * hour]) assert.equal(await costOf(ms), 0);
      await machine.during("closing", window.close());
      const quiet = await open({ watch: { isOn: () => false, isFocused: () => true } });
      await sendTo(quiet, "bob@y.example");
      for (const ms of [minute, hour]) assert.equal(await costOf(ms), 0);
    });

    it("asks once for all mails of a mailbox, in whichever of two windows they were sent", async () => {
      refusing();
      const windows = [await open(), await open()] as const;
      const ids: string[] = [];
      for (const to of ["ann@x.example", "bob@y.example", "ann@x.example, bob@y.example", "eve@z.example"])
        ids.push(await sendTo(windows[ids.length % 2] ?? windows[0], to));
      const before = lists();
      assert.ok((await costOf(minute)) <= 1 && lists() - before <= 1);
      assert.equal(await costOf(3 * minute), 1);
      assert.equal(await costOf(7 * minute), 1);
      for (const window of windows) {
        assert.deepEqual(returnsOf(window, ids[0] ?? ""), refused);
        assert.deepEqual(returnsOf(window, ids[1] ?? ""), []);
        assert.deepEqual(returnsOf(window, ids[2] ?? ""), refused);
      }
    });

    it("goes on in the other window when the one that asked is closed, or stands still", async () => {
      refusing(2 * minute);
      const one = await open();
      const id = await sendTo(one, "ann@x.example");
      assert.equal(await costOf(0), 1);
      const other = await open();
      one.stop();
      assert.equal(await costOf(minute), 1);
      one.goOn();
      await machine.during("closing", one.close());
      assert.equal(await costOf(3 * minute), 1);
      assert.deepEqual(returnsOf(other, id), refused);
    });

    for (const end of ["close", "kill"] as const)
      it(`asks no more because of a restart (${end}), and goes on where it was`, async () => {
        refusing(2 * minute);
        const window = await open();
        const id = await sendTo(window, "ann@x.example");
        assert.equal(await costOf(0), 1);
        await machine.during(end, window[end]());
        let before = lists();
        const next = await open();
        assert.equal(lists(), before);
        await machine.during(end, next[end]());
        await machine.sleep(20 * minute);
        before = lists();
        const last = await open();
        await machine.pass(15 * second);
        assert.equal(lists() - before, 1);
        assert.deepEqual(returnsOf(last, id), refused);
      });

    it("catches up with one request after a day without a network", async () => {
      refusing();
      const window = await open();
      const id = await sendTo(window, "ann@x.example");
      isOffline = true;
      for (const ms of [minute, hour, 12 * hour, 12 * hour]) assert.equal(await costOf(ms), 0);
      isOffline = false;
      // The longest that it waits after so many failures.
      assert.equal(await costOf(30 * minute), 1);
      assert.deepEqual(returnsOf(window, id), refused);
    });

    it("looks once more where the machine was off from before the bounce until after the two days", async () => {
      refusing();
      const window = await open();
      const id = await sendTo(window, "ann@x.example, bob@y.example");
      await machine.during("closing", window.close());
      await machine.sleep(72 * hour);
      const before = lists();
      const next = await open();
      await machine.pass(15 * second);
      assert.equal(lists() - before, 1);
      assert.deepEqual(returnsOf(next, id), refused);
      for (const ms of [hour, 24 * hour]) assert.equal(await costOf(ms), 0);
    });

    for (const [what, skew] of [
      ["ahead", 3 * hour],
      ["far ahead", 400 * 24 * hour],
      ["behind", -3 * hour],
    ] as const)
      it(`finds what comes back where the clock of the machine is ${what}`, async () => {
        machine.time.jump(skew);
        refusing();
        const window = await open();
        const id = await sendTo(window, "ann@x.example");
        assert.equal(await costOf(minute), 1);
        assert.deepEqual(returnsOf(window, id), refused);
      });

    for (const [what, jump] of [
      ["a year back", -365 * 24 * hour],
      ["an hour back", -hour],
      ["a day on", 24 * hour],
    ] as const)
      it(`goes on when somebody sets the clock ${what} after the sending`, async () => {
        refusing(2 * minute);
        const window = await open();
        const id = await sendTo(window, "ann@x.example, bob@y.example");
        assert.equal(await costOf(0), 1);
        machine.time.jump(jump);
        let cost = 0;
        for (let passed = 0; passed < 70 * minute; passed += 5 * minute) cost += await costOf(5 * minute);
        assert.ok(cost >= 1 && cost <= 8, `${cost} requests`);
        assert.deepEqual(returnsOf(window, id), refused);
      });

    it("waits longer each time while the mailbox is signed out, and needs no restart afterwards", async () => {
      refusing();
      const window = await open();
      const id = await sendTo(window, "ann@x.example");
      desk.sandbox.faults.arm({ step: "look", fault: "refuse", status: 401, times: 99, by: "service" });
      let cost = 0;
      for (let passed = 0; passed < 6 * hour; passed += 10 * minute) cost += await costOf(10 * minute);
      assert.ok(cost >= 2 && cost <= 30, `${cost} requests`);
      desk.sandbox.faults.clear();
      await costOf(31 * minute);
      assert.deepEqual(returnsOf(window, id), refused);
    });

    it("is over at a mailbox that may not be read: it is asked once, and says so", async () => {
      const window = await open();
      const id = await sendTo(window, "ann@x.example");
      desk.sandbox.faults.arm({ step: "look", fault: "refuse", status: 403, times: 9, by: "service" });
      assert.equal(await costOf(minute), 1);
      for (const ms of [minute, hour, 24 * hour]) assert.equal(await costOf(ms), 0);
      assert.equal(window.store.get(id).arrival?.barred, true);
      desk.sandbox.faults.clear();
    });
  });
