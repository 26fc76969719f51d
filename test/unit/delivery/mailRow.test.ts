import assert from "node:assert/strict";
import { newArrival, type ReturnNote } from "../../../src/delivery/arrival/arrival.ts";
import type { DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { describeMailRow, groupOf, needsAttention } from "../../../src/delivery/words/mailRow.ts";
import { attachment, delivery, emptyForm, minute, now, savedError, session } from "../../support/records.ts";

const day = 24 * 60 * minute;
const form = { ...emptyForm, subject: "Build 7", to: "Ada Lovelace <ada@x.example>, bob@y.example" };
const ready = attachment({
  status: "ready",
  accepted: 1000,
  session: session({ serviceStatus: "ready" }),
});
const second = { ...ready, id: "file-2", name: "b.bin", size: 3000, accepted: 3000 };
const note: ReturnNote = { email: "bob@y.example", action: "failed", reason: "tooLarge", words: "", at: now };
const message = {
  ...emptyForm,
  to: [{ name: null, email: "bob@y.example" }],
  cc: [],
  bcc: [],
  replyTo: [],
  headers: [],
};
const waiting = {
  handed: 500,
  bytesPerSecond: undefined,
  waiting: { until: now + 8000, reason: "offline" as const },
};
const sent = (change: Partial<DeliveryRecord> = {}) =>
  delivery({
    form,
    message,
    phase: "sent",
    finishedAt: now,
    attachments: [ready],
    arrival: newArrival(now, {}),
    ...change,
  });
const arrival = newArrival(now, {});

describe("A mail's row", () => {
  const rows: readonly (readonly [
    string,
    DeliveryRecord,
    label: string,
    description: string | RegExp,
    group: string,
  ])[] = [
    [
      "of one file",
      delivery({ form, attachments: [ready] }),
      "Build 7",
      "ready · expires in 60 min · to Ada Lovelace +1 · report.pdf, 1,000 bytes",
      "In Progress",
    ],
    [
      "that is called as its file",
      delivery({ form: { ...emptyForm, subject: "report.pdf" }, attachments: [ready] }),
      "report.pdf",
      "ready · expires in 60 min · 1,000 bytes",
      "In Progress",
    ],
    [
      "of several files",
      delivery({
        form,
        attachments: [
          { ...ready, status: "uploading", accepted: 500 },
          { ...second, status: "queued", accepted: 0 },
        ],
      }),
      "Build 7",
      "uploading 12% · to Ada Lovelace +1 · 2 files, 3.91 KB",
      "In Progress",
    ],
    [
      "that waits for another try",
      delivery({
        form,
        attachments: [
          { ...ready, status: "uploading", accepted: 500, flight: waiting },
          { ...second, status: "queued", accepted: 0 },
        ],
      }),
      "Build 7",
      "no network, trying again in 8 s · to Ada Lovelace +1 · 2 files, 3.91 KB",
      "In Progress",
    ],
    [
      "with a file that failed",
      delivery({ form, attachments: [ready, { ...second, status: "failed", error: savedError }] }),
      "Build 7",
      "failed: 1 of 2 files · to Ada Lovelace +1 · 2 files, 3.91 KB",
      "Needs Attention",
    ],
    [
      "whose text shows an image",
      delivery({
        form,
        attachments: [ready, { ...second, inline: { contentId: "x", name: "b.png", size: null } }],
      }),
      "Build 7",
      "ready · expires in 60 min · to Ada Lovelace +1 · report.pdf, 1,000 bytes",
      "In Progress",
    ],
    ["without files and name", delivery({ attachments: [] }), "New Mail", "not sent", "In Progress"],
    [
      "that was sent",
      sent(),
      "Build 7",
      "sent · just now · to bob@y.example · report.pdf, 1,000 bytes",
      "Today",
    ],
    [
      "of which nothing came back",
      sent({ arrival: { ...arrival, lookedAt: now } }),
      "Build 7",
      /^sent, nothing came back · just now · to bob/,
      "Today",
    ],
    [
      "that came back",
      sent({ arrival: { ...arrival, lookedAt: now, returns: [note] } }),
      "Build 7",
      "came back: too large (bob@y.example) · to bob@y.example · report.pdf, 1,000 bytes",
      "Needs Attention",
    ],
    [
      "that may have been sent",
      delivery({ form, message, phase: "unconfirmed", attachments: [ready], error: savedError }),
      "Build 7",
      /to bob@y\.example/,
      "Needs Attention",
    ],
    ["of yesterday", sent({ finishedAt: now - day }), "Build 7", /^sent · /, "Yesterday"],
    ["of last week", sent({ finishedAt: now - 4 * day }), "Build 7", /^sent · /, "Saturday"],
    ["of last month", sent({ finishedAt: now - 30 * day }), "Build 7", /^sent · /, "23 March"],
    ["of last year", sent({ finishedAt: now - 300 * day }), "Build 7", /^sent · /, "26 June 2025"],
    [
      "for an event",
      delivery({ event: { id: "e", subject: "Meeting", startsAt: now }, attachments: [ready] }),
      "report.pdf",
      /1,000 bytes$/,
      "In Progress",
    ],
  ];
  for (const [what, mail, label, description, group] of rows)
    it(`${what} says all that tells it from others`, () => {
      const row = describeMailRow(mail, now);
      assert.equal(row.label, label);
      if (typeof description === "string") assert.equal(row.description, description);
      else assert.match(row.description, description);
      assert.equal(groupOf(mail, now).label, group);
      assert.equal(needsAttention(mail, now), group === "Needs Attention");
    });

  it("shows that it asks which version is meant, unless a file has failed as well", () => {
    const error = { ...savedError, code: "file-changed" as const, remedy: "uploadNewVersion" as const };
    const changed = { ...ready, status: "failed" as const, error };
    const failed = { ...second, status: "failed" as const, error: savedError };
    const asks = (...attachments: (typeof ready)[]) => describeMailRow(delivery({ attachments }), now).asks;
    assert.equal(asks(changed), true);
    assert.equal(asks(changed, second), true);
    assert.match(
      describeMailRow(delivery({ attachments: [changed, second] }), now).description,
      /^changed on disk: 1 of 2 files/,
    );
    assert.equal(asks(changed, failed), false);
    assert.equal(asks(failed), false);
  });

  it("shows that it waits, one file or several, and while it is sent", () => {
    const held = { ...ready, status: "uploading" as const, accepted: 500, flight: waiting };
    const moving = { ...second, status: "uploading" as const, accepted: 0 };
    const waits = (mail: DeliveryRecord) => describeMailRow(mail, now).waits ?? false;
    assert.equal(waits(delivery({ attachments: [held] })), true);
    assert.equal(waits(delivery({ attachments: [held, { ...second, ...held, id: "b" }] })), true);
    assert.equal(waits(delivery({ attachments: [held, moving] })), false);
    const opening = { ...second, status: "creating" as const, accepted: 0 };
    const heldToo = { ...opening, id: "b", flight: waiting };
    const oneOpens = delivery({ attachments: [heldToo, opening] });
    assert.equal(waits(oneOpens), false);
    assert.match(describeMailRow(oneOpens, now).description, /^opening an upload session/);
    assert.equal(waits(delivery({ attachments: [heldToo, { ...heldToo, id: "c" }] })), true);
    const sendWait = waiting.waiting;
    assert.equal(waits(delivery({ phase: "sending", sendWait, attachments: [ready, second] })), true);
  });

  it("says that files are read which leave with the mail only", () => {
    const started = { ...second, status: "uploading" as const, accepted: 0 };
    const files = [started, { ...started, id: "c", accepted: 1500 }];
    const words = (change: Partial<DeliveryRecord>) => describeMailRow(delivery(change), now).description;
    assert.match(words({ attachments: files }), /^uploading 25%/);
    assert.match(words({ inMail: "chosen", attachments: files }), /^reading 25%/);
    assert.match(words({ inMail: "chosen", attachments: [started, { ...started, id: "c" }] }), /^reading ·/);
  });

  it("stands before older ones, in a group that is open while it matters", () => {
    const groups = [
      delivery({ phase: "failed" }),
      delivery(),
      sent(),
      sent({ finishedAt: now - day }),
      sent({ finishedAt: now - 2 * day }),
      sent({ finishedAt: now + day }), // By another clock.
    ].map((mail) => groupOf(mail, now));
    assert.deepEqual(
      groups.map(({ order, isOpen }) => [order, isOpen]),
      [
        [0, true],
        [1, true],
        [2, true],
        [3, true],
        [4, false],
        [2, true],
      ],
    );
    assert.equal(new Set(groups.map(({ key }) => key)).size, 6);
  });

  it("has no two groups of one name", () => {
    const names = new Map<string, string>();
    for (let days = 0; days < 800; days++) {
      const { key, label } = groupOf(sent({ finishedAt: now - days * day }), now);
      assert.equal(names.get(label) ?? key, key, label);
      names.set(label, key);
    }
  });
});
