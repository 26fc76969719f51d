import assert from "node:assert/strict";
import type { AttachmentRecord, DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { lookAgainMs, nextTurn } from "../../../src/delivery/record/expiry.ts";
import { statusLine } from "../../../src/delivery/words/statusLine.ts";
import { attachment, delivery, minute, now, session } from "../../support/records.ts";

const file = (
  id: string,
  accepted: number,
  status: AttachmentRecord["status"] = "uploading",
  change: Partial<AttachmentRecord> = {},
) =>
  attachment({ id, name: `${id}.pdf`, accepted, status, session: session({ expiresAt: null }), ...change });
const text = (mails: readonly DeliveryRecord[], since?: ReadonlySet<string>) =>
  statusLine(mails, now, since)?.text;

describe("The line in the status bar", () => {
  it("is nothing when there is nothing to say", () => {
    assert.equal(text([]), undefined);
    for (const status of ["ready", "paused", "failed", "cancelled"] as const)
      assert.equal(text([delivery({ attachments: [file("a", 0, status)] })]), undefined, status);
    assert.equal(text([delivery({ accountId: null })]), undefined);
    const sent = delivery({ phase: "sent", attachments: [file("a", 1000, "ready")] });
    assert.equal(text([sent]), undefined);
  });

  it("names one file", () => {
    const line = statusLine([delivery({ attachments: [file("report", 430)] })], now);
    assert.equal(line?.text, "report.pdf 43%");
    assert.equal(line?.kind, "moving");
    assert.deepEqual(line?.lines, ["report.pdf · uploading 43%"]);
  });

  it("names no share before there is one", () => {
    assert.equal(text([delivery({ attachments: [file("a", 0)] })]), "a.pdf · uploading");
    assert.equal(text([delivery({ attachments: [file("a", 0), file("b", 9)] })]), "2 files · uploading");
    assert.equal(text([delivery({ attachments: [file("a", 0), file("b", 40)] })]), "0 of 2 files · 2%");
    assert.equal(text([delivery({ inMail: "chosen", attachments: [file("a", 0)] })]), "a.pdf · reading");
    const isLink = delivery({ inMail: "chosen", attachments: [file("a", 0, "uploading", { asLink: true })] });
    assert.equal(text([isLink]), "a.pdf · uploading");
  });

  it("counts the files of the mails under way, those that are through with them", () => {
    const files = [
      file("a", 1000, "ready"),
      file("b", 500),
      file("c", 0, "queued"),
      file("d", 0, "cancelled"),
    ];
    const line = statusLine([delivery({ attachments: files })], now);
    assert.equal(line?.text, "1 of 3 files · 50%");
    assert.equal(line?.lines.length, 2);
  });

  it("does not go back when one of several mails is through", () => {
    const done = delivery({ id: "done", attachments: [file("a", 1000, "ready")] });
    const going = delivery({ id: "going", attachments: [file("b", 100)] });
    assert.equal(text([going, done]), "b.pdf 10%");
    assert.equal(text([going, done], new Set(["going", "done"])), "1 of 2 files · 55%");
    const sent = delivery({ id: "done", phase: "sent", attachments: [file("a", 1000, "ready")] });
    assert.equal(text([going, sent], new Set(["going", "done"])), "1 of 2 files · 55%");
  });

  it("goes on while the mail is being sent", () => {
    const sending = { phase: "sending" } as const;
    assert.equal(
      text([delivery({ ...sending, attachments: [file("a", 1000, "ready")] })]),
      "a.pdf · sending",
    );
    const both = [file("a", 1000, "ready"), file("b", 1000, "ready")];
    assert.equal(text([delivery({ ...sending, attachments: both })]), "2 files · sending");
  });

  it("tells waiting from moving", () => {
    const flight = (seconds: number) => ({
      handed: 1,
      bytesPerSecond: undefined,
      waiting: { until: now + seconds * 1000, reason: "offline" as const },
    });
    const waiting = file("a", 1, "uploading", { flight: flight(14) });
    const line = statusLine([delivery({ attachments: [waiting] })], now);
    assert.equal(line?.text, "no network, trying again in 14 s");
    assert.equal(line?.kind, "waiting");
    assert.equal(
      statusLine([delivery({ attachments: [waiting, file("b", 1)] })], now)?.kind,
      "moving",
      "one that moves is enough",
    );
    const behind = delivery({ attachments: [waiting, file("b", 0, "queued")] });
    assert.equal(statusLine([behind], now)?.kind, "waiting", "whatever waits for its turn");
    const next = delivery({ id: "next", attachments: [file("b", 0, "queued")] });
    const both = [delivery({ attachments: [waiting] }), next];
    assert.equal(statusLine(both, now)?.kind, "waiting", "and a mail whose turn has not come");
    assert.equal(statusLine([next], now)?.kind, "moving");
    const sendWait = { until: now + 3000, reason: "service-fault" as const };
    const sending = delivery({ phase: "sending", sendWait, attachments: [file("a", 1000, "ready")] });
    const sends = statusLine([sending], now);
    assert.deepEqual(
      [sends?.kind, sends?.text],
      ["waiting", "the service is having trouble, trying again in 3 s"],
    );
  });

  const kept = (minutes: number, change: Partial<DeliveryRecord> = {}) =>
    delivery({
      form: { ...delivery().form, subject: "Build 7" },
      attachments: [file("a", 1000, "ready", { session: session({ expiresAt: now + minutes * minute }) })],
      ...change,
    });

  for (const [minutes, kind, words] of [
    [42, "ready", "42 min left to send “Build 7”"],
    [10, "ending", "10 min left to send “Build 7”"],
    [9, "ending", "9 min left to send “Build 7”"],
    [61, undefined, undefined],
    [0, undefined, undefined],
  ] as const)
    it(`says that ${minutes} minutes are left, or needs not`, () => {
      const line = statusLine([kept(minutes)], now);
      assert.deepEqual([line?.kind, line?.text], [kind, words]);
    });

  it("warns before all else, of the one that ends first", () => {
    const going = delivery({ id: "going", attachments: [file("b", 100)] });
    assert.equal(statusLine([going, kept(30)], now)?.kind, "moving");
    const line = statusLine([going, kept(9, { id: "later" }), kept(3, { id: "sooner" })], now);
    assert.deepEqual([line?.kind, line?.deliveryId, line?.lines.length], ["ending", "sooner", 2]);
  });

  it("says nothing of mails that are sent", () =>
    assert.equal(text([kept(9, { phase: "sent" }), kept(9, { phase: "scheduled" })]), undefined));
});

describe("The next moment at which time alone changes what is said of a mail", () => {
  const ends = (minutes: number) => [
    file("a", 1000, "ready", { session: session({ expiresAt: now + minutes * minute }) }),
  ];
  for (const [what, mail, after] of [
    ["ten minutes before an upload is dropped", delivery({ attachments: ends(42) }), 32 * minute],
    ["the end of an upload", delivery({ attachments: ends(9) }), 9 * minute],
    ["the next second of Undo", delivery({ phase: "waiting", leavesAt: now + 5000 }), 1000],
    [
      "the next second of a wait",
      delivery({ phase: "sending", sendWait: { until: now + 5000, reason: "offline" } }),
      1000,
    ],
    [
      "the time of a scheduled mail",
      delivery({
        phase: "scheduled",
        schedule: { id: "s", sendAt: now + 3 * minute, keeper: "service" },
        attachments: ends(9),
      }),
      3 * minute,
    ],
    [
      "midnight, when “today” is over",
      delivery({ phase: "sent", attachments: ends(9) }),
      new Date(now).setHours(24, 0, 0, 0) - now,
    ],
    ["never, where nothing runs out", delivery({ attachments: ends(-1) }), undefined],
  ] as const)
    it(`is ${what}`, () => assert.equal(nextTurn(mail, now), after === undefined ? undefined : now + after));
});

describe("A list of mails is looked at again", () => {
  const ends = (ms: number) =>
    delivery({ attachments: [file("a", 1000, "ready", { session: session({ expiresAt: now + ms }) })] });
  for (const [what, mails, after] of [
    ["after a while", [], 10_000],
    ["after a while, whatever ends later", [ends(42 * minute)], 10_000],
    ["ten minutes before an upload is dropped", [ends(42 * minute), ends(10 * minute + 3000)], 3000],
    ["each second near an end", [ends(90_000)], 1000],
    ["at the end", [ends(400)], 400],
    ["each second of a wait", [delivery({ phase: "waiting", leavesAt: now + 5000 })], 1000],
    ["after a while when an end is over", [ends(-1)], 10_000],
  ] as const)
    it(what, () => assert.equal(lookAgainMs(mails, now), after));
});
