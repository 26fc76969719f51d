import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import { isTransient } from "../../../src/net/retry.ts";
import { GraphRanges } from "../../../src/transfer/graphRanges.ts";
import { sample } from "../../support/files.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";

const TOTAL = 9_000_005;
const RANGE = 3_932_160;
/** Quotes, an equals sign and a percent sign: what must come back letter by letter. */
const url =
  "https://outlook.office.example/api/gv1.0/users('a%40b')/AttachmentSessions('x=')?authtoken=e%2Fy";
const { signal } = new AbortController();

interface Scene {
  readonly stored?: string | FreightError | undefined;
}

function protocol({ stored }: Scene, ...script: readonly Line[]) {
  const http = new ScriptedHttp(...script);
  const clock = { ms: 0 };
  const ranges = new GraphRanges(http, {
    url,
    total: TOTAL,
    findStored: async () => {
      if (stored instanceof FreightError) throw stored;
      return stored;
    },
    monotonicNow: () => clock.ms,
  });
  return { http, ranges, clock };
}

function range(offset: number, length: number) {
  async function* chunks() {
    yield sample(length);
  }
  return { offset, length, total: TOTAL, chunks: chunks() };
}

const next = (...ranges: readonly string[]) => answer(200, { nextExpectedRanges: ranges });
const refusal = (status: number, code: string) => answer(status, { error: { code, message: "no" } });

async function failure(promise: Promise<unknown>): Promise<FreightError> {
  const reason = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(reason instanceof FreightError, String(reason));
  return reason;
}

