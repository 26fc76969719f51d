import assert from "node:assert/strict";
import type { FreightError } from "../../src/base/errors.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { UploadTarget } from "../../src/services/mailService.ts";
import {
  compose,
  type Desk,
  faultsMet,
  Hold,
  insist,
  isSettled,
  pressSend,
  usualSize,
} from "../support/desk.ts";
import { sample } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { tell, tried } from "./cell.ts";

const section = "Two windows";
/** The window that drives waits at one of these steps. */
const steps = [
  ["1 create", { step: "create", fault: "resetBeforeBody" }],
  ["2 bytes", { step: "upload", fault: "resetMidBody", afterBytes: 600_000 }],
  ["3 complete", { step: "complete", fault: "dropReplyAfterCommit" }],
  ["4 send", { step: "send", fault: "dropReplyAfterCommit" }],
] as const satisfies readonly (readonly [string, Fault])[];

interface Scene {
  readonly driver: Window;
  readonly other: Window;
  readonly hold: Hold;
  readonly id: string;
  /** Lets the other window look around until it has taken the mail over: the driver is not heard of for so long. */
  takeOver(): Promise<void>;
}

/** One window drives a mail and waits in the middle of it, another one is open beside it. */
async function stage(desk: Desk, fault: Fault): Promise<Scene> {
  desk.sandbox.faults.arm(fault);
  const hold = new Hold();
  const driver = await desk.open(hold.options);
  const id = await compose(driver, await desk.file());
  await pressSend(driver, id);
  await hold.begun;
  await driver.store.flushed(id);
  let aheadMs = 0;
  const other = await desk.open({ monotonicAheadMs: () => aheadMs });
  const takeOver = async () => {
    while (!other.leases.holds(id)) {
      aheadMs += 5_000;
      await other.runner.recover();
    }
  };
  return { driver, other, hold, id, takeOver };
}

const isRefused = (reason: FreightError) => reason.code === "driven-elsewhere";

describe("Two windows on one mail", () => {
  for (const [step, fault] of steps) {
    tried({ section, step, fault: "one drives, the other sees it live", expected: "sent" }, async (desk) => {
      const { driver, other, hold, id } = await stage(desk, fault);
      const count = desk.sandbox.requests.length;
      await other.runner.recover();
      await assert.rejects(other.runner.forget(id), isRefused);
      assert.equal(desk.sandbox.requests.length, count);
      const seen = driver.store.get(id);
      assert.deepEqual(
        [other.store.get(id).phase, other.store.get(id).attachments[0]?.status],
        [seen.phase, seen.attachments[0]?.status],
      );
      hold.release();
      await insist(driver, id, desk.sandbox);
      await driver.store.flushed(id);
      await other.runner.noticed(id);
      return other.store.get(id).phase;
    });

    tried(
      { section, step, fault: "the driver dies, the other takes over", expected: "sent" },
      async (desk) => {
        const { driver, other, id } = await stage(desk, fault);
        await driver.kill();
        await other.runner.recover();
        return (await insist(other, id, desk.sandbox)).phase;
      },
    );

    tried(
      { section, step, fault: "the driver is closed, the other takes over", expected: "sent" },
      async (desk) => {
        const { driver, other, id } = await stage(desk, fault);
        await driver.close();
        await other.runner.recover();
        return (await insist(other, id, desk.sandbox)).phase;
      },
    );

    tried(
      { section, step, fault: "the driver is frozen and taken over, then wakes", expected: "sent" },
      async (desk) => {
        const { driver, other, id, hold, takeOver } = await stage(desk, fault);
        await takeOver();
        const { phase } = await insist(other, id, desk.sandbox);
        await other.store.flushed(id);
        hold.release();
        await insist(driver, id, desk.sandbox);
        await driver.close();
        const later = await desk.open();
        assert.equal(tell(later.store.get(id), desk, later).replace(/,.*/, ""), "sent");
        return phase;
      },
    );
  }

  tried(
    { section, step: "all", fault: "both start at once on what was left", expected: "sent" },
    async (desk) => {
      const { driver, other, id } = await stage(desk, steps[1][1]);
      await driver.kill();
      const third = await desk.open();
      await Promise.all([other.runner.recover(), third.runner.recover()]);
      assert.equal([other, third].filter(({ leases }) => leases.holds(id)).length, 1);
      const winner = other.leases.holds(id) ? other : third;
      return (await insist(winner, id, desk.sandbox)).phase;
    },
  );
});

describe("Another writer at the storage", () => {
  for (const [fault, seed, expected] of [
    ["writes the rest of the file", 1, "sent, probed"],
    ["writes other bytes", 9, "sent, new session, probed"],
  ] as const)
    tried({ section, step: "2 bytes", fault, expected }, async (desk) => {
      desk.sandbox.faults.arm(
        { step: "upload", fault: "keepFewerBytes", bytes: 524_288 },
        { step: "upload", fault: "resetBeforeBody" },
      );
      const hold = new Hold();
      const window = await desk.open(hold.options);
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await hold.reached(window, id);
      const [secret = "{}"] = desk.secrets.values.values();
      const rest = sample(usualSize, seed).subarray(524_288);
      const { status } = await fetch(UploadTarget.parse(JSON.parse(secret)).url, {
        method: "PUT",
        headers: { "content-range": `bytes 524288-${usualSize - 1}/${usualSize}` },
        body: Uint8Array.from(rest),
      });
      assert.equal(status, 200);
      hold.release();
      const delivery = await window.until(id, isSettled);
      return delivery === undefined ? "killed" : tell(delivery, desk, window);
    });
});

describe("A window that closes while a mail is being sent", () => {
  tried(
    { section, step: "4 send", fault: "is closed, and the answer comes in a moment", expected: "sent" },
    async (desk) => {
      desk.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true });
      const window = await desk.open({ sendGraceMs: 10_000 });
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await faultsMet(desk.sandbox);
      const closed = window.close();
      desk.sandbox.faults.release();
      await closed;
      const next = await desk.open();
      return tell(next.store.get(id), desk, next);
    },
  );
  tried(
    { section, step: "4 send", fault: "is closed, and no answer comes", expected: "sent, same key" },
    async (desk) => {
      desk.sandbox.faults.arm({ step: "send", fault: "stall", afterCommit: true });
      const window = await desk.open();
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await faultsMet(desk.sandbox);
      await window.close();
      const next = await desk.open();
      const delivery = await next.until(id, isSettled);
      return delivery === undefined ? "killed" : tell(delivery, desk, next);
    },
  );
});
