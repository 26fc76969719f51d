import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";
import { type ErrorCode, ErrorCode as ErrorCodes, FreightError } from "../../../src/base/errors.ts";
import {
  backoffMs,
  isTransient,
  MAX_FAILURES,
  retryAfterMs,
  type Sleep,
  sleep,
  withRetries,
} from "../../../src/net/retry.ts";

const now = Date.UTC(2026, 9, 21, 7, 27, 0);
const TRANSIENT: readonly ErrorCode[] = [
  "network",
  "offline",
  "timeout",
  "rate-limited",
  "service-fault",
  "unsettled",
];

function failure(code: ErrorCode = "network", waitMs?: number): FreightError {
  return new FreightError(code, "It failed.", { retryAfterMs: waitMs });
}

describe("Retry-After", () => {
  for (const [header, waitMs] of [
    ["3", 3_000],
    ["0", 0],
    [" 7 ", 7_000],
    ["120", 120_000],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 60_000],
    ["Wednesday, 21-Oct-26 07:28:00 GMT", 60_000],
    ["Wed, 21 Oct 2026 07:26:00 GMT", 0],
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["soon 1", undefined],
    ["May 1", undefined],
    ["-1", undefined],
    ["1.5", 1_500],
    ["120, 30", 120_000],
    ["2026-10-21", undefined],
  ] as const)
    it(`is read from ${JSON.stringify(header)}`, () => assert.equal(retryAfterMs(header, now), waitMs));

  it("is never negative, whatever stands there", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date({ noInvalidDate: true }).map(String)), (header) => {
        assert.ok((retryAfterMs(header, now) ?? 0) >= 0);
      }),
    ));
});

describe("A failure", () => {
  for (const code of ErrorCodes.options)
    it(`“${code}” is ${TRANSIENT.includes(code) ? "" : "not "}worth another try`, () =>
      assert.equal(isTransient(failure(code)), TRANSIENT.includes(code)));

  for (const [waitMs, expected] of [
    [24 * 3_600_000, true],
    [24 * 3_600_000 + 1, false],
  ] as const)
    it(`is ${expected ? "" : "not "}repeated when the service asks for ${waitMs} ms`, () =>
      assert.equal(isTransient(failure("rate-limited", waitMs)), expected));

  for (const reason of [
    new TypeError("x"),
    "network",
    undefined,
    new DOMException("Cancelled", "AbortError"),
  ])
    it(`that is none of ours is not repeated: ${String(reason)}`, () =>
      assert.equal(isTransient(reason), false));
});

describe("The wait before another try", () => {
  for (const [failures, code, least, most] of [
    [1, "network", 500, 1_000],
    [2, "network", 1_000, 2_000],
    [3, "timeout", 2_000, 4_000],
    [6, "network", 15_000, 30_000],
    [7, "service-fault", 15_000, 30_000],
    [1, "rate-limited", 2_500, 5_000],
    [4, "rate-limited", 20_000, 40_000],
    [5, "rate-limited", 30_000, 60_000],
  ] as const)
    it(`is ${least} to ${most} ms after failure ${failures} (${code})`, () => {
      assert.equal(
        backoffMs(failures, failure(code), () => 0),
        least,
      );
      assert.equal(
        backoffMs(failures, failure(code), () => 1),
        most,
      );
    });

  for (const [failures, waitMs, expected] of [
    [1, 90_000, 90_000],
    [1, 0, 500],
    [6, 3_000, 15_000],
  ] as const)
    it(`is ${expected} ms when the service asks for ${waitMs} after failure ${failures}`, () =>
      assert.equal(
        backoffMs(failures, failure("service-fault", waitMs), () => 0),
        expected,
      ));

  const anyFailure = fc.record({
    failures: fc.integer({ min: 1, max: 1000 }),
    code: fc.constantFrom(...TRANSIENT),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
    waitMs: fc.option(fc.nat(300_000), { nil: undefined }),
  });

  it("is at least what the service asked for, and at least half a second", () =>
    fc.assert(
      fc.property(anyFailure, ({ failures, code, random, waitMs }) => {
        const wait = backoffMs(failures, failure(code, waitMs), () => random);
        assert.ok(wait >= Math.max(500, waitMs ?? 0), String(wait));
      }),
    ));

  it("is at most a minute, or what the service asked for", () =>
    fc.assert(
      fc.property(anyFailure, ({ failures, code, random, waitMs }) => {
        const wait = backoffMs(failures, failure(code, waitMs), () => random);
        assert.ok(wait <= Math.max(60_000, waitMs ?? 0), String(wait));
      }),
    ));

  it("never shrinks while nothing gets better", () =>
    fc.assert(
      fc.property(anyFailure, ({ failures, code, random, waitMs }) => {
        const wait = (count: number) => backoffMs(count, failure(code, waitMs), () => random);
        assert.ok(wait(failures) <= wait(failures + 1));
      }),
    ));
});

