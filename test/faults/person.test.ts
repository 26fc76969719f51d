import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, type Desk, faultsMet, Hold, pressSend } from "../support/desk.ts";
import type { Window } from "../support/window.ts";
import { cell } from "./cell.ts";

const section = "The person";

/** Holds a request until the person has acted. */
const held = (step: Fault["step"]): Fault => ({ step, fault: "hold" });
type Act = (window: Window, id: string, attachment: string) => Promise<void>;

/** Composes and sends, waits until the request is held, and acts. */
const meanwhile = (act: Act) => async (desk: Desk) => {
  const window = await desk.open();
  const id = await compose(window, await desk.file());
  const attachment = window.store.get(id).attachments[0]?.id ?? "";
  await pressSend(window, id);
  await faultsMet(desk.sandbox);
  await act(window, id, attachment);
  desk.sandbox.faults.release();
  return { window, id };
};

const cancel: Act = (window, id, attachment) => window.runner.cancel(id, attachment);
const pause: Act = (window, id, attachment) => window.runner.pause(id, attachment);
const withdraw: Act = (window, id) => window.runner.withdraw(id);
const withdrawLate: Act = (window, id) => assert.rejects(window.runner.withdraw(id), { code: "send-late" });

describe("A person who changes their mind", () => {
  const cases: readonly (readonly [string, Fault["step"], string, Act, string])[] = [
    ["1 create", "create", "cancels", cancel, "cancelled; then sent"],
    ["2 bytes", "upload", "cancels", cancel, "cancelled; then sent"],
    ["3 complete", "complete", "cancels", cancel, "cancelled; then sent"],
    ["4 send", "send", "cancels: too late", cancel, "sent"],
    ["1 create", "create", "pauses", pause, "paused; then sent"],
    ["2 bytes", "upload", "pauses", pause, "paused; then sent"],
    ["3 complete", "complete", "pauses", pause, "paused; then sent"],
    ["4 send", "send", "pauses: too late", pause, "sent"],
    ["2 bytes", "upload", "takes Send back", withdraw, "waits for Send; then sent"],
    ["4 send", "send", "takes Send back: told that it is too late", withdrawLate, "sent"],
  ];
  for (const [step, at, fault, act, expected] of cases)
    cell({ section, step, fault, expected, rules: [held(at)], play: meanwhile(act) });

  cell({
    section,
    step: "2 bytes",
    fault: "cancels while the engine waits; the storage is told",
    expected: "cancelled; then sent",
    rules: [{ step: "upload", fault: "resetMidBody", afterBytes: 400_000 }],
    play: async (desk) => {
      const hold = new Hold();
      const window = await desk.open(hold.options);
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await hold.reached(window, id);
      await window.runner.cancel(id, window.store.get(id).attachments[0]?.id ?? "");
      while (!desk.sandbox.requests.some((request) => request.step === "cancel" && request.status === 499))
        await new Promise((resolve) => setImmediate(resolve));
      hold.release();
      return { window, id };
    },
  });

  cell({
    section,
    step: "all",
    fault: "sends a mail whose files have run out since they were ready",
    expected: "sent, new session",
    play: async (desk) => {
      let late = 0;
      const window = await desk.open({ clockOffsetMs: () => late });
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      late = 3_600_000;
      desk.sandbox.clock.advance(late);
      await pressSend(window, id);
      return { window, id };
    },
  });

  cell({
    section,
    step: "4 send",
    fault: "comes back an hour after a send whose answer was lost",
    expected: "unconfirmed: send-unconfirmed (sendAgain); then unconfirmed: send-unconfirmed (sendAgain)",
    rules: [{ step: "send", fault: "dropReplyAfterCommit" }],
    play: async (desk) => {
      const killed = await desk.open(new Hold().options);
      const id = await compose(killed, await desk.file());
      await pressSend(killed, id);
      await faultsMet(desk.sandbox);
      await killed.kill();
      const late = 3_600_000;
      desk.sandbox.clock.advance(late);
      return { window: await desk.open({ clockOffsetMs: () => late }), id };
    },
  });

  for (const [hours, expected] of [
    [-2, "unconfirmed: send-unconfirmed (sendAgain); then unconfirmed: send-unconfirmed (sendAgain)"],
    [0, "sent, same key"],
  ] as const)
    cell({
      section: "Time",
      step: "4 send",
      fault: `killed, and the machine’s clock is put ${hours === 0 ? "nowhere" : "2 h back"} before the next start`,
      expected,
      rules: [{ step: "send", fault: "dropReplyAfterCommit" }],
      play: async (desk) => {
        const killed = await desk.open(new Hold().options);
        const id = await compose(killed, await desk.file());
        await pressSend(killed, id);
        await faultsMet(desk.sandbox);
        assert.equal(killed.store.get(id).phase, "sending");
        await killed.kill();
        return { window: await desk.open({ clockOffsetMs: () => hours * 3_600_000 }), id };
      },
    });
});
