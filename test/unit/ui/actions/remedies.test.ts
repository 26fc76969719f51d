import assert from "node:assert/strict";
import { newArrival } from "../../../../src/delivery/arrival/arrival.ts";
import type { RefusalReason } from "../../../../src/delivery/arrival/refusal.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import { Remedy } from "../../../../src/shared/contract/snapshot.ts";
import { Remedies } from "../../../../src/ui/actions/remedies.ts";
import {
  account as accountRecord,
  attachment,
  delivery,
  emptyForm,
  minute,
  now,
} from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const account = accountRecord();
const whole = { deliveryId: "mail-1", attachmentId: "file-1", accountId: "account" };

function setUp({
  mail = delivery(),
  presses = [],
  fails,
}: {
  mail?: DeliveryRecord;
  presses?: readonly string[];
  fails?: Error;
} = {}) {
  const did: unknown[] = [];
  const dialogs = new ScriptedDialogs(...presses);
  const noted =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<undefined> => {
      did.push([name, ...args.filter((arg) => typeof arg !== "function")]);
      if (fails !== undefined) throw fails;
    };
  const remedies = new Remedies({
    store: { get: () => mail },
    runner: {
      chooseWay: noted("chooseWay"),
      replace: noted("replace"),
      resume: noted("resume"),
      send: noted("send"),
      sendAgain: noted("sendAgain"),
      sendAgainTo: async (id, to) => {
        did.push(["sendAgainTo", id, to]);
        return "copy";
      },
      uploadNewVersion: noted("uploadNewVersion"),
      sendAsItIs: noted("sendAsItIs"),
    },
    book: { find: (id) => (id === account.id ? account : undefined) },
    packer: {
      again: noted("again"),
      compress: noted("compress"),
      shrink: async ({ name }, _limit, give) => {
        if (name.endsWith(".zip")) return false;
        await give(`${name}.zip`);
        return true;
      },
    },
    accounts: {
      add: noted("add"),
      allowMore: noted("allowMore"),
      check: noted("check"),
      updateKey: noted("updateKey"),
    },
    copyAdminCommands: noted("copyAdminCommands"),
    runCommand: noted("run"),
    show: (id) => did.push(["show", id]),
    failed: (reason) => did.push(["failed", reason]),
    dialogs,
    now: () => now,
  });
  return { remedies, did, dialogs };
}

const limit = 157_286_400;

