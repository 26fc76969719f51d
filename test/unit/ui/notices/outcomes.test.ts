import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../../../src/accounts/accountBook.ts";
import type { SavedError } from "../../../../src/base/errors.ts";
import { newArrival } from "../../../../src/delivery/arrival/arrival.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import type { RemedyContext } from "../../../../src/ui/notices/notify.ts";
import { Outcomes } from "../../../../src/ui/notices/outcomes.ts";
import { Mails } from "../../../support/mails.ts";
import { attachment, delivery, emptyForm, now, savedError } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const form = { ...emptyForm, subject: "Build 7" };
const message = {
  to: [{ name: "Bob", email: "bob@example.com" }],
  cc: [],
  bcc: [{ name: null, email: "eve@example.com" }],
  replyTo: [],
  headers: [],
  subject: "Build 7",
  body: "",
  format: "text" as const,
};
const sending = delivery({ form, phase: "sending" });
const sent = delivery({ form, message, phase: "sent", finishedAt: now });
const schedule = { id: "later", sendAt: Date.now() + 3_600_000, keeper: "service" as const };

interface Scene {
  readonly before?: DeliveryRecord;
  readonly press?: string;
  readonly visible?: boolean;
  readonly wanted?: "needed" | "all" | "errorsOnly";
  readonly elsewhere?: boolean;
}

function setUp({
  before = sending,
  press,
  visible = false,
  wanted = "needed",
  elsewhere = false,
}: Scene = {}) {
  const dialogs = new ScriptedDialogs(...(press === undefined ? [] : [press]));
  const store = new Mails(before);
  const problems: [SavedError, RemedyContext][] = [];
  const ran: unknown[] = [];
  const outcomes = new Outcomes({
    store,
    dialogs,
    notifier: { problem: (error, context = {}) => void problems.push([error, context]) },
    runCommand: async (...command) => void ran.push(command),
    isOurs: () => !elsewhere,
    runRemedy: async (remedy, context) => void ran.push([remedy, context.deliveryId]),
    isVisible: () => visible,
    wanted: () => wanted,
  });
  return { dialogs, store, problems, ran, outcomes };
}

/** What a person reads after a mail has become something else. */
function told(now: DeliveryRecord, scene: Scene = {}) {
  const { store, dialogs } = setUp(scene);
  store.put(now);
  return dialogs.shown;
}

