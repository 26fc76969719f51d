import assert from "node:assert/strict";
import { writtenTo } from "../../../src/delivery/compose/correspondents.ts";
import { advance } from "../../../src/delivery/record/advance.ts";
import {
  Delivery,
  type DeliveryRecord,
  type Purpose,
  toSaved,
} from "../../../src/delivery/record/delivery.ts";
import { isEditable, isFinished, isUnfinished } from "../../../src/delivery/record/queries.ts";
import { describeSend, describeWays, panelSnapshot } from "../../../src/delivery/words/describe.ts";
import { describeAttachment } from "../../../src/delivery/words/describeAttachment.ts";
import { discardQuestion } from "../../../src/delivery/words/discardWords.ts";
import { headline } from "../../../src/delivery/words/headline.ts";
import { offers } from "../../../src/shared/contract/offers.ts";
import type { Phase } from "../../../src/shared/contract/snapshot.ts";
import { formatMoment, shortMoment } from "../../../src/shared/format.ts";
import { attachment, delivery, emptyForm, minute, now, savedError, session } from "../../support/records.ts";

const at = now + 20 * 60 * minute;
const later: Purpose = { type: "later", at };
const draft: Purpose = { type: "draft" };
const schedule = { id: "schedule-1", sendAt: at, keeper: "service" as const };
const message = {
  ...{ to: [{ name: null, email: "ann@x.example" }], cc: [], bcc: [], replyTo: [], headers: [] },
  ...{ subject: "Later", body: "", format: "text" as const },
};
const send = {
  idempotencyKey: "key",
  body: "{}",
  startedAt: now,
  mayBeOut: true,
  keeper: "service" as const,
};
const ready = attachment({ status: "ready", session: session({ serviceStatus: "ready" }) });

describe("What becomes of a mail", () => {
  const requested = (purpose: Purpose) =>
    advance(delivery({ attachments: [ready] }), { type: "sendRequested", message, purpose });
  const scheduled = (): DeliveryRecord => {
    const sending = advance(requested(later), { type: "sendStarted", send });
    return advance(sending, { type: "scheduled", schedule, requestId: "r", at: 0 });
  };

  it("is to be sent unless something else is said", () => {
    const mail = advance(delivery(), { type: "sendRequested", message });
    assert.deepEqual([mail.phase, mail.purpose], ["waiting", { type: "send" }]);
  });

  it("ends as a draft at the service", () => {
    const sending = advance(requested(draft), { type: "sendStarted", send });
    const mail = advance(sending, { type: "saved", messageId: "m", requestId: "r", at: now });
    assert.deepEqual([mail.phase, mail.messageId, mail.finishedAt], ["saved", "m", now]);
    assert.ok(isFinished(mail) && !isUnfinished(mail) && !isEditable(mail));
  });

  it("waits at the service for its time, and is sent then", () => {
    const waits = scheduled();
    assert.deepEqual([waits.phase, waits.schedule, waits.requestId], ["scheduled", schedule, "r"]);
    assert.ok(!isFinished(waits) && !isUnfinished(waits) && !isEditable(waits));
    const sent = advance(waits, { type: "sent", messageId: null, requestId: "r", at });
    assert.deepEqual([sent.phase, sent.finishedAt], ["sent", at]);
  });

  it("can be written on once it is taken back, and is an ordinary mail then", () => {
    for (const back of [
      advance(scheduled(), { type: "scheduleCancelled" }),
      advance(requested(draft), { type: "sendWithdrawn" }),
    ]) {
      assert.deepEqual([back.phase, back.message, back.schedule], ["composing", null, null]);
      assert.deepEqual(back.purpose, { type: "send" });
    }
    const [file] = advance(scheduled(), { type: "scheduleCancelled" }).attachments;
    assert.equal(file?.session?.attachmentId, "remote-1", "its files are still there while they live");
  });

  it("survives being saved, and older records were to be sent", () => {
    const saved = JSON.parse(JSON.stringify(toSaved(scheduled())));
    assert.deepEqual(Delivery.parse(saved), toSaved(scheduled()));
    const { purpose: _, schedule: __, propertiesWritten: ___, ...older } = saved;
    const read = Delivery.parse({ ...older, phase: "sent" });
    assert.deepEqual([read.purpose, read.schedule, read.propertiesWritten], [{ type: "send" }, null, []]);
  });

  it("notes what a draft has for good once it is written there", () => {
    const held = { kind: "message" as const, id: "d", internetMessageId: null };
    const headers = [{ name: "X-Run", value: "7" }];
    const waiting = advance(delivery({ draft: held }), {
      type: "sendRequested",
      message: { ...message, headers },
      purpose: later,
    });
    assert.deepEqual(advance(waiting, { type: "sendStarted", send }).propertiesWritten, [
      "x-run",
      "deferred send time",
    ]);
    const started = advance(waiting, { type: "sendStarted", send });
    assert.deepEqual(advance(started, { type: "draftDropped" }).propertiesWritten, []);
  });

  it("makes its readers known once the service has it, and not when it is a draft", () => {
    assert.equal(writtenTo([scheduled()]).length, 1);
    assert.equal(writtenTo([delivery({ phase: "saved", message })]).length, 0);
  });
});

