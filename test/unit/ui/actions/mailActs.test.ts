import assert from "node:assert/strict";
import type { Account } from "../../../../src/accounts/accountBook.ts";
import { FreightError } from "../../../../src/base/errors.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import { MailActs, type MailActsOptions } from "../../../../src/ui/actions/mailActs.ts";
import { account as accountRecord, delivery, emptyForm, now } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const account = accountRecord();

interface Scene {
  readonly mails?: readonly DeliveryRecord[];
  readonly presses?: readonly string[];
  readonly defaultAccount?: Account | undefined;
  readonly added?: Account | undefined;
  readonly problems?: readonly FreightError[];
  readonly sendProblem?: { readonly field: "to"; readonly message: string };
}

function setUp(scene: Scene = {}) {
  const mails = [...(scene.mails ?? [])];
  const did: unknown[] = [];
  const dialogs = new ScriptedDialogs(...(scene.presses ?? []));
  const find = (id: string) => mails.find((mail) => mail.id === id);
  const noted =
    <T>(name: string, result: T) =>
    async (...args: readonly unknown[]) => {
      did.push([name, ...args]);
      return result;
    };
  const problems = scene.problems ?? [];
  const options: MailActsOptions = {
    store: {
      list: () => mails,
      find,
      get: (id) => {
        const found = find(id);
        assert.ok(found);
        return found;
      },
    },
    runner: {
      attach: noted("attach", problems),
      attachToEvent: noted("attachToEvent", {
        deliveryId: problems.length > 0 ? undefined : "new",
        problems,
      }),
      compose: noted("compose", { deliveryId: "new", problems }),
      forget: noted("forget", undefined),
      send: noted("send", scene.sendProblem),
      sendAgainTo: noted("sendAgainTo", "copy"),
      withdraw: noted("withdraw", undefined),
    },
    book: {
      defaultAccount: "defaultAccount" in scene ? scene.defaultAccount : account,
      find: (id) => (id === account.id ? account : undefined),
    },
    packer: {
      handOver: async (paths, limit, give) => {
        did.push(["pack", paths, limit.bytes]);
        await give(paths);
      },
    },
    addAccount: noted("addAccount", scene.added),
    show: (id) => did.push(["show", id]),
    refused: (problem, deliveryId) => did.push(["refused", problem, deliveryId]),
    dialogs,
  };
  return { acts: new MailActs(options), did, dialogs };
}

const limit = 157_286_400;

describe("Putting files into a mail", () => {
  it("begins one where none is given, and opens it", async () => {
    const { acts, did } = setUp();
    await acts.put(["/a"]);
    assert.deepEqual(did, [
      ["pack", ["/a"], limit],
      ["compose", ["/a"], "account", undefined],
      ["show", "new"],
    ]);
  });

  it("has an account added where there is none, and begins nothing when the person leaves", async () => {
    const left = setUp({ defaultAccount: undefined });
    await left.acts.put(["/a"]);
    assert.deepEqual(left.did, [["addAccount"]]);
    const added = setUp({ defaultAccount: undefined, added: account });
    assert.equal(await added.acts.begin(["/a"]), "new");
  });

  it("adds to the one that is given, and tells of each file that cannot be added", async () => {
    const problem = new FreightError("file-missing", "gone");
    const { acts, did } = setUp({ mails: [delivery()], problems: [problem] });
    await acts.put(["/a"], "mail-1");
    assert.deepEqual(did, [
      ["pack", ["/a"], limit],
      ["attach", "mail-1", ["/a"]],
      ["refused", problem, "mail-1"],
    ]);
  });

  it("shows a new one before it says what is not in it: its panel has the words", async () => {
    const problem = new FreightError("file-missing", "gone");
    const { acts, did } = setUp({ problems: [problem] });
    await acts.begin(["/a", "/b"]);
    assert.deepEqual(did.slice(2), [
      ["show", "new"],
      ["refused", problem, "new"],
    ]);
  });

  it("begins another one when that has left meanwhile", async () => {
    const { acts, did } = setUp({ mails: [delivery({ phase: "sent" })] });
    await acts.put(["/a"], "mail-1");
    assert.deepEqual(did.slice(1), [
      ["compose", ["/a"], "account"],
      ["show", "new"],
    ]);
  });
});

