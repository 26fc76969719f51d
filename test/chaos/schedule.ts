/** What can go wrong in one run, and what the person does meanwhile, as fast-check makes it up. */
import fc from "fast-check";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { LineTrouble } from "../support/badLines.ts";
import { type Act, anyAct, type Deed, deeds, linkDeeds } from "./acts.ts";
import { isOn } from "./kinds.ts";

export interface Schedule {
  /** Sizes of the files in bytes. */
  readonly files: readonly number[];
  readonly faults: readonly Fault[];
  /** Send is pressed before the files are ready. */
  readonly isEarly: boolean;
  /** The text has hundreds of kilobytes, and more commas than any answer of a service had before. */
  readonly isLong: boolean;
  readonly acts: readonly Act[];
  readonly lines: LineTrouble;
  /** Turns of the event loop that each work on the disk takes, and in the secret store. */
  readonly slowDisk: readonly number[];
  readonly slowSecrets: readonly number[];
  /** The monotonic clock goes on while the machine sleeps. */
  readonly countsSleep: boolean;
  /** How long a mail that is ready waits before it leaves, in milliseconds. */
  readonly undoSendMs: number;
  /** In which of their shapes the services answer, see `shapes.ts`; the usual one unless told. */
  readonly shape?: number;
}

const grid = 256 * 1024;
const mebi = 1024 * 1024;
/** Often enough that the engine stops trying, now and then. */
const times = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 3 }), weight: 4 },
  { arbitrary: fc.integer({ min: 7, max: 12 }), weight: 1 },
);
const skip = fc.integer({ min: 0, max: 2 });
const short = fc.integer({ min: 1, max: 30 });
const offset = fc.oneof(fc.integer({ min: 0, max: 3 * grid }), fc.constantFrom(grid - 1, grid, grid + 1));

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 3 * grid }),
  fc
    .record({ steps: fc.integer({ min: 1, max: 3 }), more: fc.integer({ min: -1, max: 1 }) })
    .map(({ steps, more }) => steps * grid + more),
);

/** The steps of a service that something can go wrong at. */
interface Steps {
  /** Whose requests are small. */
  readonly small: readonly Fault["step"][];
  /** Whose bodies are files. */
  readonly bytes: readonly ("upload" | "attach" | "send")[];
  readonly probe: readonly Fault["step"][];
  /** Its storage says what it has stored; without that, other bytes in it cannot be noticed. */
  readonly tellsChecksum: boolean;
  /** Beyond those that there are for every mail. */
  readonly deeds?: readonly Deed[];
}

