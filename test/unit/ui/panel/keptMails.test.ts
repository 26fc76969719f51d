import assert from "node:assert/strict";
import { mock } from "node:test";
import { fingerprint } from "../../../../src/delivery/compose/untouched.ts";
import { KeptMails } from "../../../../src/ui/panel/keptMails.ts";
import { Mails } from "../../../support/mails.ts";
import { MemoryLog } from "../../../support/memory.ts";
import { attachment, delivery, emptyForm, now } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const form = { ...emptyForm, subject: "Build 7" };
const written = delivery({ form });
const long = delivery({ id: "long", form: { ...form, subject: "x".repeat(60) } });
const blank = delivery({ id: "blank", attachments: [], blank: fingerprint(emptyForm, []) });
const files = [attachment()];
const slip = delivery({
  id: "slip",
  form,
  attachments: files,
  blank: fingerprint(form, files),
});

describe("A mail whose panel is closed before it was sent", () => {
  let mails: Mails;
  let dialogs: ScriptedDialogs;
  let log: MemoryLog;
  let did: unknown[];
  let kept: KeptMails;
  let isOpen: boolean;
  let forgetting: Error | undefined;
  let answerUndo: (isWanted: boolean) => void;

  function setUp(...presses: string[]): void {
    mails = new Mails(written, delivery({ id: "mail-2", form }), long, blank, slip);
    dialogs = new ScriptedDialogs(...presses);
    log = new MemoryLog();
    did = [];
    isOpen = false;
    forgetting = undefined;
    const noted =
      (name: string) =>
      async (...args: readonly unknown[]) => {
        did.push([name, ...args]);
        if (forgetting !== undefined) throw forgetting;
      };
    kept = new KeptMails({
      store: mails,
      runner: { forget: noted("forget") },
      show: (id) => did.push(["show", id]),
      discard: noted("discard"),
      isOpen: () => isOpen,
      offerUndo: (name) => {
        did.push(["offerUndo", name]);
        return new Promise((resolve) => {
          answerUndo = resolve;
        });
      },
      failed: (reason) => did.push(["failed", reason]),
      dialogs,
      runCommand: noted("run"),
      log,
    });
  }

  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => {
    kept.dispose();
    mock.timers.reset();
  });

  /** Until all that was closed is told of, and answered. */
  const settled = async () => {
    mock.timers.tick(200);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };

  for (const [press, what] of [
    ["Reopen", [["show", "mail-1"]]],
    ["Discard…", [["discard", "mail-1"]]],
    ["", []],
  ] as const)
    it(`is kept, which is said, and ${press || "closing the message"} does what it says`, async () => {
      setUp(press);
      kept.closed("mail-1");
      await settled();
      assert.deepEqual(dialogs.shown, [
        { how: "info", text: "“Build 7” was saved.", buttons: ["Reopen", "Discard…"] },
      ]);
      assert.deepEqual(did, what);
    });

  it("is called as on its tab, however long its subject is", async () => {
    setUp("");
    kept.closed("long");
    await settled();
    assert.equal(dialogs.shown[0]?.text, `“${"x".repeat(29)}…” was saved.`);
  });

  for (const [press, what] of [
    [
      "Reopen All",
      [
        ["show", "mail-1"],
        ["show", "mail-2"],
      ],
    ],
    ["Show Sessions", [["run", "freightMail.sessions.focus"]]],
    ["", []],
  ] as const)
    it(`is told of with the others closed with it: ${press || "closed"}`, async () => {
      setUp(press);
      kept.closed("mail-1");
      mock.timers.tick(199);
      kept.closed("mail-2");
      mock.timers.tick(199);
      assert.deepEqual(dialogs.shown, []);
      await settled();
      assert.deepEqual(dialogs.shown, [
        { how: "info", text: "2 mails were saved.", buttons: ["Reopen All", "Show Sessions"] },
      ]);
      assert.deepEqual(did, what);
    });

  it("is not told of twice", async () => {
    setUp();
    kept.closed("mail-1");
    await settled();
    kept.closed("mail-2");
    await settled();
    assert.deepEqual(
      dialogs.shown.map(({ text }) => text),
      ["“Build 7” was saved.", "“Build 7” was saved."],
    );
  });

  for (const [what, isWanted, meanwhile, ends] of [
    ["goes away when nobody wants it back", false, () => {}, [["forget", "slip"]]],
    ["comes back with Undo", true, () => {}, [["show", "slip"]]],
    ["stays where it was opened again meanwhile", false, () => (isOpen = true), []],
    [
      "stays where somebody has written in it meanwhile",
      false,
      () => mails.put({ ...slip, form: { ...form, revision: 1, body: "Hello" } }),
      [],
    ],
  ] as const)
    it(`that only a slip of the mouse has made ${what}`, async () => {
      setUp();
      kept.closed("slip");
      await settled();
      assert.deepEqual([did, dialogs.shown], [[["offerUndo", "Build 7"]], []]);
      meanwhile();
      answerUndo(isWanted);
      await settled();
      assert.deepEqual(did.slice(1), ends);
    });

  it("goes away with its panel where nobody has written anything", async () => {
    setUp();
    kept.closed("blank");
    await settled();
    assert.deepEqual([did, dialogs.shown], [[["forget", "blank"]], []]);
  });

  it("stays, without a word, where another window is at it", async () => {
    setUp();
    forgetting = new Error("busy elsewhere");
    kept.closed("blank");
    await settled();
    assert.deepEqual(dialogs.shown, []);
    assert.match(log.lines.join(), /^info .*busy elsewhere/s);
  });

  for (const [what, mail] of [
    ["is leaving", delivery({ phase: "sending" })],
    ["was sent", delivery({ phase: "sent" })],
    ["waits for its time", delivery({ phase: "scheduled" })],
    ["is for an event", delivery({ event: { id: "e", subject: "Review", startsAt: now } })],
  ] as const)
    it(`is nothing to tell of where it ${what}`, async () => {
      setUp();
      mails.put(mail);
      kept.closed("mail-1");
      await settled();
      assert.deepEqual([did, dialogs.shown], [[], []]);
    });

  it("is not gone where it was opened again, and not there where it was removed", async () => {
    setUp();
    isOpen = true;
    kept.closed("mail-1");
    await settled();
    isOpen = false;
    mails.remove("mail-2");
    kept.closed("mail-2");
    await settled();
    assert.deepEqual([did, dialogs.shown], [[], []]);
  });

  it("is neither opened nor asked about where it was removed while the message stood there", async () => {
    for (const press of ["Reopen", "Discard…"]) {
      setUp(press);
      kept.closed("mail-1");
      mock.timers.tick(200);
      mails.remove("mail-1");
      await settled();
      assert.deepEqual(did, []);
      kept.dispose();
    }
    setUp("Reopen All");
    for (const id of ["mail-1", "mail-2"]) kept.closed(id);
    mock.timers.tick(200);
    mails.remove("mail-2");
    await settled();
    assert.deepEqual(did, [["show", "mail-1"]]);
  });

  it("has its trouble told", async () => {
    setUp("Discard…");
    forgetting = new Error("full");
    kept.closed("mail-1");
    await settled();
    assert.deepEqual(did.at(-1), ["failed", forgetting]);
  });

  it("is left as it is when the window closes with it", async () => {
    setUp();
    kept.closed("blank");
    kept.dispose();
    await settled();
    assert.deepEqual([did, dialogs.shown], [[], []]);
  });
});
