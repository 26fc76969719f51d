import assert from "node:assert/strict";
import fc from "fast-check";
import { advance, type DeliveryEvent } from "../../../src/delivery/record/advance.ts";
import type { AttachmentEvent } from "../../../src/delivery/record/advanceAttachment.ts";
import {
  type AttachmentRecord,
  AttachmentStatus,
  Delivery,
  type DeliveryRecord,
  toSaved,
} from "../../../src/delivery/record/delivery.ts";
import {
  isAlive,
  isEditable,
  isFinished,
  isOpen,
  isUnderWay,
  isUnfinished,
} from "../../../src/delivery/record/queries.ts";
import type { OutgoingMessage } from "../../../src/shared/message.ts";
import { attachment, delivery, emptyForm, minute, now, savedError, session } from "../../support/records.ts";

const message: OutgoingMessage = {
  to: [{ name: null, email: "ann@x.example" }],
  cc: [],
  bcc: [],
  replyTo: [],
  headers: [],
  subject: "s",
  body: "b",
  format: "text",
};
const send = { idempotencyKey: "key-1", body: "{}", startedAt: now, mayBeOut: true, keeper: null };
const checkpoint = { bytes: 500, sha256: "ab" };
const progressed = (accepted: number, handed = accepted): AttachmentEvent => ({
  type: "progressed",
  accepted,
  handed,
  bytesPerSecond: 100,
  checkpoint: undefined,
});
const created: AttachmentEvent = {
  type: "sessionCreated",
  attachmentId: "remote-2",
  at: now,
  expiresAt: now + 60 * minute,
  atOnce: false,
};

/** The file after these facts. */
function file(start: AttachmentRecord, ...events: readonly AttachmentEvent[]): AttachmentRecord {
  const first = delivery({ attachments: [start] });
  const last = events.reduce<DeliveryRecord>(
    (record, event) => advance(record, { type: "attachment", attachmentId: start.id, event }),
    first,
  );
  const [found] = last.attachments;
  assert.ok(found);
  return found;
}