describe("What became of a mail is told", () => {
  it("once of mails that go together: with the last one", () => {
    const set = { mails: ["delivery", "second"], files: [], moving: [], answers: null };
    const first = { ...sending, set: { ...set, at: 0 } };
    const second = { ...sending, id: "second", set: { ...set, at: 1 } };
    const { store, dialogs } = setUp({ before: { ...first, id: "delivery" } });
    store.put(second);
    store.put({ ...sent, id: "delivery", set: { ...set, at: 0 } });
    assert.equal(dialogs.shown.length, 0);
    store.put({ ...sent, id: "second", set: { ...set, at: 1 } });
    assert.equal(dialogs.shown.length, 1);
  });

  for (const phase of ["unconfirmed", "failed", "composing"] as const)
    it(`of the last of them although one before is ${phase}: that one waits for a person`, () => {
      const set = { mails: ["first", "delivery"], files: [], moving: [], answers: null };
      const { store, dialogs } = setUp({ before: { ...sending, set: { ...set, at: 1 } } });
      store.put({ ...sending, phase, id: "first", set: { ...set, at: 0 } });
      store.put({ ...sent, set: { ...set, at: 1 } });
      assert.equal(dialogs.shown.length, 1);
    });

  it("of the last of them although a file of one before has changed: that one waits for a person, too", () => {
    const set = { mails: ["first", "delivery"], files: [], moving: [], answers: null };
    const error = { code: "file-changed", message: "It changed.", remedy: "uploadNewVersion" } as const;
    const changed = attachment({ status: "failed", error: { ...error, requestId: null } });
    const { store, dialogs } = setUp({ before: { ...sending, set: { ...set, at: 1 } } });
    store.put({ ...sending, phase: "waiting", id: "first", attachments: [changed], set: { ...set, at: 0 } });
    const told = dialogs.shown.length;
    store.put({ ...sent, set: { ...set, at: 1 } });
    assert.equal(dialogs.shown.length, told + 1);
  });

  it("with everybody it was sent to, blind copies too", () => {
    const text = "“Build 7” was sent to Bob <bob@example.com> and eve@example.com.";
    assert.deepEqual(told(sent), [{ how: "info", text, buttons: ["Show Session"] }]);
  });

  describe("when it comes back", () => {
    const arrival = newArrival(now, {});
    const before = { ...sent, arrival };
    const note = {
      email: "bob@example.com",
      action: "failed",
      reason: "tooLarge",
      words: "552 too large",
      at: now,
    } as const;
    const attachments = [attachment({ name: "trace.log" })];
    const back = { ...before, attachments, arrival: { ...arrival, lookedAt: now, returns: [note] } };
    const button = "Compress and Send to bob@example.com…";

    it("once, with what helps", () => {
      const { store, dialogs } = setUp({ before });
      store.put(back);
      store.put({ ...back, arrival: { ...back.arrival, lookedAt: now + 1 } });
      const text =
        "“Build 7” came back. Not delivered to bob@example.com: the mail is too large for the mailbox.";
      assert.deepEqual(dialogs.shown, [{ how: "warning", text, buttons: [button, "Show Mail"] }]);
    });

    it("in the window that has looked, and not where its panel is in sight", () => {
      assert.deepEqual(told(back, { before, elsewhere: true }), []);
      assert.deepEqual(told(back, { before, visible: true }), []);
    });

    for (const [press, wanted] of [
      [button, ["compressAndSend", "mail-1"]],
      ["Show Mail", ["freightMail.showSession", { deliveryId: "mail-1" }]],
    ] as const)
      it(`and “${press}” does what it says`, async () => {
        const { store, ran } = setUp({ before, press });
        store.put(back);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(ran, [wanted]);
      });

    for (const [what, returns] of [
      ["nothing", []],
      ["a delay", [{ ...note, action: "delayed" }]],
      ["a receipt", [{ ...note, action: "delivered" }]],
    ] as const)
      it(`and nobody is told of ${what}`, () =>
        assert.deepEqual(
          told({ ...back, arrival: { ...back.arrival, returns: [...returns] } }, { before }),
          [],
        ));
  });

  it("in the window that works on the mail alone", () => {
    const later = delivery({ form, message, phase: "scheduled", schedule });
    for (const now of [sent, later, delivery({ phase: "failed", error: savedError })]) {
      const { store, dialogs, problems } = setUp({ elsewhere: true });
      store.put(now);
      assert.deepEqual([dialogs.shown, problems], [[], []], now.phase);
    }
  });

  it("also when its panel is in sight, if that is wanted", () => {
    assert.deepEqual(told(sent, { visible: true }), []);
    assert.equal(told(sent, { visible: true, wanted: "all" }).length, 1);
  });

  it("once, however often the record changes after", () => {
    const { store, dialogs } = setUp();
    store.put(sent);
    store.put({ ...sent, finishedAt: now + 1 });
    assert.equal(dialogs.shown.length, 1);
  });

  it("as something that has arrived at nobody, in the practice mailbox", () => {
    const practice = { accountId: PRACTICE_ID };
    const [shown, ...more] = told({ ...sent, ...practice }, { before: { ...sending, ...practice } });
    assert.deepEqual([shown?.text, more], ["“Build 7” arrived in the practice mailbox.", []]);
    assert.deepEqual(shown?.buttons, ["Open Practice Mailbox"]);
    // Its panel says so, and has a button to the same place: a message would cover that.
    const inSight = { before: { ...sending, ...practice }, visible: true };
    assert.deepEqual(told({ ...sent, ...practice }, inSight), []);
  });

  it("as attached, where the files went to an event", () => {
    const event = { id: "e", subject: "Review [x](command:y)", startsAt: now };
    const attachments = [attachment({ name: "a.bin" }), attachment({ id: "file-2", name: "b.bin" })];
    const [shown] = told(delivery({ phase: "sent", event, attachments }));
    assert.deepEqual(shown, {
      how: "info",
      text: "a.bin and b.bin are attached to the event “Review [x] (command:y)”.",
    });
  });

  it("when it was saved, or waits for its time", () => {
    assert.equal(told(delivery({ form, phase: "saved" }))[0]?.text, "“Build 7” was saved in Drafts.");
    assert.match(
      told(delivery({ phase: "scheduled", schedule }))[0]?.text ?? "",
      /^The mail will be sent \S.*\d\d:\d\d.*\.$/,
    );
  });

  it("not when it was scheduled and its time has come", () => {
    assert.deepEqual(told(sent, { before: delivery({ form, phase: "scheduled", schedule }) }), []);
  });

  it("not where the panel says it, or the person wants to hear of trouble only", () => {
    for (const phase of ["saved", "scheduled"] as const)
      for (const scene of [{ visible: true }, { wanted: "errorsOnly" as const }])
        assert.deepEqual(told(delivery({ phase, schedule }), scene), []);
    assert.deepEqual(told(sent, { wanted: "errorsOnly" as const }), []);
  });

  it("not of a mail that this window has never seen before", () => {
    const { store, dialogs, problems } = setUp();
    store.put({ ...sent, id: "other", error: savedError });
    assert.deepEqual([dialogs.shown, problems], [[], []]);
    // Nor of one that was forgotten, and is there again.
    store.remove("mail-1");
    store.put(sent);
    assert.deepEqual(dialogs.shown, []);
  });

  it("with a button that leads to the session, or to the practice mailbox", async () => {
    const session = setUp({ press: "Show Session" });
    session.store.put(sent);
    const before = { ...sending, accountId: PRACTICE_ID };
    const practice = setUp({ press: "Open Practice Mailbox", before });
    practice.store.put({ ...sent, accountId: PRACTICE_ID });
    const closed = setUp();
    closed.store.put(sent);
    await new Promise(setImmediate);
    assert.deepEqual(session.ran, [["freightMail.showSession", { deliveryId: "mail-1" }]]);
    assert.deepEqual(practice.ran, [["freightMail.openPracticeMailbox"]]);
    assert.deepEqual(closed.ran, []);
  });
});

