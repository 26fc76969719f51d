import assert from "node:assert/strict";
import { type Arrival, newArrival, type ReturnNote } from "../../../src/delivery/arrival/arrival.ts";
import { learnedLimits } from "../../../src/delivery/compose/learnedLimits.ts";
import { attachment, delivery, emptyForm, minute, now } from "../../support/records.ts";

const MB = 1024 * 1024;
const back = (email: string | null, words = "", change: Partial<ReturnNote> = {}, megabytes = 60) =>
  delivery({
    phase: "sent",
    finishedAt: now,
    attachments: [attachment({ size: megabytes * MB })],
    arrival: {
      ...newArrival(now, {}),
      returns: [{ email, action: "failed", reason: "tooLarge", words, at: now, ...change }],
    },
  });

describe("What recipients' mailboxes take", () => {
  it("is what their server has said, or less than what it sent back", () => {
    const [told, untold] = learnedLimits([back("ann@x.example", "552 limit 20 MB"), back("bob@Y.example")]);
    assert.deepEqual(told, { domain: "x.example", bytes: 20 * MB });
    assert.equal(untold?.domain, "y.example");
    assert.ok(untold.bytes > 80 * MB && untold.bytes < 83 * MB);
  });

  it("is what the newest mail has shown", () => {
    const mails = [back("ann@x.example", "552 limit 30 MB"), back("eve@x.example", "552 limit 20 MB")];
    assert.deepEqual(learnedLimits(mails), [{ domain: "x.example", bytes: 30 * MB }]);
  });

  it("is not a number that the mail was within", () =>
    assert.ok((learnedLimits([back("ann@x.example", "552 limit 900 MB")])[0]?.bytes ?? 0) < 83 * MB));

  it("is forgotten when a larger mail has arrived there since, and nothing else does that", () => {
    const to = (email: string, megabytes: number, change: Partial<Arrival>) =>
      delivery({
        phase: "sent",
        finishedAt: now,
        attachments: [attachment({ size: megabytes * MB })],
        message: { ...emptyForm, to: [{ name: null, email }], cc: [], bcc: [], replyTo: [], headers: [] },
        arrival: { ...newArrival(now, {}), lookedAt: now + 31 * minute, ...change },
      });
    const before = back("ann@x.example", "552 limit 30 MB");
    const note = { email: "eve@x.example", words: "", at: now } as const;
    const delivered = { ...note, action: "delivered", reason: "unknown" } as const;
    const failed = { ...note, action: "failed", reason: "noAddress" } as const;
    for (const [mail, isForgotten] of [
      [to("eve@x.example", 40, {}), true],
      [to("eve@x.example", 40, { lookedAt: null, returns: [delivered] }), true],
      [to("eve@x.example", 20, {}), false],
      [to("eve@x.example", 40, { lookedAt: now + minute }), false],
      [to("eve@x.example", 40, { lookedAt: null }), false],
      [to("eve@x.example", 40, { barred: true }), false],
      [to("eve@x.example", 40, { returns: [failed] }), false],
      [to("eve@x.example", 40, { returns: [{ ...failed, email: null }] }), false],
      [to("eve@y.example", 40, {}), false],
    ] as const)
      assert.equal(learnedLimits([mail, before]).length, isForgotten ? 0 : 1);
    // What arrived before it came back is no word against it.
    assert.equal(learnedLimits([before, to("eve@x.example", 40, {})]).length, 1);
  });

  for (const [what, mail] of [
    ["came back for another reason", back("ann@x.example", "", { reason: "noAddress" })],
    ["is only delayed", back("ann@x.example", "", { action: "delayed" })],
    ["came back for nobody in particular", back(null)],
    ["did not come back", delivery({ phase: "sent", arrival: newArrival(now, {}) })],
  ] as const)
    it(`is not told by a mail that ${what}`, () => assert.deepEqual(learnedLimits([mail]), []));
});