describe("A file on its way", () => {
  const underWay = attachment({ status: "uploading", accepted: 400, session: session(), checkpoint });
  const completing = attachment({
    status: "completing",
    accepted: 1000,
    session: session({ completeAsked: true }),
  });

  for (const [what, start, event, expected] of [
    [
      "waits in line again",
      attachment({ status: "failed", error: savedError }),
      { type: "queued" },
      { status: "queued", error: null },
    ],
    [
      "keeps its session in line",
      underWay,
      { type: "queued" },
      { status: "queued", accepted: 400, session: session() },
    ],
    [
      "has nothing while a session is opened",
      underWay,
      { type: "sessionRequested", sentAs: null },
      { status: "creating", accepted: 0, session: null, checkpoint: null },
    ],
    [
      "uploads into a new session",
      attachment({ status: "creating" }),
      created,
      { status: "uploading", session: session({ attachmentId: "remote-2" }) },
    ],
    [
      "goes on",
      attachment({ status: "paused", accepted: 400, session: session() }),
      { type: "resumed" },
      { status: "uploading", accepted: 400 },
    ],
    [
      "has what the service confirmed",
      underWay,
      progressed(600, 900),
      { accepted: 600, flight: { handed: 900, bytesPerSecond: 100, waiting: undefined } },
    ],
    ["has less when the service says so", underWay, progressed(100), { accepted: 100 }],
    [
      "has left at least what was confirmed",
      underWay,
      progressed(600, 500),
      { flight: { handed: 600, bytesPerSecond: 100, waiting: undefined } },
    ],
    ["has never more than its size", underWay, progressed(2000), { accepted: 1000 }],
    ["keeps what is known of it", underWay, progressed(600), { checkpoint }],
    [
      "waits for another try",
      underWay,
      { type: "waited", until: now + 8000, reason: "network" },
      {
        accepted: 400,
        flight: { handed: 400, bytesPerSecond: undefined, waiting: { until: now + 8000, reason: "network" } },
      },
    ],
    [
      "is being completed",
      underWay,
      { type: "completeAsked" },
      { status: "completing", accepted: 1000, session: session({ completeAsked: true }) },
    ],
    [
      "is ready",
      completing,
      { type: "completed", stays: false },
      { status: "ready", session: session({ completeAsked: true, serviceStatus: "ready" }) },
    ],
    [
      "loses its session",
      underWay,
      { type: "sessionDropped" },
      { status: "uploading", accepted: 0, session: null, checkpoint: null },
    ],
    [
      "is paused with what it has",
      underWay,
      { type: "paused" },
      { status: "paused", accepted: 400, session: session() },
    ],
    [
      "fails with what it has",
      underWay,
      { type: "failed", error: savedError },
      { status: "failed", accepted: 400, session: session(), error: savedError },
    ],
    [
      "is cancelled",
      underWay,
      { type: "cancelled" },
      { status: "cancelled", accepted: 0, session: null, checkpoint: null },
    ],
    [
      "is renamed on its way",
      underWay,
      { type: "renamed", name: "b.zip", contentType: "application/zip" },
      { status: "uploading", name: "b.zip", contentType: "application/zip", accepted: 400 },
    ],
    [
      "is another version, of which nothing is there",
      attachment({ accepted: 900 }),
      { type: "versionTaken", version: { size: 50, mtimeMs: 7, ctimeMs: 8, ino: 9 } },
      { size: 50, mtimeMs: 7, ctimeMs: 8, ino: 9, accepted: 0 },
    ],
  ] as const)
    it(what, () => {
      const after = file(start, event);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(after[key as keyof AttachmentRecord], value, key);
    });

  it("forgets what was true in flight with the next fact of its upload", () => {
    for (const event of [{ type: "completeAsked" }, { type: "paused" }, { type: "queued" }] as const)
      assert.equal(file(underWay, progressed(500), event).flight, undefined, event.type);
  });

  it("stays deleted when the end of its link is confirmed afterwards", () => {
    const linked = attachment({ asLink: true, status: "ready" });
    const gone = file(linked, { type: "unlinked", file: "deleted" }, { type: "unlinked", file: "stays" });
    assert.equal(gone.unshared, "deleted");
    assert.equal(file(linked, { type: "unlinked", file: "stays" }).unshared, "stopped");
  });

  it("goes on flying when it is renamed", () => {
    assert.ok(file(underWay, progressed(500), { type: "renamed", name: "b", contentType: "c" }).flight);
  });

  it("goes through every step", () => {
    const method: AttachmentEvent[] = [
      { type: "versionTaken", version: { size: 1000, mtimeMs: 7, ctimeMs: 8, ino: 9 } },
      { type: "sessionRequested", sentAs: null },
      created,
      progressed(0, 500),
      progressed(500),
      progressed(1000),
      { type: "completeAsked" },
      { type: "completed", stays: false },
    ];
    const seen = method.map((_, at) => file(attachment(), ...method.slice(0, at + 1)).status);
    assert.deepEqual(seen, [
      "queued",
      "creating",
      "uploading",
      "uploading",
      "uploading",
      "uploading",
      "completing",
      "ready",
    ]);
  });
});

