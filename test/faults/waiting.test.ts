import { setTimeout as wait } from "node:timers/promises";
import { FreightError } from "../../src/base/errors.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, type Desk, faultsMet, isSettled, pressSend } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { OpenSockets } from "../support/openSockets.ts";
import type { WindowOptions } from "../support/window.ts";
import { cell, tell, tried } from "./cell.ts";

/** Far longer than an answer takes here, and far shorter than the engine's own patience. */
const impatient = { patienceMs: 400 };
const minutes = 60_000;

/** The first request whose path ends with `end` goes to `to` instead. */
function once(end: string, to: (url: string) => string, times = 1): Partial<WindowOptions> {
  let left = times;
  return {
    detour: ({ url }) => (new URL(url).pathname.endsWith(end) && left-- > 0 ? to(url) : undefined),
  };
}
const offline = (): never => {
  throw new FreightError("offline", "No network.");
};
/** A port of this machine where nobody listens: 1 belongs to a service that nobody has run for decades. */
const nobody = (url: string) => url.replace(/:\d+/, ":1");
/** TLS spoken to somebody who does not. */
const overTls = (url: string) => url.replace("http:", "https:");
const paths = [
  ["1 create", "/attachment-uploads"],
  ["2 bytes", "/o"],
  ["3 complete", "/complete"],
  ["4 send", "/send"],
] as const;

describe("A service that cannot be reached", () => {
  const section = "The way to the service";
  for (const [step, end] of paths) {
    const probed = step === "2 bytes" ? ", probed" : "";
    cell({
      section,
      step,
      fault: "connection refused",
      expected: `sent${probed}`,
      options: once(end, nobody),
    });
    cell({
      section,
      step,
      fault: "connection refused, again and again",
      expected: "failed: network (retry); then sent",
      options: once(end, nobody, 8),
    });
    cell({
      section,
      step,
      fault: "no secure connection possible",
      expected: "failed: certificate (showLog); then sent",
      options: once(end, overTls),
    });
    cell({
      section,
      step,
      fault: "no network, for longer than any other failure is waited out",
      expected: `sent${probed}`,
      options: once(end, offline, 30),
    });
  }
});

/** Sends a mail whose connections end with this error as soon as a fault holds their answers back. */
async function breaking(desk: Desk, options: Partial<WindowOptions>, port: number, code: string) {
  const sockets = new OpenSockets();
  const met = () => desk.sandbox.faults.report().reduce((sum, { met }) => sum + met, 0);
  try {
    let broken = 0;
    // A missing network is waited out for as long as the key protects: that is over sooner here.
    const window = await desk.open({ ...options, clockOffsetMs: () => broken * 10 * minutes });
    const id = await compose(window, await desk.file());
    await pressSend(window, id);
    let isOver = false;
    const over = window.until(id, isSettled).then(() => {
      isOver = true;
    });
    for (; !isOver; await new Promise(setImmediate)) {
      if (met() === broken) continue;
      broken = met();
      sockets.break(port, code);
    }
    await over;
    return { window, id };
  } finally {
    sockets.dispose();
  }
}