describe("A draft, or a mail that leaves later, in words", () => {
  const uploading = attachment({ status: "uploading", session: session() });
  const words = (change: Partial<DeliveryRecord>) => headline(delivery(change), now, "ada@x.example");
  const moment = formatMoment(at, now);

  for (const [change, expected] of [
    [
      { phase: "waiting", purpose: draft, attachments: [uploading] },
      "Will be saved as a draft once everything is uploaded.",
    ],
    [
      { phase: "waiting", purpose: later, attachments: [uploading] },
      `Will be sent ${moment}; scheduled once everything is uploaded.`,
    ],
    [{ phase: "waiting", purpose: draft, attachments: [ready] }, "Saving…"],
    [{ phase: "sending", purpose: draft }, "Saving…"],
    [{ phase: "sending", purpose: later }, "Scheduling…"],
    [{ phase: "failed", purpose: draft, error: savedError }, "Not saved."],
    [{ phase: "failed", purpose: later, error: savedError }, "Not scheduled."],
    [{ phase: "unconfirmed", purpose: draft }, "We could not confirm that the draft was saved."],
    [
      { phase: "saved", purpose: draft, finishedAt: now - 2 * minute },
      `Saved in Drafts of ada@x.example ${formatMoment(now - 2 * minute, now)}.`,
    ],
    [{ phase: "scheduled", purpose: later, schedule }, `Will be sent ${moment}.`],
    [
      { phase: "scheduled", purpose: later, schedule: { ...schedule, sendAt: now - minute } },
      `Handed to the service; was due ${formatMoment(now - minute, now)}.`,
    ],
  ] as const)
    it(expected, () => assert.equal(words(change), expected));

  for (const change of [
    { phase: "waiting", purpose: draft },
    { phase: "waiting", purpose: later },
    { phase: "sending", purpose: draft },
    { phase: "scheduled", purpose: later, schedule },
  ] as const)
    it(`can${change.phase === "waiting" ? "" : "not"} be taken back while ${change.purpose.type} is ${change.phase}`, () => {
      const shown = describeSend(delivery(change), now);
      assert.deepEqual(
        [shown.enabled, shown.withdrawable, shown.withdrawLabel],
        [false, change.phase === "waiting", "Keep Editing"],
      );
    });

  for (const [change, summary, last] of [
    [
      { phase: "saved", purpose: draft, finishedAt: now - 2 * minute },
      "saved as a draft · 2 min ago",
      "Save",
    ],
    [{ phase: "scheduled", purpose: later, schedule }, `scheduled · ${shortMoment(at, now)}`, "Schedule"],
    [{ phase: "sending", purpose: draft }, "saving", "Save"],
    [{ phase: "sending", purpose: later }, "scheduling", "Schedule"],
    [{ phase: "unconfirmed", purpose: draft }, "may have been saved", "Save"],
  ] as const)
    it(`has files that are ${summary}`, () => {
      const shown = describeAttachment(delivery(change), ready, now);
      assert.deepEqual([shown.summary, shown.steps.at(-1)?.label], [summary, last]);
      assert.deepEqual(shown.actions, change.phase === "saved" ? ["remove", "rename"] : []);
    });

  it("is written on after it was saved, sent from there, and says what the draft lacks", () => {
    const saved = delivery({
      phase: "saved",
      purpose: draft,
      messageId: "draft-1",
      finishedAt: now,
      attachments: [ready],
    });
    const shown = panelSnapshot(saved, { accounts: [], notice: null, now });
    assert.deepEqual([shown.editable, shown.send.label, shown.send.enabled], [true, "Send", true]);
    const going = advance(saved, { type: "reopened" });
    assert.equal(headline(going, now), "Your changes are not in the saved draft yet.");
    assert.match(discardQuestion(going).detail, /that draft stays in Drafts/);
  });
});

describe("The other ways for a mail", () => {
  const shown = (change: Partial<DeliveryRecord>) =>
    panelSnapshot(delivery(change), { accounts: [], notice: null, now });
  const may = (change: Partial<DeliveryRecord>) =>
    (["saveDraft", "sendLater"] as const).map((type) => offers(shown(change), { type, form: emptyForm }));

  for (const [phase, open] of [
    ["composing", true],
    ["failed", true],
    ["waiting", false],
    ["sending", false],
    ["sent", false],
    ["saved", true],
    ["scheduled", false],
    ["unconfirmed", false],
  ] as const satisfies readonly (readonly [Phase, boolean])[])
    it(`are ${open ? "" : "not "}offered while it is ${phase}`, () =>
      assert.deepEqual(may({ phase }), [open, open]));

  it("need an account, and a letter", () => {
    assert.deepEqual(may({ accountId: null }), [false, false]);
    const event = { id: "e", subject: "Review", startsAt: now };
    assert.deepEqual(may({ event }), [false, false]);
  });

  it("are to take it back while it waits under a name of the service", () => {
    const cancels = (change: Partial<DeliveryRecord>) => offers(shown(change), { type: "cancelScheduled" });
    assert.equal(cancels({ phase: "scheduled", schedule }), true);
    assert.equal(cancels({ phase: "scheduled", schedule: { ...schedule, id: null } }), false);
    assert.equal(cancels({ phase: "sent", schedule }), false);
    assert.deepEqual(describeWays(delivery({ phase: "scheduled", schedule })), {
      others: false,
      cancelScheduled: true,
      sendAgainTo: false,
    });
  });
});