describe("Attaching files to an event", () => {
  const event = { id: "e", subject: "Review", startsAt: 0 };

  it("packs what cannot be attached as it is, and shows what is uploaded", async () => {
    const { acts, did } = setUp();
    await acts.attachToEvent(["/folder"], account, event);
    assert.deepEqual(did, [
      ["pack", ["/folder"], limit],
      ["attachToEvent", ["/folder"], "account", event],
      ["show", "new"],
    ]);
  });

  it("names each file that cannot be attached, and shows nothing where none can", async () => {
    const problem = new FreightError("file-missing", "gone");
    const { acts, did } = setUp({ problems: [problem] });
    await acts.attachToEvent(["/a"], account, event);
    assert.deepEqual(did.slice(2), [["refused", problem, undefined]]);
  });
});

describe("Forgetting a mail", () => {
  const sent = delivery({ id: "sent", phase: "sent" });
  const written = delivery({ form: { ...emptyForm, subject: "Plans", to: "ann@x.example" } });
  const scheduled = delivery({ phase: "scheduled" });

  it("asks nothing where it was sent", async () => {
    const { acts, did, dialogs } = setUp({ mails: [sent] });
    await acts.forget("sent", true);
    assert.deepEqual(did, [["forget", "sent"]]);
    assert.deepEqual(dialogs.shown, []);
  });

  for (const presses of [[], ["Remove from History"]])
    it(`asks where a task or another extension wants it, ${presses.length === 0 ? "and keeps it" : "and does it"}`, async () => {
      const { acts, did, dialogs } = setUp({ mails: [sent], presses });
      await acts.forget("sent", false);
      assert.equal(dialogs.shown[0]?.text, "Remove 1 sent or saved mail from the history?");
      assert.deepEqual(did, presses.length === 0 ? [] : [["forget", "sent"]]);
    });

  it("does nothing with one that is not there", async () => {
    const { acts, did, dialogs } = setUp();
    await acts.forget("mail-1", true);
    assert.deepEqual([did, dialogs.shown], [[], []]);
  });

  for (const [what, mail, question, detail, button] of [
    [
      "was not sent",
      written,
      "Discard “Plans” with 1 file?",
      "1 recipient: ann@x.example. It was not sent. Its text and everything uploaded for it are deleted. Your files stay where they are.",
      "Discard Mail",
    ],
    [
      "is scheduled",
      scheduled,
      "Remove a mail that is scheduled?",
      "The mail will still be sent as scheduled. To stop it, cancel it first.",
      "Remove from History",
    ],
  ] as const) {
    it(`asks where it ${what}, and Cancel leaves it alone`, async () => {
      const { acts, did, dialogs } = setUp({ mails: [mail] });
      await acts.forget(mail.id, true);
      assert.deepEqual(dialogs.shown, [{ how: "ask", text: question, detail, buttons: [button] }]);
      assert.deepEqual(did, []);
    });
    it(`forgets one that ${what} after a yes`, async () => {
      const { acts, did, dialogs } = setUp({ mails: [mail], presses: [button] });
      await acts.forget(mail.id, true);
      assert.deepEqual(did, [["forget", mail.id]]);
      dialogs.checkDone();
    });
  }

  describe("with others", () => {
    const mails = [sent, { ...sent, id: "other" }, written, { ...written, id: "last" }];
    const ids = mails.map(({ id }) => id);
    for (const [what, presses, kept] of [
      [
        "asks once about those that were sent, and about each other one",
        ["Remove from History", "Discard Mail", "Discard Mail"],
        0,
      ],
      ["ends with the first that is kept", ["Remove from History", "Discard Mail"], 1],
      ["does nothing after a no", [], 4],
    ] as const)
      it(what, async () => {
        const { acts, did, dialogs } = setUp({ mails, presses });
        await acts.forgetAll([...ids, "gone"]);
        assert.deepEqual(
          did,
          ids.slice(0, ids.length - kept).map((id) => ["forget", id]),
        );
        assert.equal(dialogs.shown[0]?.text, "Remove 2 sent or saved mails from the history?");
      });
  });

  it("names no link of a subject, which would run a command", async () => {
    const mail = delivery({ form: { ...emptyForm, subject: "[x](command:y)\nz" } });
    const { acts, dialogs } = setUp({ mails: [mail] });
    await acts.forget(mail.id, true);
    assert.equal(dialogs.shown[0]?.text.includes("]("), false);
    assert.equal(dialogs.shown[0]?.text.includes("\n"), false);
  });
});

