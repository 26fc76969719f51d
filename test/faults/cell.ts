/** One cell of the fault matrix: a mail is sent past a fault, and what comes of it is told in a few words. */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, Desk, insist, isSettled, pressSend } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import { idle, idleAgain } from "../support/leaks.ts";
import type { Window, WindowOptions } from "../support/window.ts";
import { type Entry, enter } from "./table.ts";

export interface Cell {
  readonly section: string;
  readonly step: string;
  readonly fault: string;
  readonly expected: string;
  readonly rules?: readonly Fault[];
  readonly options?: Partial<WindowOptions>;
  readonly size?: number;
  /** The service that the mail goes through; Nylas unless told. */
  readonly door?: Door;
  /** What the person puts right before following the remedy. */
  readonly mend?: (desk: Desk) => Promise<void>;
  /** What happens in the place of "compose and send". @returns the mail and the window that has it at the end */
  readonly play?: (desk: Desk, options: Partial<WindowOptions>) => Promise<{ window: Window; id: string }>;
}

/** Declares a test whose outcome stands in the table. `run` tells what it has seen. */
export function tried(line: Omit<Entry, "seen">, run: (desk: Desk) => Promise<string>, door?: Door): void {
  const entry = enter(line);
  it(`${line.step}: ${line.fault} → ${line.expected}`, async () => {
    const before = await idle();
    const desk = await Desk.set(door);
    try {
      entry.seen = await run(desk);
    } finally {
      await desk.clear();
    }
    assert.equal(entry.seen, line.expected);
    await idleAgain(before);
  });
}

/** Declares the cell's test. */
export function cell(what: Cell): void {
  const { section, step, fault, expected, rules = [], options = {}, door } = what;
  const play = async (desk: Desk) => {
    desk.sandbox.faults.arm(...rules);
    const { window, id } = await (what.play ?? send(what.size))(desk, options);
    const delivery = await window.until(id, isSettled);
    assert.ok(delivery);
    const seen = tell(delivery, desk, window);
    for (const { rule, met } of desk.sandbox.faults.report())
      assert.ok(met > 0, `the fault was not met: ${JSON.stringify(rule)}`);
    desk.sandbox.faults.clear();
    await what.mend?.(desk);
    const inTheEnd = await insist(window, id, desk.sandbox);
    return delivery.phase === "sent" ? seen : `${seen}; then ${verdict(inTheEnd)}`;
  };
  tried({ section, step, fault, expected }, play, door);
}

function send(size?: number): NonNullable<Cell["play"]> {
  return async (desk, options) => {
    const window = await desk.open(options);
    const id = await compose(window, await desk.file("build.bin", size));
    await pressSend(window, id);
    return { window, id };
  };
}

/** How a mail stands, and what had to be done for it. */
export function tell(delivery: DeliveryRecord, desk: Desk, window: Window): string {
  const { requests } = desk.sandbox;
  const of = (step: string) => requests.filter((request) => request.step === step);
  const keys = new Set(of("send").map(({ headers }) => headers["idempotency-key"]));
  const sessions = desk.witness.sessions.size;
  const posts = (end: RegExp) => requests.filter(({ method, path }) => method === "POST" && end.test(path));
  const looks = requests.filter(({ method, path }) => method === "GET" && path.includes("isDraft"));
  const how = [
    posts(/\/v1.0\/me\/messages$/).length > 1 ? "draft asked for again" : "",
    looks.length > 0 && of("discard").length === 0 ? "looked up" : "",
    sessions > delivery.attachments.length ? "new session" : "",
    sessions <= delivery.attachments.length && of("create").length > delivery.attachments.length
      ? "asked again"
      : "",
    of("probe").length > 0 ? "probed" : "",
    of("attach").length > delivery.attachments.length ? "attached again" : "",
    sessions <= delivery.attachments.length && of("complete").length > delivery.attachments.length
      ? "completed again"
      : "",
    of("send").length < 2
      ? ""
      : keys.has(undefined)
        ? "sent again"
        : keys.size === 1
          ? "same key"
          : "new key",
    window.waits.includes(7_000) ? "after 7 s" : "",
  ].filter(Boolean);
  return [verdict(delivery), ...how].join(", ");
}

function verdict({ phase, error, attachments }: DeliveryRecord): string {
  const problem = error ?? attachments.find((attachment) => attachment.error !== null)?.error;
  const suffix = problem ? `: ${problem.code} (${problem.remedy})` : "";
  if (phase === "sent") return "sent";
  if (phase === "unconfirmed") return `unconfirmed${suffix}`;
  if (problem) return `failed${suffix}`;
  const stopped = attachments.find(({ status }) => status === "paused" || status === "cancelled");
  if (stopped !== undefined) return stopped.status;
  return phase === "composing" ? "waits for Send" : phase;
}