describe("A range to Microsoft Graph", () => {
  it("goes to the very URL, with its place and no credential", async () => {
    const { http, ranges } = protocol({}, next("100"));
    assert.deepEqual(await ranges.put(range(0, 100), signal), { next: 100, done: false });
    const [seen] = http.seen;
    assert.deepEqual([seen?.method, seen?.url], ["PUT", url]);
    assert.deepEqual(seen?.headers, {
      "content-type": "application/octet-stream",
      "content-range": `bytes 0-99/${TOTAL}`,
    });
  });

  it("is never larger than 4,000,000 bytes", () => {
    assert.equal(protocol({}).ranges.chunkBytes(), RANGE);
    assert.ok(RANGE <= 4_000_000);
  });

  it("gets smaller after two failures in a row, and larger again after three successes", async () => {
    const failed = answer(503);
    const { ranges } = protocol(
      {},
      failed,
      failed,
      failed,
      failed,
      next("1"),
      next("2"),
      next("3"),
      next("4"),
    );
    const sizes: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      await ranges.put(range(0, 1), signal).catch(() => {});
      sizes.push(ranges.chunkBytes());
    }
    assert.deepEqual(sizes, [
      RANGE,
      RANGE / 2,
      RANGE / 2,
      RANGE / 4,
      RANGE / 4,
      RANGE / 4,
      RANGE / 2,
      RANGE / 2,
    ]);
  });

  it("does not get smaller because the service asks to wait", async () => {
    const { ranges } = protocol({}, answer(429), answer(429), answer(429));
    for (let turn = 0; turn < 3; turn++) await ranges.put(range(0, 1), signal).catch(() => {});
    assert.equal(ranges.chunkBytes(), RANGE);
  });

  for (const [what, given, expected] of [
    ["as documented", { nextExpectedRanges: ["2097152"] }, 2_097_152],
    ["with an open end", { nextExpectedRanges: ["2097152-"] }, 2_097_152],
    ["with an end", { nextExpectedRanges: ["2097152-3483321"] }, 2_097_152],
    ["in Pascal case", { NextExpectedRanges: ["5"] }, 5],
    ["with others", { "@odata.context": "x", nextExpectedRanges: ["7", "9-"] }, 7],
  ] as const)
    it(`learns where to go on: ${what}`, async () => {
      const { ranges } = protocol({}, answer(200, given));
      assert.deepEqual(await ranges.put(range(0, 9), signal), { next: expected, done: false });
    });

  for (const [what, given] of [
    ["no list", {}],
    ["an empty list", { nextExpectedRanges: [] }],
    ["no number", { nextExpectedRanges: ["soon"] }],
    ["a number of another kind", { nextExpectedRanges: [5] }],
    ["a page", "<html>"],
  ] as const)
    it(`asks again when the answer tells nothing: ${what}`, async () => {
      const { ranges } = protocol({}, answer(200, given));
      assert.ok(isTransient(await failure(ranges.put(range(0, 9), signal))));
    });

  for (const [location, id] of [
    ["https://outlook.office.example/api/v2.0/Users('u')/Messages('m')/Attachments('AAMk%3D')", "AAMk="],
    ["https://x.example/attachments('a')/Attachments('b')", "b"],
    ["https://x.example/Attachments('100%')", "100%"],
  ] as const)
    it(`is the last one with a 201, which names the attachment ${id}`, async () => {
      const { ranges } = protocol({}, answer(201, "", { location }));
      assert.deepEqual(await ranges.put(range(0, 9), signal), { next: TOTAL, done: true, attachmentId: id });
    });

  it("calls the file as the list does, whatever Location names", async () => {
    const location = "https://x.example/Attachments('ordinary')";
    const { ranges } = protocol({ stored: "immutable" }, answer(201, "", { location }));
    assert.equal((await ranges.put(range(0, 9), signal)).attachmentId, "immutable");
  });

  it("calls the file as Location does when the list cannot be had", async () => {
    const location = "https://x.example/Attachments('named')";
    const stored = new FreightError("service-fault", "no list");
    const { ranges } = protocol({ stored }, answer(201, "", { location }));
    assert.equal((await ranges.put(range(0, 9), signal)).attachmentId, "named");
    const nameless = protocol({ stored }, answer(201)).ranges;
    await assert.rejects(nameless.put(range(0, 9), signal), stored);
  });

  it("is the last one with a 201 that names nothing, when the file is found", async () => {
    const { ranges } = protocol({ stored: "found" }, answer(201));
    assert.equal((await ranges.put(range(0, 9), signal)).attachmentId, "found");
  });

  for (const [what, given, code, transient] of [
    ["a range that the session does not wait for", answer(416), "service-fault", true],
    ["a bad range", answer(400), "service-fault", true],
    ["a gateway's limit", answer(413, "<html>"), "service-fault", true],
    ["the mailbox's limit", refusal(413, "ErrorMessageSizeExceeded"), "message-too-large", false],
    ["the mailbox's limit as a 400", refusal(400, "ErrorMessageSizeExceeded"), "message-too-large", false],
    ["an address of the wrong host", refusal(401, "InvalidAudienceForResource"), "session-lost", false],
    ["a forbidden one", answer(403), "upload-refused", false],
    ["trouble", answer(503), "service-fault", true],
  ] as const)
    it(`fails at ${what} as ${code}`, async () => {
      const error = await failure(protocol({}, given).ranges.put(range(0, 9), signal));
      assert.deepEqual([error.code, isTransient(error)], [code, transient]);
    });

  it("finds that everything is there already when the session is gone", async () => {
    const { ranges } = protocol({ stored: "a-1" }, answer(404));
    assert.deepEqual(await ranges.put(range(RANGE, 9), signal), {
      next: TOTAL,
      done: true,
      attachmentId: "a-1",
    });
  });

  it("gives a session that was just handed out five more chances to be known", async () => {
    const { ranges } = protocol({}, ...Array.from({ length: 6 }, () => answer(404)));
    for (let turn = 0; turn < 5; turn++)
      assert.ok(isTransient(await failure(ranges.put(range(0, 9), signal))));
    assert.equal((await failure(ranges.put(range(0, 9), signal))).code, "session-lost");
  });

  it("gives none to one that was known", async () => {
    const { ranges } = protocol({}, next("9"), answer(410));
    await ranges.put(range(0, 9), signal);
    assert.equal((await failure(ranges.put(range(9, 9), signal))).code, "session-lost");
  });
});

describe("Microsoft Graph asks to wait", () => {
  it("as long as it says", async () => {
    const { ranges } = protocol({}, answer(429, "", { "retry-after": "40" }));
    assert.equal((await failure(ranges.put(range(0, 9), signal))).retryAfterMs, 40_000);
  });

  it("until its five minutes are over, when it does not say", async () => {
    const { ranges, clock } = protocol({}, next("9"), answer(429), answer(429));
    await ranges.put(range(0, 9), signal);
    clock.ms = 60_000;
    assert.equal((await failure(ranges.put(range(9, 9), signal))).retryAfterMs, 240_000);
    clock.ms = 600_000;
    assert.equal((await failure(ranges.put(range(9, 9), signal))).retryAfterMs, 15_000);
  });
});

