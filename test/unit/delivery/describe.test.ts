import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../../src/base/errors.ts";
import {
  type AttachmentRecord,
  AttachmentStatus,
  Delivery,
  type DeliveryRecord,
} from "../../../src/delivery/record/delivery.ts";
import { describeSend, panelSnapshot } from "../../../src/delivery/words/describe.ts";
import { describeAttachment } from "../../../src/delivery/words/describeAttachment.ts";
import { headline } from "../../../src/delivery/words/headline.ts";
import { describeProblem, remedyLabel } from "../../../src/delivery/words/problemWords.ts";
import { rowMenuKeys } from "../../../src/delivery/words/rowMenuKeys.ts";
import { statusLine } from "../../../src/delivery/words/statusLine.ts";
import { PanelSnapshot, Remedy } from "../../../src/shared/contract/snapshot.ts";
import { formatMoment } from "../../../src/shared/format.ts";
import { OutgoingMessage } from "../../../src/shared/message.ts";
import { attachment, delivery, minute, now, savedError, session } from "../../support/records.ts";

const PHASES = Delivery.shape.phase.options;
const STATUSES = AttachmentStatus.options;

const letterTo = (...emails: readonly string[]) =>
  OutgoingMessage.parse({
    ...{ to: emails.map((email) => ({ name: null, email })), cc: [], bcc: [] },
    ...{ subject: "", body: "" },
  });
const live = session({ expiresAt: now + 42 * minute });
const gone = session({ expiresAt: now - minute });
const flight = (change: Partial<NonNullable<AttachmentRecord["flight"]>> = {}) => ({
  handed: 430,
  bytesPerSecond: undefined,
  waiting: undefined,
  ...change,
});

const changed = { ...savedError, code: "file-changed", remedy: "uploadNewVersion" } as const;

describe("A long wait", () => {
  const noon = new Date(2026, 3, 22, 12).getTime();
  for (const [until, reason, words] of [
    [noon + 152 * minute, "rate-limited", "waits until 14:32: the service asked to wait"],
    [
      noon + 21 * 60 * minute,
      "service-fault",
      "waits until tomorrow at 09:00: the service is having trouble",
    ],
    [noon + 5 * minute, "rate-limited", "the service asked to wait, trying again in 5 min"],
  ] as const)
    it(`is “${words}”, of a file and of a mail`, () => {
      const file = attachment({
        status: "uploading",
        session: live,
        flight: flight({ waiting: { until, reason } }),
      });
      assert.equal(describeAttachment(delivery({ attachments: [file] }), file, noon).statusText, words);
      const mail = delivery({ phase: "sending", sendWait: { until, reason }, recallable: true });
      assert.equal(headline(mail, noon), `Not sent yet: ${words}.`);
      assert.ok(describeSend(mail, now).withdrawable);
    });
});