describe("A connection whose answer cannot come back", () => {
  const section = "The way to the service";
  const api = (origin: (desk: Desk) => string) => (desk: Desk) => Number(new URL(origin(desk)).port);
  const toNylas = api(({ sandbox }) => sandbox.nylas.apiUri);
  const toGraph = api(({ sandbox }) => sandbox.graph.baseUrl);
  for (const code of ["EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "ETIMEDOUT", "EPIPE"])
    for (const [step, aim, port, how, door] of [
      ["1 create", "create", toNylas, "asked again", nylas],
      ["2 bytes", "upload", api(({ sandbox }) => sandbox.storageOrigin), "probed", nylas],
      ["3 complete", "complete", toNylas, "completed again", nylas],
      ["4 send", "send", toNylas, "same key", nylas],
      ["send, a form", "send", toNylas, "same key", google],
      ["send, Microsoft Graph", "send", toGraph, "looked up", graph],
    ] as const)
      cell({
        section,
        step,
        door,
        fault: `the service has acted, and reading its answer ends with ${code}`,
        expected: `sent, ${how}`,
        rules: [{ step: aim, fault: "stall", afterCommit: true }],
        play: (desk, options) => breaking(desk, options, port(desk), code),
      });

  for (const [code, step, door] of [
    ["EHOSTUNREACH", "4 send", nylas],
    ["EHOSTUNREACH", "send, a form", google],
    ["ENETDOWN", "4 send", nylas],
  ] as const)
    cell({
      section,
      step,
      door,
      fault: `the mail is out, and reading its answer ends with ${code}, each time`,
      expected:
        "unconfirmed: send-unconfirmed (sendAgain), same key; then unconfirmed: send-unconfirmed (sendAgain)",
      rules: [{ step: "send", fault: "stall", afterCommit: true, times: 999 }],
      play: (desk, options) => breaking(desk, options, toNylas(desk), code),
    });
});

describe("A service that stands still", () => {
  const section = "Stalls and slowness";
  for (const [step, rule, how] of [
    ["1 create", { step: "create", fault: "stall" }, "asked again"],
    ["1 create", { step: "create", fault: "stall", afterCommit: true }, "asked again"],
    ["2 bytes", { step: "upload", fault: "stall", afterBytes: 300_000 }, "probed"],
    ["2 bytes", { step: "upload", fault: "stall", afterCommit: true }, "probed"],
    ["3 complete", { step: "complete", fault: "stall" }, "completed again"],
    ["3 complete", { step: "complete", fault: "stall", afterCommit: true }, "completed again"],
    ["4 send", { step: "send", fault: "stall" }, "same key"],
    ["4 send", { step: "send", fault: "stall", afterCommit: true }, "same key"],
  ] as const satisfies readonly (readonly [string, Fault, string])[])
    cell({
      section,
      step,
      fault: `stands still ${"afterCommit" in rule ? "after it acted" : "before it acts"}`,
      expected: `sent, ${how}`,
      rules: [rule],
      options: impatient,
    });

  cell({
    section,
    step: "4 send",
    fault: "takes longer than we wait; 409 while it is under way",
    expected: "sent, same key",
    rules: [{ step: "send", fault: "hold", atWork: true, times: 1 }],
    options: { patienceMs: 400, onSleep: (ms) => wait(ms / 20) },
    play: async (desk, options) => {
      const window = await desk.open(options);
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      const isRefused = () => desk.sandbox.requests.some(({ status }) => status === 409);
      while (!isRefused()) await new Promise((resolve) => setImmediate(resolve));
      desk.sandbox.faults.release();
      return { window, id };
    },
  });
});

describe("Clocks that are wrong", () => {
  const section = "Time";
  for (const [whose, hours] of [
    ["service’s", 2],
    ["service’s", -2],
    ["machine’s", 2],
    ["machine’s", -2],
  ] as const)
    cell({
      section,
      step: "all",
      fault: `the ${whose} clock is ${Math.abs(hours)} h ${hours > 0 ? "fast" : "slow"}`,
      expected: "sent",
      ...(whose === "service’s"
        ? { rules: [{ step: "create", fault: "timePasses", ms: hours * 60 * minutes }] }
        : { options: { clockOffsetMs: () => hours * 60 * minutes } }),
    });
});

describe("A machine that sleeps", () => {
  for (const [minutesAsleep, expected, system] of [
    [30, "sent, probed", "Linux"],
    [30, "sent, probed", "Windows, macOS"],
    [9 * 60, "sent, new session", "Linux"],
    [9 * 60, "sent, new session", "Windows, macOS"],
  ] as const)
    tried(
      {
        section: "Time",
        step: "2 bytes",
        fault: `sleeps ${minutesAsleep} min; its connection is dead, and nobody says so (${system})`,
        expected,
      },
      async (desk: Desk) => {
        desk.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 300_000 });
        let sleptMs = 0;
        const window = await desk.open({
          clockOffsetMs: () => sleptMs,
          monotonicAheadMs: () => (system === "Linux" ? 0 : sleptMs),
        });
        const id = await compose(window, await desk.file());
        await pressSend(window, id);
        await faultsMet(desk.sandbox);
        sleptMs = minutesAsleep * minutes;
        desk.sandbox.clock.advance(sleptMs);
        // Which it does every few seconds.
        await window.runner.recover();
        const delivery = await window.until(id, isSettled);
        return delivery === undefined ? "killed" : tell(delivery, desk, window);
      },
    );
});
