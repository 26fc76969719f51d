import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import type { Machine } from "../support/machine.ts";

/** VS Code ends the host of its extensions so long after it has asked them to end. */
const VSCODE_MS = 5_000;
/** What is still to be saved then must fit in, too. */
const WELL_BELOW_MS = VSCODE_MS - 1_000;
/** Who breaks off when it is told to is not waited for longer. */
const SOON_MS = 2_000;

/** What a service is asked: a call of its own, or one of its drafts. */
type Step = "cancel" | "complete" | "createSession" | "open" | "send";

/** A service that does not answer one of its calls. */
function silent(door: Door, step: Step, hears: boolean, onAsked: () => void): Door {
  const neverAnswers = (...args: readonly unknown[]) => {
    onAsked();
    return new Promise((_resolve, reject) => {
      for (const signal of args)
        if (hears && signal instanceof AbortSignal)
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  };
  const silenced = <T extends object>(calls: T): T =>
    new Proxy(calls, {
      get: (_target, name) => {
        if (name === step) return neverAnswers;
        const value: unknown = Reflect.get(calls, name, calls);
        if (name === "drafts" && typeof value === "object" && value !== null) return silenced(value);
        return typeof value === "function" ? value.bind(calls) : value;
      },
    });
  return { ...door, service: (...args) => silenced(door.service(...args)) };
}

describe("A window that closes while a service does not answer that something is over", () => {
  let desk: Desk;
  let machine: Machine;
  beforeEach(async () => {
    desk = await Desk.set();
    machine = desk.machine(false);
  });
  afterEach(async () => {
    await machine.during("clearing", desk.clear());
    machine.dispose();
  });

  for (const [what, hears, mostMs] of [
    ["and breaks off when it is told to", true, SOON_MS],
    ["and goes on waiting whatever it is told", false, WELL_BELOW_MS],
  ] as const)
    it(`${what} is over before VS Code ends it, and leaves its mails to the next window`, async () => {
      let asked = 0;
      const door = silent(nylas, "cancel", hears, () => asked++);
      const window = await machine.during("opening", desk.open({ machine, door }));
      const id = await machine.during("composing", compose(window, await desk.file()));
      const isReady = () => window.store.get(id).attachments.every(({ status }) => status === "ready");
      assert.ok(await machine.passUntil(isReady));
      const [file] = window.store.get(id).attachments;
      await machine.during(
        "taking it out",
        window.act(() => window.runner.detach(id, file?.id ?? "")),
      );
      assert.ok(await machine.passUntil(() => asked > 0));
      const begun = machine.time.awakeMs;
      await machine.during("closing", window.close());
      const tookMs = machine.time.awakeMs - begun;
      assert.ok(tookMs <= mostMs, `${tookMs} ms`);
      // No lease: the next window need not find out first that nobody is there.
      assert.deepEqual(await readdir(desk.folder), [`${id}.json`]);
      const next = await machine.during("opening", desk.open({ machine }));
      assert.ok(await machine.passUntil(() => next.store.get(id).remoteCleanup.length === 0));
    });

  for (const [door, step] of [
    [nylas, "createSession"],
    [nylas, "complete"],
    [nylas, "send"],
    [google, "send"],
    [graph, "open"],
    [graph, "createSession"],
    [graph, "complete"],
    [graph, "send"],
  ] as const)
    for (const hears of [true, false])
      it(`in time, too, where it is “${step}” of ${door.name} that has no answer${hears ? "" : ", and does not break off"}`, async () => {
        let asked = 0;
        const hung = silent(door, step, hears, () => asked++);
        const window = await machine.during(
          "opening",
          desk.open({ machine, door: hung, sendGraceMs: 3_000 }),
        );
        const other = await machine.during("composing", compose(window));
        const id = await machine.during("composing", compose(window, await desk.file()));
        await machine.during(
          "sending",
          window.act(() => pressSend(window, id)),
        );
        assert.ok(await machine.passUntil(() => asked > 0));
        // The last keystroke of another mail.
        const { form } = window.store.get(other);
        void window.act(() => window.runner.edit(other, { ...form, revision: 1, body: "Last words" }));
        const begun = machine.time.awakeMs;
        await machine.during("closing", window.close());
        const tookMs = machine.time.awakeMs - begun;
        assert.ok(tookMs <= WELL_BELOW_MS, `${tookMs} ms`);
        assert.deepEqual((await readdir(desk.folder)).sort(), [`${id}.json`, `${other}.json`].sort());
        assert.equal(window.onDisk(other), "Last words");
        const next = await machine.during("opening", desk.open({ machine, door }));
        assert.ok(await machine.passUntil(() => next.store.get(id).phase === "sent"));
        assert.equal(desk.sandbox.mails.length, 1);
      });
});