describe("A file in words", () => {
  const ready = { status: "ready", accepted: 1000, session: live } as const;
  for (const [file, mail, summary] of [
    [{}, {}, "waiting for its turn"],
    [{ status: "creating" }, {}, "opening an upload session"],
    [{ status: "uploading", accepted: 430, session: live }, {}, "uploading 43%"],
    [{ status: "uploading", accepted: 999, session: live }, {}, "uploading 99%"],
    [{ status: "uploading", accepted: 0, session: live }, {}, "uploading"],
    [{ status: "completing", accepted: 1000, session: live }, {}, "completing"],
    [ready, {}, "ready · expires in 42 min"],
    [ready, { phase: "waiting" }, "ready · expires in 42 min"],
    [ready, { phase: "sending" }, "sending"],
    [ready, { phase: "unconfirmed" }, "may have been sent"],
    [ready, { phase: "sent", finishedAt: now - 3 * minute }, "sent · 3 min ago"],
    [ready, { phase: "sent", finishedAt: now }, "sent · just now"],
    [{ ...ready, session: gone }, {}, "expired"],
    [{ ...ready, session: gone }, { phase: "sent", finishedAt: now }, "sent · just now"],
    [{ status: "paused", accepted: 430, session: live }, {}, "paused at 43%"],
    [{ status: "paused", accepted: 430, session: gone }, {}, "expired"],
    [{ status: "paused", accepted: 0 }, {}, "paused at 0%"],
    [{ status: "failed", error: savedError }, {}, "failed"],
    [{ status: "cancelled" }, {}, "cancelled"],
    [
      {
        status: "uploading",
        session: live,
        flight: flight({ waiting: { until: now + 8000, reason: "network" } }),
      },
      {},
      "connection lost, trying again in 8 s",
    ],
    [
      {
        status: "uploading",
        session: live,
        flight: flight({ waiting: { until: now + 200, reason: "timeout" } }),
      },
      {},
      "connection lost, trying again in 1 s",
    ],
    [
      { status: "uploading", session: live, flight: flight({ waiting: { until: now, reason: "network" } }) },
      {},
      "trying again",
    ],
    [
      { status: "creating", flight: flight({ waiting: { until: now + 90_000, reason: "rate-limited" } }) },
      {},
      "the service asked to wait, trying again in 2 min",
    ],
    [
      {
        status: "completing",
        session: live,
        flight: flight({ waiting: { until: now + 4000, reason: "service-fault" } }),
      },
      {},
      "the service is having trouble, trying again in 4 s",
    ],
  ] as const)
    it(`is “${summary}”`, () => {
      const record = attachment(file);
      const words = describeAttachment(delivery({ ...mail, attachments: [record] }), record, now);
      assert.equal(words.summary, summary);
    });

  for (const [file, mail, expected] of [
    [{}, {}, "todo todo todo todo"],
    [{ status: "creating" }, {}, "doing todo todo todo"],
    [{ status: "uploading", session: live }, {}, "done doing todo todo"],
    [{ status: "completing", session: live }, {}, "done done doing todo"],
    [ready, {}, "done done done todo"],
    [ready, { phase: "sending" }, "done done done doing"],
    [ready, { phase: "unconfirmed" }, "done done done failed"],
    [ready, { phase: "sent" }, "done done done done"],
    [{ status: "paused", session: live }, {}, "done todo todo todo"],
    [{ status: "paused" }, {}, "todo todo todo todo"],
    [{ status: "failed" }, {}, "failed todo todo todo"],
    [{ status: "failed", session: live }, {}, "done failed todo todo"],
    [{ status: "failed", session: session({ completeAsked: true }) }, {}, "done done failed todo"],
    [{ ...ready, session: gone }, {}, "failed todo todo todo"],
    [{ status: "cancelled" }, {}, "todo todo todo todo"],
  ] as const)
    it(`has the steps ${expected} when it is ${JSON.stringify(file).slice(0, 40)} in ${JSON.stringify(mail)}`, () => {
      const record = attachment(file);
      const { steps } = describeAttachment(delivery({ ...mail, attachments: [record] }), record, now);
      assert.deepEqual(
        steps.map(({ label }) => label),
        ["Create", "Upload", "Complete", "Send"],
      );
      assert.equal(steps.map(({ state }) => state).join(" "), expected);
    });

  for (const [change, expected] of [
    [{ bytesPerSecond: 10, handed: 400 }, "10 bytes/s · 1 min left"],
    [{ bytesPerSecond: 1000, handed: 1000 }, "1,000 bytes/s · 1 s left"],
    [{ bytesPerSecond: 0 }, ""],
    [{ bytesPerSecond: undefined }, ""],
  ] as const)
    it(`moves at “${expected}”`, () => {
      const record = attachment({ status: "uploading", session: live, flight: flight(change) });
      assert.equal(describeAttachment(delivery({ attachments: [record] }), record, now).pace, expected);
    });

  for (const [status, phase, actions] of [
    ["queued", "composing", "pause cancel remove rename"],
    ["uploading", "waiting", "pause cancel remove rename"],
    ["completing", "composing", "cancel remove rename"],
    ["paused", "composing", "resume cancel remove rename"],
    ["ready", "failed", "remove rename"],
    ["failed", "waiting", "retry remove rename"],
    ["cancelled", "composing", "retry remove rename"],
    ["ready", "sending", ""],
    ["ready", "sent", ""],
    ["ready", "unconfirmed", ""],
    ["uploading", "sent", ""],
  ] as const)
    it(`offers “${actions}” when it is ${status} and its mail ${phase}`, () => {
      const record = attachment({ status, session: live });
      const words = describeAttachment(delivery({ phase, attachments: [record] }), record, now);
      assert.equal(words.actions.join(" "), actions);
    });

  it("has a retry where a part of a file has changed: it fits no other version", () => {
    const part = attachment({ status: "failed", error: changed, part: { of: "film", start: 0, whole: 9 } });
    assert.deepEqual(describeAttachment(delivery({ attachments: [part] }), part, now).actions, ["retry"]);
  });

  it("has no retry where a file has changed: it would not say which version is meant", () => {
    const actionsOf = (change: Partial<AttachmentRecord>) => {
      const record = attachment({ status: "failed", error: changed, session: live, ...change });
      return describeAttachment(delivery({ attachments: [record] }), record, now).actions;
    };
    assert.deepEqual(actionsOf({}), ["remove", "rename"]);
    const file = attachment({ status: "failed", error: changed, session: live });
    const row = rowMenuKeys(delivery({ attachments: [file] }), file, now);
    assert.ok(row.includes("asksVersion") && !row.includes("retry"), row.join(" "));
    const whole = session({ completeAsked: true });
    assert.deepEqual(actionsOf({ session: whole }), ["keepVersion", "remove", "rename"]);
    const inParts = { ...changed, remedy: "retry" as const };
    assert.deepEqual(actionsOf({ error: inParts }), ["retry", "remove", "rename"]);
  });

  it("offers to go on with an upload that has run out", () => {
    const record = attachment({ ...ready, session: gone });
    assert.ok(describeAttachment(delivery({ attachments: [record] }), record, now).actions.includes("retry"));
  });

  it("tells when the service drops it only while that matters", () => {
    const expiryOf = (file: Partial<AttachmentRecord>, mail: Partial<DeliveryRecord> = {}) => {
      const record = attachment({ session: live, ...file });
      return describeAttachment(delivery({ ...mail, attachments: [record] }), record, now).expiresAt;
    };
    for (const status of ["uploading", "completing", "ready", "paused"] as const)
      assert.equal(expiryOf({ status }), live.expiresAt, status);
    for (const status of ["queued", "creating", "failed", "cancelled"] as const)
      assert.equal(expiryOf({ status }), null, status);
    assert.equal(expiryOf({ status: "ready" }, { phase: "sent" }), null);
    assert.equal(expiryOf({ status: "ready", session: null }), null);
  });
});