describe("Where an upload to Microsoft Graph stands", () => {
  it("is asked without a credential", async () => {
    const { http, ranges } = protocol({}, next("77-"));
    assert.deepEqual(await ranges.locate(signal, 5), { next: 77, done: false });
    assert.deepEqual([http.seen[0]?.method, http.seen[0]?.url, http.seen[0]?.headers], ["GET", url, {}]);
  });

  for (const status of [405, 404, 400, 403])
    it(`is what was confirmed last when it does not say (${status})`, async () => {
      assert.deepEqual(await protocol({}, answer(status)).ranges.locate(signal, 5), { next: 5, done: false });
    });

  it("is the end when the file is found, whatever it says", async () => {
    const { ranges } = protocol({ stored: "a-1" }, answer(405));
    assert.deepEqual(await ranges.locate(signal, 5), { next: TOTAL, done: true, attachmentId: "a-1" });
  });

  it("is nowhere when the session is gone", async () => {
    assert.equal((await failure(protocol({}, answer(410)).ranges.locate(signal, 5))).code, "session-lost");
  });

  it("is nowhere when what was confirmed last was refused, and it does not say", async () => {
    const { http, ranges } = protocol({}, answer(416), answer(405), answer(204));
    await failure(ranges.put(range(5, 9), signal));
    assert.equal((await failure(ranges.locate(signal, 5))).code, "session-lost");
    assert.equal(http.seen.at(-1)?.method, "DELETE", "it is told that nobody goes on with it");
  });

  it("is given up also when the service cannot be told so", async () => {
    const { ranges } = protocol({}, answer(416), answer(405), new FreightError("offline", "No network."));
    await failure(ranges.put(range(5, 9), signal));
    assert.equal((await failure(ranges.locate(signal, 5))).code, "session-lost");
  });

  describe("when a range had no answer, and its repetition is refused,", () => {
    const silence = new FreightError("network", "It was lost.", { mayHaveActed: true });

    it("is behind that range", async () => {
      const { ranges } = protocol({}, silence, answer(405), answer(416), answer(405), next("23"));
      await failure(ranges.put(range(5, 9), signal));
      assert.deepEqual(await ranges.locate(signal, 5), { next: 5, done: false });
      await failure(ranges.put(range(5, 9), signal));
      assert.deepEqual(await ranges.locate(signal, 5), { next: 14, done: false, isGuess: true });
      assert.deepEqual(await ranges.put(range(14, 9), signal), { next: 23, done: false });
    });

    it("stays behind it while the range from there has no answer either", async () => {
      const { ranges } = protocol(
        {},
        ...[silence, answer(416), answer(405)],
        ...[silence, answer(405), answer(416), answer(405), next("30")],
      );
      await failure(ranges.put(range(5, 9), signal));
      await failure(ranges.put(range(5, 9), signal));
      assert.equal((await ranges.locate(signal, 5)).next, 14);
      await failure(ranges.put(range(14, 9), signal));
      assert.deepEqual(await ranges.locate(signal, 5), { next: 14, done: false, isGuess: true });
      await failure(ranges.put(range(14, 9), signal));
      assert.deepEqual(await ranges.locate(signal, 5), { next: 23, done: false, isGuess: true });
      assert.deepEqual(await ranges.put(range(23, 7), signal), { next: 30, done: false });
    });

    it("is behind the shorter one, if that is what was stored", async () => {
      const { ranges } = protocol(
        {},
        ...[silence, silence, answer(416), answer(405), answer(416), answer(405), next("20")],
      );
      await failure(ranges.put(range(5, 9), signal));
      await failure(ranges.put(range(5, 4), signal));
      await failure(ranges.put(range(5, 4), signal));
      assert.equal((await ranges.locate(signal, 5)).next, 14);
      await failure(ranges.put(range(14, 4), signal));
      assert.equal((await ranges.locate(signal, 5)).next, 9);
      assert.deepEqual(await ranges.put(range(9, 11), signal), { next: 20, done: false });
    });

    it("is nowhere when that is refused, too", async () => {
      const { http, ranges } = protocol(
        {},
        ...[silence, answer(416), answer(405), answer(416), answer(405), answer(204)],
      );
      await failure(ranges.put(range(5, 9), signal));
      await failure(ranges.put(range(5, 9), signal));
      assert.equal((await ranges.locate(signal, 5)).next, 14);
      await failure(ranges.put(range(14, 9), signal));
      assert.equal((await failure(ranges.locate(signal, 5))).code, "session-lost");
      assert.equal(http.seen.at(-1)?.method, "DELETE");
    });
  });

  it("ends with a DELETE without a credential, and is content when it is gone", async () => {
    for (const status of [204, 404, 410]) {
      const { http, ranges } = protocol({}, answer(status));
      await ranges.cancel(signal);
      assert.deepEqual([http.seen[0]?.method, http.seen[0]?.url], ["DELETE", url]);
      assert.deepEqual(http.seen[0]?.headers, { "content-length": "0" });
    }
  });

  for (const status of [302, 401, 403, 429, 503])
    it(`is not ended by ${status}`, () =>
      assert.rejects(protocol({}, answer(status)).ranges.cancel(signal), { code: "upload-refused" }));
});