describe("Sleeping", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

  it("ends by itself and leaves no listener", async () => {
    const { signal } = new AbortController();
    await sleep(1, signal);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("ends when it is cancelled, and leaves neither timer nor listener", async () => {
    const controller = new AbortController();
    await null; // Only now has mocha started its own timer.
    const before = timers();
    const sleeping = sleep(3_600_000, controller.signal);
    controller.abort();
    await assert.rejects(sleeping, { name: "AbortError" });
    assert.equal(timers(), before);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("does not begin when it was cancelled before", async () => {
    await null;
    const before = timers();
    await assert.rejects(sleep(3_600_000, AbortSignal.abort()), { name: "AbortError" });
    assert.equal(timers(), before);
  });
});

describe("Repeating", () => {
  /** Runs an operation that fails so, then succeeds; tells how often it ran and how long it would have waited. */
  async function run(failures: readonly unknown[], mayRepeat?: (error: FreightError) => boolean) {
    const waits: number[] = [];
    const slept: number[] = [];
    let tries = 0;
    const pretend: Sleep = async (ms) => void slept.push(ms);
    const outcome = await withRetries(
      async () => {
        const reason = failures[tries++];
        if (reason !== undefined) throw reason;
        return "done";
      },
      {
        signal: new AbortController().signal,
        sleep: pretend,
        random: () => 0,
        onWait: (_, ms) => waits.push(ms),
        ...(mayRepeat === undefined ? {} : { mayRepeat }),
      },
    ).catch((reason: unknown) => reason);
    assert.deepEqual(waits, slept, "what is told is what is waited");
    return { outcome, tries, slept };
  }

  it("is never given up while the service names its waits, however long", async () => {
    const waits = Array.from({ length: 12 }, () => failure("rate-limited", 1_200_000));
    assert.deepEqual(await run(waits), { outcome: "done", tries: 13, slept: waits.map(() => 1_200_000) });
  });

  it("is given up when a service names short waits again and again", async () => {
    const waits = Array.from({ length: 12 }, () => failure("rate-limited", 1_000));
    assert.equal((await run(waits)).tries, 8);
  });

  it("does not happen when all goes well", async () => {
    assert.deepEqual(await run([]), { outcome: "done", tries: 1, slept: [] });
  });

  it("goes on until it succeeds, waiting longer each time", async () => {
    const failures = [failure(), failure("timeout"), failure("service-fault")];
    assert.deepEqual(await run(failures), { outcome: "done", tries: 4, slept: [500, 1_000, 2_000] });
  });

  it(`gives up after ${MAX_FAILURES} failures with the last one`, async () => {
    const failures = Array.from({ length: MAX_FAILURES + 1 }, () => failure());
    const { outcome, tries, slept } = await run(failures);
    assert.equal(outcome, failures[MAX_FAILURES - 1]);
    assert.deepEqual([tries, slept.length], [MAX_FAILURES, MAX_FAILURES - 1]);
  });

  it("waits out a missing network however long it takes, looking every 15 seconds at last", async () => {
    const { outcome, slept } = await run(Array.from({ length: 100 }, () => failure("offline")));
    assert.equal(outcome, "done");
    assert.deepEqual(slept.slice(0, 6), [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it("does not count a missing network among the failures", async () => {
    const offline = Array.from({ length: 20 }, () => failure("offline"));
    const lost = Array.from({ length: MAX_FAILURES - 1 }, () => failure());
    assert.equal((await run([...lost.slice(1), ...offline, ...lost.slice(0, 1)])).outcome, "done");
  });

  for (const reason of [failure("credential-rejected"), new TypeError("a bug")])
    it(`stops at once at what does not pass: ${reason.name}`, async () => {
      assert.deepEqual(await run([failure(), reason]), { outcome: reason, tries: 2, slept: [500] });
    });

  it("stops when something else forbids it", async () => {
    const reason = failure();
    assert.deepEqual(await run([reason], () => false), { outcome: reason, tries: 1, slept: [] });
  });

  it("looks again for what is not settled as often as it takes, each time after the wait that is named", async () => {
    const looks = Array.from({ length: 3 * MAX_FAILURES }, () => failure("unsettled", 5_000));
    const { outcome, slept } = await run([...looks, failure("unsettled", 1_200)]);
    assert.deepEqual([outcome, slept], ["done", [...looks.map(() => 5_000), 1_200]]);
  });

  it("waits as long as the service asked", async () => {
    assert.deepEqual((await run([failure("rate-limited", 90_000)])).slept, [90_000]);
  });

  it("ends when it is cancelled during the operation, whatever that failed with", async () => {
    const controller = new AbortController();
    const repeating = withRetries(
      async () => {
        controller.abort();
        throw failure();
      },
      { signal: controller.signal, sleep, random: () => 0, onWait: () => assert.fail("nothing to wait for") },
    );
    await assert.rejects(repeating, { name: "AbortError" });
  });

  it("ends when it is cancelled during the wait", async () => {
    const controller = new AbortController();
    let tries = 0;
    const repeating = withRetries(
      async () => {
        tries++;
        throw failure();
      },
      { signal: controller.signal, sleep, random: () => 0, onWait: () => controller.abort() },
    );
    await assert.rejects(repeating, { name: "AbortError" });
    assert.equal(tries, 1);
  });
});