describe("A file that travels with its mail, in words", () => {
  const read = session({ expiresAt: null, attachmentId: null, completeAsked: true });
  const inMail = (file: Partial<AttachmentRecord>, mail: Partial<DeliveryRecord> = {}) => {
    const record = attachment(file);
    return describeAttachment(delivery({ provider: "google", ...mail, attachments: [record] }), record, now);
  };
  for (const [file, mail, summary, steps] of [
    [{}, {}, "waiting for its turn", "todo todo"],
    [{ status: "creating" }, {}, "reading", "doing todo"],
    [{ status: "uploading", accepted: 430, session: read }, {}, "reading 43%", "doing todo"],
    [{ status: "completing", session: read }, {}, "reading", "doing todo"],
    [{ status: "ready", session: read }, {}, "ready", "done todo"],
    [{ status: "ready", session: read }, { phase: "sending" }, "sending", "done doing"],
    [{ status: "ready", session: read }, { phase: "unconfirmed" }, "may have been sent", "done failed"],
    [{ status: "ready", session: read }, { phase: "sent", finishedAt: now }, "sent · just now", "done done"],
    [{ status: "failed", session: read }, {}, "failed", "failed todo"],
    [{ status: "paused", session: read }, {}, "paused at 0%", "todo todo"],
  ] as const)
    it(`is “${summary}” with the steps ${steps}`, () => {
      const words = inMail(file, mail);
      assert.deepEqual(
        words.steps.map(({ label }) => label),
        ["Read", "Send"],
      );
      assert.equal(words.steps.map(({ state }) => state).join(" "), steps);
      assert.equal(words.summary, summary);
      assert.equal(words.expiresAt, null);
    });

  it("offers no old version: it is nowhere any more", () => {
    assert.deepEqual(inMail({ status: "failed", session: read, error: changed }).actions, [
      "remove",
      "rename",
    ]);
  });

  it("has a mail that says what is done with it", () => {
    const reading = { provider: "google", attachments: [attachment({ status: "uploading" })] };
    assert.equal(headline(delivery(reading), now), "The files are read while you write.");
    assert.equal(
      headline(delivery({ ...reading, phase: "waiting" }), now),
      "Will be sent automatically once everything is read.",
    );
  });
});