describe("The button of an error", () => {
  const file = attachment();
  const done: Readonly<Record<Remedy, readonly unknown[]>> = {
    addAccount: ["add", "mail-1"],
    checkAccount: ["check", account],
    updateKey: ["updateKey", account],
    allowMore: ["allowMore", account],
    retry: ["resume", "mail-1", "file-1"],
    uploadNewVersion: ["uploadNewVersion", "mail-1", "file-1"],
    sendAsItIs: ["sendAsItIs", "mail-1", "file-1"],
    compress: ["compress", file, limit],
    packAgain: ["compress", file, limit],
    sendAgain: ["sendAgain", "mail-1"],
    saveAgain: ["sendAgain", "mail-1"],
    compressAndSend: [],
    sendLink: [],
    correctAddress: [],
    sendToRefused: [],
    copyAdminCommand: ["copyAdminCommands", "ada@example.com"],
    showLog: ["run", "freightMail.showLog"],
    openProxySettings: ["run", "workbench.action.openSettings", "http.proxy"],
  };
  const presses = ["It Is Not There: Send Again", "It Is Not There: Save Again"];

  for (const remedy of Remedy.options) {
    it(`${remedy} does one thing`, async () => {
      const { remedies, did } = setUp({
        presses: presses.filter((press) => press.includes(remedy === "saveAgain" ? "Save" : "Send")),
      });
      await remedies.run(remedy, whole);
      // Of a mail that did not come back there is nobody to send it to.
      assert.deepEqual(did, done[remedy].length === 0 ? [] : [done[remedy]]);
    });
    if (!["addAccount", "showLog", "openProxySettings"].includes(remedy))
      it(`${remedy} does nothing without what it is for`, async () => {
        const { remedies, did, dialogs } = setUp();
        await remedies.run(remedy, {});
        assert.deepEqual([did, dialogs.shown], [[], []]);
      });
  }

  const back = (reason: RefusalReason, file = attachment({ name: "trace.log" })) => {
    const people = ["ann@x.example", "bob@y.example"].map((email) => ({ name: null, email }));
    const message = { ...emptyForm, to: people, cc: [], bcc: [], replyTo: [], headers: [] };
    const note = { email: "ann@x.example", action: "failed", reason, words: "", at: now } as const;
    return delivery({
      phase: "sent",
      finishedAt: now,
      hasLinks: true,
      attachments: [file],
      message,
      arrival: { ...newArrival(now, {}), returns: [note] },
    });
  };
  for (const [remedy, reason, done] of [
    ["compressAndSend", "tooLarge", [["replace", "mail-1", "file-1", "trace.log.zip"]]],
    ["sendLink", "tooLarge", [["chooseWay", "mail-1", "file-1", true]]],
    ["correctAddress", "noAddress", []],
    ["sendToRefused", "mailboxFull", []],
  ] as const)
    it(`${remedy} begins a mail for those who do not have it, and sends nothing`, async () => {
      const { remedies, did } = setUp({ mail: back(reason) });
      await remedies.run(remedy, whole);
      const begun = [
        ["sendAgainTo", "mail-1", ["ann@x.example"]],
        ["show", "copy"],
      ];
      assert.deepEqual(did, [...begun, ...done.map(([what, , ...rest]) => [what, "copy", ...rest])]);
    });

  it("compressAndSend says where no zip would be smaller", async () => {
    const mixed = back("tooLarge");
    const zip = attachment({ id: "file-2", name: "a.zip" });
    const { remedies, did, dialogs } = setUp({
      mail: { ...mixed, attachments: [attachment({ name: "x.log" }), zip] },
    });
    await remedies.run("compressAndSend", whole);
    assert.deepEqual(did.slice(2), [["replace", "copy", "file-1", "x.log.zip"]]);
    assert.deepEqual(dialogs.shown, []);
  });

  for (const [remedy, question, button] of [
    ["sendAgain", "Did you check Sent Items?", presses[0]],
    ["saveAgain", "Did you check Drafts?", presses[1]],
  ] as const)
    it(`${remedy} asks whether the person has looked, and Cancel does nothing`, async () => {
      const { remedies, did, dialogs } = setUp();
      await remedies.run(remedy, whole);
      assert.deepEqual(did, []);
      const [shown] = dialogs.shown;
      assert.deepEqual([shown?.how, shown?.text, shown?.buttons], ["ask", question, [button]]);
      assert.match(shown?.detail ?? "", /^The first attempt may have arrived\./);
    });

  it("retry of a whole mail does again what has failed, not more", async () => {
    const draft = { type: "draft" } as const;
    const { remedies, did } = setUp({ mail: delivery({ phase: "failed", purpose: draft }) });
    await remedies.run("retry", { deliveryId: "mail-1" });
    assert.deepEqual(did, [["send", "mail-1", emptyForm, draft]]);
  });

  for (const [what, mail] of [
    ["was tried again meanwhile", delivery({ phase: "sending" })],
    ["was taken back", delivery()],
    [
      "should have left before now",
      delivery({ phase: "failed", purpose: { type: "later", at: now - minute } }),
    ],
  ] as const)
    it(`retry of a mail that ${what} only shows it`, async () => {
      const { remedies, did } = setUp({ mail });
      await remedies.run("retry", { deliveryId: "mail-1" });
      assert.deepEqual(did, [["show", "mail-1"]]);
    });

  it("packAgain takes what the archive was made of", async () => {
    const made = attachment({ madeFrom: "/data/folder" });
    const { remedies, did } = setUp({ mail: delivery({ attachments: [made] }) });
    await remedies.run("packAgain", whole);
    assert.deepEqual(did, [["again", "/data/folder", limit]]);
  });

  it("tells what went wrong while packing, and while an account is added", async () => {
    const fails = new Error("full");
    for (const remedy of ["compress", "addAccount"] as const) {
      const { remedies, did } = setUp({ fails });
      await remedies.run(remedy, whole);
      assert.deepEqual(did.at(-1), ["failed", fails]);
    }
  });
});