describe("A mail on its way", () => {
  const receipt = { messageId: "m-1", requestId: "r-1" } as const;
  for (const [what, start, event, expected] of [
    [
      "is edited",
      {},
      { type: "edited", form: { ...emptyForm, revision: 1, to: "a" } },
      { form: { ...emptyForm, revision: 1, to: "a" } },
    ],
    [
      "changes its account",
      {},
      { type: "accountChosen", accountId: "b", provider: null, inMail: null, hasLinks: false },
      { accountId: "b" },
    ],
    [
      "waits to be sent",
      { error: savedError, send },
      { type: "sendRequested", message },
      { phase: "waiting", message, error: null, send: null },
    ],
    [
      "is taken back",
      { phase: "waiting", message },
      { type: "sendWithdrawn" },
      { phase: "composing", message: null },
    ],
    [
      "is halted before it was out",
      { phase: "sending", send },
      { type: "sendHalted" },
      { phase: "waiting", send: null },
    ],
    ["is being sent", { phase: "waiting" }, { type: "sendStarted", send }, { phase: "sending", send }],
    [
      "is sent",
      { phase: "sending", send },
      { type: "sent", ...receipt, at: now },
      { phase: "sent", ...receipt, finishedAt: now, error: null },
    ],
    [
      "fails, and its key with it",
      { phase: "sending", send },
      { type: "sendFailed", error: savedError },
      { phase: "failed", error: savedError, send: null },
    ],
    [
      "may have arrived, and keeps its key",
      { phase: "sending", send },
      { type: "sendUnconfirmed", error: savedError },
      { phase: "unconfirmed", error: savedError, send },
    ],
  ] as const)
    it(what, () => {
      const after = advance(delivery(start), event);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(after[key as keyof DeliveryRecord], value, key);
    });

  for (const event of [
    { type: "sendStarted", send },
    { type: "sendLeft" },
    { type: "sendWaits", mayBeOut: false, until: now + 1000, reason: "offline" },
    { type: "sendWithdrawn" },
  ] as const)
    it(`is about to leave no more at ${event.type}`, () =>
      assert.equal("leavesAt" in advance(delivery({ phase: "waiting", leavesAt: now }), event), false));

  it("takes files in and out", () => {
    const more = advance(delivery(), { type: "attached", attachments: [attachment({ id: "file-2" })] });
    assert.deepEqual(
      more.attachments.map(({ id }) => id),
      ["file-1", "file-2"],
    );
    const less = advance(more, { type: "removed", attachmentId: "file-1" });
    assert.deepEqual(
      less.attachments.map(({ id }) => id),
      ["file-2"],
    );
  });

  it("tells its files apart", () => {
    const both = delivery({ attachments: [attachment(), attachment({ id: "file-2" })] });
    const after = advance(both, { type: "attachment", attachmentId: "file-2", event: { type: "paused" } });
    assert.deepEqual(
      after.attachments.map(({ status }) => status),
      ["queued", "paused"],
    );
  });

  for (const revision of [3, 2])
    it(`takes no notice of an edit that is not newer (${revision} after 3)`, () => {
      const start = delivery({ form: { ...emptyForm, revision: 3, to: "new" } });
      assert.equal(advance(start, { type: "edited", form: { ...emptyForm, revision, to: "old" } }), start);
    });

  it("never changes the record it came from", () => {
    const start = delivery({ attachments: [attachment({ session: session() })] });
    const before = structuredClone(start);
    advance(start, {
      type: "attachment",
      attachmentId: "file-1",
      event: { type: "completed", stays: false },
    });
    advance(start, { type: "sendStarted", send });
    assert.deepEqual(start, before);
  });
});