describe("Every state of a mail with a file", () => {
  for (const phase of PHASES)
    for (const status of STATUSES)
      it(`${phase} and ${status} has words, steps and actions`, () => {
        for (const kept of [null, live, gone, session({ completeAsked: true })])
          for (const waiting of [undefined, { until: now + 5000, reason: "network" as const }]) {
            const record = attachment({
              status,
              session: kept,
              flight: flight({ waiting }),
              error: savedError,
            });
            const mail = delivery({ phase, attachments: [record] });
            const words = describeAttachment(mail, record, now);
            assert.ok(words.statusText.length > 0);
            assert.equal(words.steps.length, 4);
            const isOpen = ["composing", "waiting", "failed", "saved"].includes(phase);
            assert.ok(isOpen === words.actions.length > 0);
            assert.ok(phase === "composing" || headline(mail, now).length > 0);
            assert.ok(describeSend(mail, now).label.length > 0);
          }
      });

  it("fits the contract with the panel, whatever the record says", () => {
    const anySession = fc.option(
      fc
        .record({ completeAsked: fc.boolean(), expiresAt: fc.integer({ min: now - 1e7, max: now + 1e7 }) })
        .map(session),
    );
    const anyFile = fc
      .record({
        status: fc.constantFrom(...STATUSES),
        size: fc.integer({ min: 1, max: 157_286_400 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        session: anySession,
        error: fc.constantFrom(null, savedError),
        rate: fc.option(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { nil: undefined }),
        wait: fc.option(fc.integer({ min: -10_000, max: 400_000 }), { nil: undefined }),
        reason: fc.constantFrom(...ErrorCode.options),
      })
      .map(({ share, rate, wait, reason, ...rest }) =>
        attachment({
          ...rest,
          accepted: Math.floor(rest.size * share),
          flight: flight({
            handed: Math.floor(rest.size * share),
            bytesPerSecond: rate,
            waiting: wait === undefined ? undefined : { until: now + wait, reason },
          }),
        }),
      );
    fc.assert(
      fc.property(fc.constantFrom(...PHASES), fc.array(anyFile, { maxLength: 3 }), (phase, attachments) => {
        const mail = delivery({ phase, attachments });
        const snapshot = panelSnapshot(mail, { accounts: [], notice: null, now });
        assert.deepEqual(PanelSnapshot.parse(snapshot), snapshot);
        for (const { acceptedBytes, handedBytes, sizeBytes } of snapshot.attachments)
          assert.ok(acceptedBytes <= handedBytes && handedBytes <= sizeBytes);
        assert.ok(!JSON.stringify(snapshot).match(/NaN|undefined|Infinity/));
        statusLine([mail], now);
      }),
    );
  });
});

describe("A mail in a sentence", () => {
  const files = (...statuses: readonly AttachmentRecord["status"][]) => ({
    attachments: statuses.map((status, at) => attachment({ id: `file-${at}`, status, session: live })),
  });
  for (const [mail, expected] of [
    [{ accountId: null }, "Add an account to send from; the upload then starts automatically."],
    [files("uploading", "ready"), "The files are uploaded while you write."],
    [
      {
        attachments: [
          attachment({
            status: "uploading",
            session: live,
            flight: flight({ waiting: { until: now + 8000, reason: "offline" } }),
          }),
        ],
      },
      "Uploading: no network, trying again in 8 s.",
    ],
    [files("ready"), ""],
    [files(), ""],
    [files("ready", "failed"), "1 file needs your attention: retry or remove it."],
    [files("uploading", "failed"), "The files are uploaded while you write."],
    [files("ready", "paused"), ""],
    [{ phase: "waiting", ...files("uploading") }, "Will be sent automatically once everything is uploaded."],
    [{ phase: "waiting", ...files("ready", "failed") }, "1 file needs your attention: retry or remove it."],
    [
      { phase: "waiting", ...files("paused", "failed", "cancelled") },
      "3 files need your attention: retry or remove them.",
    ],
    [
      { attachments: [attachment({ status: "failed", error: changed })] },
      "1 file needs your attention: choose a version.",
    ],
    [
      { attachments: [attachment({ status: "failed" }), attachment({ status: "failed", error: changed })] },
      "2 files need your attention: decide on each of them.",
    ],
    [
      { attachments: Array(2).fill(attachment({ status: "failed", error: changed })) },
      "2 files need your attention: choose their versions.",
    ],
    [{ phase: "waiting", ...files("paused", "ready") }, "1 file needs your attention: resume or remove it."],
    [{ phase: "waiting", ...files("ready") }, "Sending…"],
    [{ phase: "sending" }, "Sending…"],
    [{ phase: "sent", finishedAt: now - 3 * minute }, `Sent ${formatMoment(now - 3 * minute, now)}.`],
    [{ phase: "sent", finishedAt: null }, `Sent ${formatMoment(now, now)}.`],
    [
      { phase: "sent", finishedAt: now, message: letterTo("ada@example.com") },
      `Sent ${formatMoment(now, now)} to ada@example.com.`,
    ],
    [
      { phase: "sent", finishedAt: now, message: letterTo("ada@example.com", "bob@example.com") },
      `Sent ${formatMoment(now, now)} to 2 people.`,
    ],
    [{ phase: "failed" }, "Not sent."],
    [{ phase: "unconfirmed" }, "We could not confirm that the mail was sent."],
  ] as const)
    it(`says “${expected}”`, () => assert.equal(headline(delivery(mail), now), expected));

  it("waits for a person where a file goes no further", () => {
    const stuck = (mail: Partial<DeliveryRecord>) =>
      panelSnapshot(delivery(mail), { accounts: [], notice: null, now }).stuck;
    for (const status of ["failed", "cancelled", "paused"] as const) {
      assert.equal(stuck({ phase: "waiting", ...files(status, "uploading") }), true);
      assert.equal(stuck({ phase: "composing", ...files(status) }), status !== "paused");
      assert.equal(stuck({ phase: "composing", ...files(status, "uploading") }), false);
    }
    assert.equal(stuck({ phase: "waiting", ...files("uploading", "ready") }), false);
  });

  const waiting = { until: now + 8000, reason: "offline" } as const;
  const held = attachment({ id: "held", status: "uploading", session: live, flight: flight({ waiting }) });
  const turn = attachment({ id: "turn", status: "queued" });
  const shown = (mail: Partial<DeliveryRecord>) => {
    const {
      headline: words,
      stuck,
      attachments,
    } = panelSnapshot(delivery(mail), {
      accounts: [],
      notice: null,
      now,
    });
    return { words, stuck, waits: attachments.map(({ waits = false }) => waits) };
  };

  it("says that it waits where nothing moves, whatever waits for its turn behind that", () =>
    assert.deepEqual(shown({ attachments: [held, turn] }), {
      words: "Uploading: no network, trying again in 8 s.",
      stuck: true,
      waits: [true, false],
    }));

  for (const [what, mail] of [
    ["without files", { phase: "sending", attachments: [] }],
    ["whose draft is opened when it is sent", { phase: "waiting", ...files("ready") }],
  ] as const)
    it(`says so of a mail ${what}`, () => assert.equal(shown({ ...mail, sendWait: waiting }).stuck, true));

  it("says so also once Send was pressed", () =>
    assert.deepEqual(shown({ phase: "waiting", attachments: [held] }), {
      words:
        "Will be sent automatically once everything is uploaded. Uploading: no network, trying again in 8 s.",
      stuck: true,
      waits: [true],
    }));

  it("moves as long as one file does, and when the wait is over", () => {
    const going = attachment({ id: "going", status: "uploading", session: live });
    assert.equal(shown({ attachments: [held, going] }).stuck, false);
    const over = { ...held, flight: flight({ waiting: { ...waiting, until: now } }) };
    assert.equal(shown({ attachments: [over] }).stuck, false);
  });

  it("waits with all its files while Send does", () => {
    const mail = delivery({
      phase: "sending",
      sendWait: waiting,
      attachments: [attachment({ status: "ready", session: live })],
    });
    assert.deepEqual(shown(mail), {
      words: "Sending: no network, trying again in 8 s.",
      stuck: true,
      waits: [true],
    });
    const [file] = mail.attachments;
    assert.ok(file);
    assert.equal(describeAttachment(mail, file, now).statusText, "no network, trying again in 8 s");
  });

  it("counts down while a mail is about to leave, and offers to take it back", () => {
    const leaving = delivery({
      phase: "waiting",
      leavesAt: now + 4_000,
      attachments: [attachment({ status: "ready" })],
    });
    assert.equal(headline(leaving, now), "Sending in 4 s.");
    const around = { accounts: [], notice: null, now };
    assert.equal(panelSnapshot(leaving, around).headline, "Sending in 4 s.");
    assert.equal(
      panelSnapshot(leaving, { ...around, undoIsManaged: true }).headline,
      "Sending in 4 s. Managed by your organization.",
    );
    assert.deepEqual(describeSend(leaving, now), {
      label: "Send",
      enabled: false,
      withdrawable: true,
      withdrawLabel: "Undo (4 s)",
      undoable: true,
    });
  });

  for (const [mail, label, enabled, withdrawable] of [
    [files("ready"), "Send", true, false],
    [files("uploading"), "Send When Ready", true, false],
    [files(), "Send", true, false],
    [{ accountId: null }, "Send When Ready", false, false],
    [{ phase: "waiting", ...files("uploading") }, "Send When Ready", false, true],
    [{ phase: "sending", ...files("ready") }, "Send", false, false],
    [{ phase: "failed", ...files("ready") }, "Send", true, false],
    [{ phase: "unconfirmed", ...files("ready") }, "Send", false, false],
  ] as const)
    it(`has the button “${label}” in ${JSON.stringify(mail).slice(0, 60)}`, () =>
      assert.deepEqual(describeSend(delivery(mail), now), {
        label,
        enabled,
        withdrawable,
        withdrawLabel: "Keep Editing",
        undoable: false,
      }));
});

describe("A problem in words", () => {
  it("is what the error says, with a button that has a label", () => {
    assert.deepEqual(describeProblem(savedError), {
      message: savedError.message,
      remedy: { remedy: "retry", label: "Retry" },
      requestId: null,
    });
    assert.equal(describeProblem({ ...savedError, remedy: null })?.remedy, null);
  });

  it("tells of a mail that cannot be saved, and shows nothing under way that is not", () => {
    const trouble = { ...savedError, code: "journal-unwritable" as const, message: "The disk is full." };
    const file = attachment({ status: "uploading", session: session() });
    const mail = delivery({ trouble, error: savedError, attachments: [file] });
    const snapshot = panelSnapshot(mail, { accounts: [], notice: null, now });
    assert.deepEqual(snapshot.problem, {
      message: "The disk is full. Freight Mail keeps trying.",
      remedy: null,
      requestId: null,
    });
    const [{ status, statusText } = {}] = snapshot.attachments;
    assert.deepEqual([status, statusText], ["queued", "on hold"]);
    assert.equal(statusLine([mail], now), undefined);
    const flight = { handed: 1, bytesPerSecond: 1, waiting: undefined };
    const moving = delivery({ trouble, attachments: [{ ...file, flight }] });
    assert.equal(statusLine([moving], now)?.kind, "moving", "what is on its way goes on");
    assert.equal(describeProblem(null), null);
  });

  for (const remedy of Remedy.options)
    it(`has a label for “${remedy}”`, () => assert.match(remedyLabel(remedy), /^[A-Z]/));
});

describe("A file that is under way", () => {
  const moving = (expiresAt: number) =>
    describeAttachment(
      delivery(),
      attachment({
        status: "uploading",
        size: 120_000_000,
        session: session({ expiresAt }),
        flight: flight({ handed: 0, bytesPerSecond: 20_000 }),
      }),
      now,
    ).pace;

  it("says how fast it is and how long it still takes", () => {
    assert.equal(moving(now + 120 * minute), "19.5 KB/s · 100 min left");
  });

  it("says early that it cannot be through before its session ends", () => {
    assert.equal(
      moving(now + 58 * minute),
      "19.5 KB/s · 100 min left, but the upload session expires in 58 min",
    );
  });

  for (const status of ["creating", "uploading", "completing"] as const)
    it(`offers to try at once while ${status} waits for its next try, and only then`, () => {
      const actions = (waits: boolean) => {
        const waiting = waits ? ({ until: now + 8000, reason: "network" } as const) : undefined;
        const file = attachment({ status, session: live, flight: flight({ waiting }) });
        return describeAttachment(delivery(), file, now).actions;
      };
      assert.deepEqual([actions(true).includes("tryNow"), actions(false).includes("tryNow")], [true, false]);
    });
});