describe("Clearing the history", () => {
  const mails = ["a", "b"].map((id) => delivery({ id, phase: "sent" }));

  it("asks nothing where there is none", async () => {
    const { acts, dialogs } = setUp({ mails: [delivery()] });
    await acts.clearHistory();
    assert.deepEqual(dialogs.shown, []);
  });

  it("says how many, and Cancel keeps them all", async () => {
    const { acts, did, dialogs } = setUp({ mails: [...mails, delivery()] });
    await acts.clearHistory();
    assert.equal(dialogs.shown[0]?.text, "Remove 2 sent or saved mails from the history?");
    assert.deepEqual(dialogs.shown[0]?.buttons, ["Clear History"]);
    assert.deepEqual(did, []);
  });

  it("forgets what is over, and nothing else", async () => {
    const { acts, did } = setUp({ mails: [...mails, delivery()], presses: ["Clear History"] });
    await acts.clearHistory();
    assert.deepEqual(did, [
      ["forget", "a"],
      ["forget", "b"],
    ]);
  });
});

describe("A mail that is sent", () => {
  it("at once shows its panel only where something is missing", async () => {
    const fine = setUp({ mails: [delivery()] });
    await fine.acts.sendNow({ id: "mail-1" });
    assert.deepEqual(fine.did, [["send", "mail-1", emptyForm]]);
    const missing = setUp({ mails: [delivery()], sendProblem: { field: "to", message: "Whom to?" } });
    await missing.acts.sendNow({ id: "mail-1" });
    assert.deepEqual(missing.did.at(-1), ["show", "mail-1"]);
  });

  it("once more to others opens its copy", async () => {
    const { acts, did } = setUp({ mails: [delivery({ phase: "sent" })] });
    await acts.sendAgainTo("mail-1");
    assert.deepEqual(did, [
      ["sendAgainTo", "mail-1"],
      ["show", "copy"],
    ]);
  });

  it("is taken back while it waits: the one that is named, else the newest", async () => {
    const mails = [
      delivery(),
      delivery({ id: "newer", leavesAt: now + 5000 }),
      delivery({ id: "older", leavesAt: now + 4000 }),
    ];
    for (const [wanted, found] of [
      [undefined, "newer"],
      ["older", "older"],
    ] as const) {
      const { acts, did } = setUp({ mails });
      await acts.undoSend(wanted);
      assert.deepEqual(did, [
        ["withdraw", found],
        ["show", found],
      ]);
    }
    const { acts, did } = setUp({ mails });
    await acts.undoSend("mail-1");
    assert.deepEqual(did, []);
  });

  it("is shown: the one that is named, else the newest; and without any says how one begins", () => {
    const some = setUp({ mails: [delivery({ id: "newest" }), delivery()] });
    some.acts.showSession();
    some.acts.showSession("mail-1");
    assert.deepEqual(some.did, [
      ["show", "newest"],
      ["show", "mail-1"],
    ]);
    const none = setUp();
    none.acts.showSession();
    assert.deepEqual(none.did, []);
    assert.match(none.dialogs.shown[0]?.text ?? "", /Right-click a file/);
  });
});