describe("Whatever happens to a mail", () => {
  const count = fc.nat(3000);
  const attachmentEvent: fc.Arbitrary<AttachmentEvent> = fc.oneof(
    fc.constantFrom<AttachmentEvent>(
      { type: "queued" },
      { type: "sessionRequested", sentAs: null },
      created,
      { type: "resumed" },
      { type: "waited", until: now, reason: "network" },
      { type: "completeAsked" },
      { type: "completed", stays: false },
      { type: "sessionDropped" },
      { type: "paused" },
      { type: "failed", error: savedError },
      { type: "cancelled" },
      { type: "renamed", name: "b", contentType: "c" },
    ),
    fc.tuple(count, count).map(([accepted, handed]) => progressed(accepted, handed)),
    count.map((size) => ({
      type: "versionTaken" as const,
      version: { size, mtimeMs: 1, ctimeMs: 2, ino: 3 },
    })),
  );
  const event: fc.Arbitrary<DeliveryEvent> = fc.oneof(
    {
      weight: 3,
      arbitrary: attachmentEvent.map((inner) => ({
        type: "attachment" as const,
        attachmentId: "file-1",
        event: inner,
      })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<DeliveryEvent>(
        { type: "edited", form: { ...emptyForm, revision: 9 } },
        { type: "accountChosen", accountId: "b", provider: null, inMail: null, hasLinks: false },
        { type: "sendRequested", message },
        { type: "sendWithdrawn" },
        { type: "sendStarted", send },
        { type: "sent", messageId: null, requestId: null, at: now },
        { type: "sendFailed", error: savedError },
        { type: "sendUnconfirmed", error: savedError },
      ),
    },
  );
  const history = fc.array(event, { maxLength: 40 });

  /** Every state along a history, with the event that led there. */
  function* states(events: readonly DeliveryEvent[]) {
    let record = delivery();
    for (const last of events) {
      record = advance(record, last);
      for (const found of record.attachments) yield { record, found, last };
    }
  }

  it("no file is ready but by the service's word, and it stays so only until the next fact of its upload", () =>
    fc.assert(
      fc.property(history, (events) => {
        let completed = false;
        let isOver = false;
        for (const { record, found, last } of states(events)) {
          // What comes late changes nothing about a mail that is out.
          if (last.type === "attachment" && !isOver) {
            if (last.event.type === "completed") completed = true;
            else if (
              [
                "queued",
                "sessionRequested",
                "sessionCreated",
                "resumed",
                "completeAsked",
                "paused",
                "failed",
                "cancelled",
              ].includes(last.event.type)
            )
              completed = false;
          }
          isOver = isFinished(record);
          assert.equal(found.status === "ready", completed);
        }
      }),
    ));

  it("no more is confirmed than the file has", () =>
    fc.assert(
      fc.property(history, (events) => {
        for (const { found } of states(events))
          assert.ok(
            found.accepted >= 0 && found.accepted <= found.size,
            `${found.accepted} of ${found.size}`,
          );
      }),
    ));

  it("the service calls no session ready that it has not completed", () =>
    fc.assert(
      fc.property(history, (events) => {
        let ready = false;
        for (const { found, last } of states(events)) {
          if (last.type === "attachment" && last.event.type === "completed") ready = found.session !== null;
          if (last.type === "attachment" && last.event.type === "sessionCreated") ready = false;
          assert.ok(ready || found.session?.serviceStatus !== "ready");
        }
      }),
    ));

  it("it is sent only by the word of the service", () =>
    fc.assert(
      fc.property(history, (events) => {
        let phase = "composing";
        for (const { record, last } of states(events)) {
          if (record.phase === "sent" && phase !== "sent") assert.equal(last.type, "sent");
          phase = record.phase;
        }
      }),
    ));

  it("its record can be saved and read again, without what was true in this process only", () =>
    fc.assert(
      fc.property(history, (events) => {
        for (const { record } of states(events)) {
          const saved = toSaved(record);
          assert.deepEqual(Delivery.parse(JSON.parse(JSON.stringify(saved))), saved);
          assert.ok(!JSON.stringify(saved).includes("flight"));
        }
      }),
      { numRuns: 30 },
    ));
});

describe("A record", () => {
  for (const [what, change] of [
    ["of another version", { version: 2 }],
    ["without an id", { id: undefined }],
    ["in a phase that there is not", { phase: "exploded" }],
    ["with a file that is none", { attachments: [{ id: "file-1" }] }],
  ])
    it(`${what} is not read`, () => {
      assert.equal(Delivery.safeParse({ ...toSaved(delivery()), ...Object(change) }).success, false);
    });
});

describe("A session", () => {
  for (const [what, record, marginMs, expected] of [
    ["that there is not", null, 0, false],
    ["that ends later", session({ expiresAt: now + 1 }), 0, true],
    ["that ends now", session({ expiresAt: now }), 0, false],
    ["that ends after the margin", session({ expiresAt: now + 3 * minute + 1 }), 3 * minute, true],
    ["that ends within the margin", session({ expiresAt: now + 3 * minute }), 3 * minute, false],
  ] as const)
    it(`${what} is ${expected ? "" : "not "}alive`, () =>
      assert.equal(isAlive(record, now, marginMs), expected));
});

describe("What can still happen to a mail", () => {
  for (const [phase, editable, open, unfinished] of [
    ["composing", true, true, true],
    ["waiting", false, true, true],
    ["sending", false, false, true],
    ["sent", false, false, false],
    ["failed", true, true, true],
    ["unconfirmed", false, false, false],
  ] as const)
    it(`while it is ${phase}`, () => {
      const record = delivery({ phase });
      assert.deepEqual(
        [isEditable(record), isOpen(record), isUnfinished(record)],
        [editable, open, unfinished],
      );
    });

  it("is nothing by itself once its files need a person", () => {
    for (const status of ["ready", "paused", "failed", "cancelled"] as const)
      assert.equal(isUnfinished(delivery({ attachments: [attachment({ status })] })), false, status);
  });

  it("depends on which of its files are under way", () => {
    assert.deepEqual(AttachmentStatus.options.filter(isUnderWay), [
      "queued",
      "creating",
      "uploading",
      "completing",
    ]);
  });
});
