/** What can go wrong in one run, and what the person does meanwhile, as fast-check makes it up. */
import fc from "fast-check";
import type { Fault } from "../../src/sandbox/faultRules.ts";

export type Deed =
  | "kill"
  | "close"
  | "pause"
  | "resume"
  | "cancel"
  | "retry"
  | "withdraw"
  | "send"
  | "rewrite";

export interface Act {
  /** After how many changes of the record; earlier when nothing goes on by itself. */
  readonly after: number;
  readonly deed: Deed;
  /** Which of the files; counted round. */
  readonly file: number;
}

export interface Schedule {
  /** Sizes of the files in bytes. */
  readonly files: readonly number[];
  readonly faults: readonly Fault[];
  /** Send is pressed before the files are ready. */
  readonly isEarly: boolean;
  readonly acts: readonly Act[];
}

const grid = 256 * 1024;
const mebi = 1024 * 1024;
const times = fc.integer({ min: 1, max: 3 });
const skip = fc.integer({ min: 0, max: 2 });
const short = fc.integer({ min: 1, max: 30 });
const offset = fc.oneof(fc.integer({ min: 0, max: 3 * grid }), fc.constantFrom(grid - 1, grid, grid + 1));

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 3 * grid }),
  fc
    .record({ steps: fc.integer({ min: 1, max: 3 }), more: fc.integer({ min: -1, max: 1 }) })
    .map(({ steps, more }) => steps * grid + more),
);

const act: fc.Arbitrary<Act> = fc.record({
  after: fc.integer({ min: 0, max: 12 }),
  deed: fc.oneof(
    { arbitrary: fc.constant<Deed>("kill"), weight: 4 },
    {
      arbitrary: fc.constantFrom<Deed>(
        "close",
        "pause",
        "resume",
        "cancel",
        "retry",
        "withdraw",
        "send",
        "rewrite",
      ),
      weight: 6,
    },
  ),
  file: fc.nat(2),
});

/** The steps of a service that something can go wrong at. */
interface Steps {
  /** Whose requests are small. */
  readonly small: readonly Fault["step"][];
  /** Whose bodies are files. */
  readonly bytes: readonly ("upload" | "attach")[];
  readonly probe: readonly Fault["step"][];
  /** Its storage says what it has stored; without that, other bytes in it cannot be noticed. */
  readonly tellsChecksum: boolean;
}

/** @param size of a file, in bytes */
function schedules(
  { small, bytes, probe, tellsChecksum }: Steps,
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
  /** An hour goes by: sessions and keys run out. */
  const hour = fc.record({
    step: anyStep,
    fault: fc.constant("timePasses" as const),
    ms: fc.constantFrom(50 * 60_000, 58 * 60_000, 3_600_000),
    afterCommit: fc.boolean(),
    skip,
  });
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
    acts: fc.array(act, { maxLength: 5 }),
  });
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