/** @param size of a file, in bytes */
function schedules(
  { small, bytes, probe, tellsChecksum, deeds: more = [] }: Steps,
  size: fc.Arbitrary<number>,
): fc.Arbitrary<Schedule> {
  const anyStep = fc.oneof(fc.constantFrom(...small), fc.constantFrom(...bytes, ...probe));
  const fileStep = fc.constantFrom(...bytes);
  const bytesStep = fc.constantFrom(...bytes, ...probe);
  /** What a gateway answers in the place of the service; about a mail it says so in no words of the service. */
  const gate = fc.record({
    step: anyStep,
    fault: fc.constant("refuse" as const),
    status: fc.constantFrom(400, 401, 403, 404, 407, 408, 409, 410, 413, 422, 429, 500, 502, 503, 504),
    body: fc.constantFrom("html" as const, "empty" as const),
    times,
    skip,
  });
  const late = fc.record({
    step: anyStep,
    fault: fc.constant("refuse" as const),
    status: fc.constantFrom(408, 500, 502, 503, 504),
    afterCommit: fc.constant(true),
    skip,
  });
  /** What the service itself answers, and keeps under a mail's key. */
  const refusal = fc.record({
    step: fc.constant("send" as const),
    fault: fc.constant("refuse" as const),
    status: fc.constantFrom(400, 402, 422, 429, 500, 503, 504),
    by: fc.constant("service" as const),
    skip,
  });
  const plain = fc.record({
    step: anyStep,
    fault: fc.constantFrom(
      "resetBeforeBody" as const,
      "dropReplyAfterCommit" as const,
      "truncatedBody" as const,
      "htmlBody" as const,
      "emptyBody" as const,
    ),
    times,
    skip,
  });
  const inBody = fc.record({
    step: fileStep,
    fault: fc.constant("resetMidBody" as const),
    afterBytes: offset,
    times,
    skip,
  });
  const kept = fc.record({
    step: fileStep,
    fault: fc.constant("keepFewerBytes" as const),
    bytes: offset,
    times,
    skip,
  });
  const corrupt = fc.record({
    step: fileStep,
    fault: fc.constant("corruptBytes" as const),
    skip,
  });
  const forgotten = fc.record({
    step: bytesStep,
    fault: fc.constant("forgetBytes" as const),
    bytes: offset,
    skip,
  });
  const slow = fc.record({
    step: anyStep,
    fault: fc.constant("stall" as const),
    ms: short,
    afterCommit: fc.boolean(),
    skip,
  });
  const delay = fc.record({ step: anyStep, fault: fc.constant("delay" as const), ms: short, times, skip });
  /**
   * An hour goes by: sessions and keys run out. Not while a send is on its way to the service: whatever the network holds
   * back so long is out of everybody's hands.
   */
  const hour = fc
    .record({
      step: anyStep,
      fault: fc.constant("timePasses" as const),
      ms: fc.constantFrom(50 * 60_000, 58 * 60_000, 3_600_000),
      afterCommit: fc.boolean(),
      skip,
    })
    .map((one) => ({ ...one, afterCommit: one.afterCommit || one.step === "send" }));
  const fault: fc.Arbitrary<Fault> = fc.oneof(
    { arbitrary: gate, weight: 3 },
    { arbitrary: late, weight: 2 },
    { arbitrary: refusal, weight: 1 },
    { arbitrary: plain, weight: 4 },
    { arbitrary: inBody, weight: 3 },
    { arbitrary: kept, weight: 2 },
    { arbitrary: corrupt, weight: tellsChecksum ? 1 : 0 },
    { arbitrary: forgotten, weight: 1 },
    { arbitrary: slow, weight: 1 },
    { arbitrary: delay, weight: 1 },
    { arbitrary: hour, weight: 1 },
  );

  return fc.record({
    files: fc.array(size, { minLength: 1, maxLength: 3 }),
    faults: fc.array(fault, { maxLength: 6 }),
    isEarly: fc.boolean(),
    isLong: isOn("long texts") ? rarely(20) : fc.constant(false),
    acts: fc.array(act(more), { maxLength: 8 }),
    lines: fc.record({
      broken: isOn("broken lines")
        ? fc.array(fc.constantFrom(...brokenBy), { maxLength: 4 })
        : fc.constant([]),
      unopened: isOn("unopened lines")
        ? fc.array(fc.option(fc.constantFrom(...unopenedBy)), { maxLength: 4 })
        : fc.constant([]),
    }),
    slowDisk: isOn("slow disk") ? turns : fc.constant([]),
    slowSecrets: isOn("slow secrets") ? turns : fc.constant([]),
    countsSleep: fc.boolean(),
    undoSendMs: fc.constantFrom(0, 0, 5_000),
  });
}

/** How an open connection ends, as the systems call it. */
const brokenBy = [
  "ECONNRESET",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ECONNABORTED",
];
/** Why none comes about. */
const unopenedBy = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CERT_HAS_EXPIRED",
  "EPROTO",
];
const turns = fc.oneof(
  fc.constant([]),
  fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
);

function rarely(oneOf: number): fc.Arbitrary<boolean> {
  return fc.nat(oneOf - 1).map((number) => number === 1);
}

function act(more: readonly Deed[]): fc.Arbitrary<Act> {
  const wanted = [...deeds, ...more].filter((deed) => isOn(deed));
  return anyAct(wanted, isOn("two windows") ? 2 : 1, isOn("overlapping acts"));
}

/** Through Nylas. */
export const nylasSchedule = schedules(
  { small: ["create", "complete", "send"], bytes: ["upload"], probe: ["probe"], tellsChecksum: true },
  anySize,
);

/** Through Microsoft Graph: small files in one request, and large ones in ranges. */
export const graphSchedule = schedules(
  {
    small: ["draft", "create", "look", "send", "discard"],
    bytes: ["upload", "attach"],
    probe: ["probe"],
    tellsChecksum: false,
  },
  fc.oneof(
    { arbitrary: anySize, weight: 2 },
    { arbitrary: fc.integer({ min: 3 * mebi, max: 5 * mebi }), weight: 1 },
  ),
);

/** Through Nylas, with the files in the mail itself. */
export const standardSchedule = schedules(
  { small: ["send"], bytes: ["send"], probe: [], tellsChecksum: false },
  anySize,
);

/** Through Microsoft Graph, with files that go as links beside others; now and then in more than one range. */
export const linkSchedule = schedules(
  {
    small: ["draft", "create", "look", "send", "discard", "share"],
    bytes: ["upload", "attach"],
    probe: ["probe"],
    tellsChecksum: false,
    deeds: linkDeeds,
  },
  fc.oneof(
    { arbitrary: anySize, weight: 8 },
    { arbitrary: fc.integer({ min: 3 * mebi, max: 5 * mebi }), weight: 3 },
    { arbitrary: fc.integer({ min: 10 * mebi - 1, max: 11 * mebi }), weight: 1 },
  ),
);