describe("Trouble with a mail is shown", () => {
  const context = { deliveryId: "mail-1", accountId: "account" };
  const failed = delivery({ form, phase: "failed", error: savedError });
  const inFile = delivery({ form, attachments: [attachment({ status: "failed", error: savedError })] });

  it("once, with what its button is for", () => {
    const { store, problems } = setUp();
    store.put(failed);
    store.put({ ...failed, finishedAt: now });
    assert.deepEqual(problems, [[savedError, context]]);
  });

  it("for each file by itself", () => {
    const { store, problems } = setUp();
    store.put(inFile);
    store.put({ ...inFile });
    assert.deepEqual(problems, [[savedError, { ...context, attachmentId: "file-1" }]]);
  });

  it("again when it happens again", () => {
    const { store, problems } = setUp();
    for (const mail of [failed, { ...failed, error: null }, { ...failed, error: { ...savedError } }])
      store.put(mail);
    assert.equal(problems.length, 2);
  });

  it("even to a person who wants to hear of trouble only, but not beside the panel that says it", () => {
    const quiet = setUp({ wanted: "errorsOnly" as const });
    quiet.store.put(failed);
    assert.equal(quiet.problems.length, 1);
    const visible = setUp({ visible: true });
    visible.store.put(failed);
    visible.store.put(inFile);
    assert.deepEqual(visible.problems, []);
  });

  it("no more once the window closes", () => {
    const { store, problems, outcomes } = setUp();
    outcomes.dispose();
    store.put(failed);
    assert.deepEqual([problems, store.listenerCount], [[], 0]);
  });
});
