import assert from "node:assert/strict";
import type { Account } from "../../../../src/accounts/accountBook.ts";
import { FreightError } from "../../../../src/base/errors.ts";
import type { MailService } from "../../../../src/services/mailService.ts";
import { AccountActs } from "../../../../src/ui/actions/accountActs.ts";
import { account as accountRecord } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const ada = accountRecord({ id: "ada" });
const bob: Account = { ...ada, id: "bob", email: "bob@example.com", provider: "google" };
const practice: Account = { ...ada, id: "practice", service: "practice", email: "practice@example.com" };
const withCalendar = (account: Account): Account => ({ ...account, hasCalendar: true });

interface Scene {
  /** The first one is the default. */
  readonly accounts?: readonly Account[];
  readonly presses?: readonly string[];
  readonly added?: Account;
  readonly renews?: boolean;
  readonly refusal?: FreightError;
  /** The account may only send, as its service says. */
  readonly sendOnly?: boolean;
  /** Its files can go as links, as its service says. */
  readonly hasLinks?: boolean;
}

function setUp({
  accounts = [ada],
  presses = [],
  added,
  renews = true,
  refusal,
  sendOnly = false,
  hasLinks = false,
}: Scene = {}) {
  const did: unknown[] = [];
  const dialogs = new ScriptedDialogs(...presses);
  const noted = (...what: readonly unknown[]) => void did.push(what);
  const acts = new AccountActs({
    book: {
      accounts,
      defaultAccount: accounts[0],
      find: (id) => accounts.find((account) => account.id === id),
      remove: async (id) => noted("remove", id),
      save: async ({ id, sendOnly }) => noted("save", id, sendOnly),
      setDefault: async (id) => noted("setDefault", id),
    },
    signOut: async ({ id }) => {
      noted("signOut", id);
      if (refusal !== undefined) throw refusal;
    },
    log: { warn: (line) => noted("warn", line) },
    runner: { chooseAccount: async (mail, id) => noted("chooseAccount", mail, id) },
    wizard: async () => ({
      run: async () => added,
      renew: async () => renews,
      allowMore: async (account) => (renews ? account : undefined),
      allowLinks: async (account) => (renews ? account : undefined),
      addPractice: async () => {
        noted("addPractice");
        return practice;
      },
    }),
    serviceFor: async () => {
      if (refusal !== undefined) throw refusal;
      const check: MailService["check"] = async () => ({
        id: "u",
        email: "ada@example.com",
        provider: "microsoft",
        sendOnly,
        hasLinks,
      });
      return { check } as MailService;
    },
    openMails: () => ["mail-1", "mail-2"],
    busy: (_title, _text, work) => work(new AbortController().signal),
    openOutbox: async () => noted("openOutbox"),
    sendFile: async () => noted("sendFile"),
    failed: (reason, context) => noted("failed", reason, context),
    dialogs,
  });
  return { acts, did, dialogs };
}

const texts = ({ dialogs }: { dialogs: ScriptedDialogs }) => dialogs.shown.map(({ text }) => text);

describe("An account", () => {
  it("that was added is taken by the mail that it was asked for, and told what can be sent from it", async () => {
    const scene = setUp({ added: bob });
    await scene.acts.add("mail-1");
    assert.deepEqual(scene.did, [["chooseAccount", "mail-1", "bob"]]);
    assert.deepEqual(texts(scene), [
      "bob@example.com is ready: files of up to 25 MB in a mail can be sent from it.",
    ]);
  });

  it("that was added for no mail yet leads to the first one", async () => {
    const scene = setUp({ added: bob, presses: ["Send a File…"] });
    await scene.acts.add();
    assert.deepEqual(scene.did, [["sendFile"]]);
  });

  it("of the practice mailbox is never said to send", async () => {
    const scene = setUp({ added: practice });
    await scene.acts.add();
    assert.deepEqual(scene.did, []);
    assert.match(texts(scene).join(), /^The practice mailbox is ready: .*on this machine\.$/);
  });

  it("that nobody wanted to add after all changes nothing", async () => {
    const scene = setUp();
    await scene.acts.add("mail-1");
    assert.deepEqual([scene.did, texts(scene)], [[], []]);
  });

  it("is removed after a question only, which Cancel answers with no", async () => {
    const asked = setUp();
    await asked.acts.remove(ada);
    assert.deepEqual(asked.did, []);
    assert.deepEqual(asked.dialogs.shown, [
      {
        how: "ask",
        text: "Remove ada@example.com?",
        detail: "Its key is deleted from this machine. Mails that were sent stay in the history.",
        buttons: ["Remove"],
      },
    ]);
    const removed = setUp({ presses: ["Remove"] });
    await removed.acts.remove(ada);
    assert.deepEqual(removed.did, [["remove", "ada"]]);
  });

  it("that somebody signed in to is signed out of, and says that nobody else is", async () => {
    const removed = async (renewal: "signIn" | "broker") => {
      const { acts, did, dialogs } = setUp({ presses: ["Remove"] });
      await acts.remove({ ...ada, renewal });
      return [dialogs.shown[0]?.detail, ...did];
    };
    assert.deepEqual(await removed("signIn"), [
      "You are signed out of it, and its key is deleted from this machine. Others who use the mailbox stay signed in. Mails that were sent stay in the history.",
      ["signOut", "ada"],
      ["remove", "ada"],
    ]);
    // All of a broker's tokens would go with one of them.
    assert.deepEqual(await removed("broker"), [
      "Its key is deleted from this machine. Mails that were sent stay in the history.",
      ["remove", "ada"],
    ]);
  });

  it("becomes the default without a word where a person has clicked on it", async () => {
    const scene = setUp({ accounts: [ada, bob] });
    await scene.acts.setDefault(bob, true);
    assert.deepEqual([scene.did, texts(scene)], [[["setDefault", "bob"]], []]);
  });

  it("that a command makes the default is told of, and Undo takes it back", async () => {
    const scene = setUp({ accounts: [ada, bob], presses: ["Undo"] });
    await scene.acts.setDefault(bob, false);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(scene.did, [
      ["setDefault", "bob"],
      ["setDefault", "ada"],
    ]);
    assert.match(texts(scene).join(), /^A command made bob@example\.com the account/);
  });

  it("of the practice mailbox no command puts before a real one; a person can", async () => {
    const command = setUp({ accounts: [ada, practice] });
    await command.acts.setDefault(practice, false);
    assert.deepEqual(command.did, []);
    assert.match(texts(command).join(), /^The practice mailbox sends nothing, so only you/);
    const person = setUp({ accounts: [ada, practice] });
    await person.acts.setDefault(practice, true);
    assert.deepEqual(person.did, [["setDefault", "practice"]]);
  });

  it("that is the default already stays it, and nobody is told", async () => {
    const scene = setUp({ accounts: [ada, bob] });
    for (const isMeant of [true, false]) await scene.acts.setDefault(ada, isMeant);
    assert.deepEqual([scene.did, texts(scene)], [[], []]);
  });

  it("is checked, with what can be sent from it or what is wrong", async () => {
    const fine = setUp();
    await fine.acts.check(ada);
    assert.deepEqual(texts(fine), ["ada@example.com is connected and can send large attachments."]);
    const refusal = new FreightError("credential-rejected", "no");
    const refused = setUp({ refusal });
    await refused.acts.check(ada);
    assert.deepEqual(refused.did, [["failed", refusal, { accountId: "ada" }]]);
    assert.deepEqual(texts(refused), []);
  });

  it("is checked after its key was updated, and only then", async () => {
    const renewed = setUp();
    await renewed.acts.updateKey(ada);
    assert.equal(texts(renewed).length, 1);
    const left = setUp({ renews: false });
    await left.acts.updateKey(ada);
    assert.deepEqual([left.did, texts(left)], [[], []]);
  });

  it("of the practice mailbox is added by whoever looks into it", async () => {
    const first = setUp();
    await first.acts.openPracticeMailbox();
    assert.deepEqual(first.did, [["addPractice"], ["openOutbox"]]);
    const later = setUp({ accounts: [practice] });
    await later.acts.openPracticeMailbox();
    assert.deepEqual(later.did, [["openOutbox"]]);
  });
});

describe("Whose calendar a file goes to", () => {
  it("is that of the default account, else of the only one that has one, without a question", async () => {
    for (const [accounts, expected] of [
      [[withCalendar(ada), withCalendar(bob)], "ada"],
      [[ada, withCalendar(bob)], "bob"],
    ] as const) {
      const { acts, dialogs } = setUp({ accounts });
      assert.equal((await acts.withCalendar())?.id, expected);
      assert.deepEqual(dialogs.shown, []);
    }
  });

  it("is asked where several could be meant; nothing comes of leaving", async () => {
    const accounts = [practice, withCalendar(ada), withCalendar(bob)];
    const chosen = setUp({ accounts, presses: ["bob@example.com"] });
    assert.equal((await chosen.acts.withCalendar())?.id, "bob");
    const left = setUp({ accounts });
    assert.equal(await left.acts.withCalendar(), undefined);
    assert.deepEqual(left.dialogs.shown, [
      {
        how: "pick",
        text: "Attach to Calendar Event",
        detail: "Whose calendar?",
        buttons: ["ada@example.com", "bob@example.com"],
      },
    ]);
  });

  it("is nobody's where none has one, and the error says what to add", async () => {
    await assert.rejects(setUp().acts.withCalendar(), { code: "no-account", remedy: "addAccount" });
  });

  it("is asked to allow more, and from then on its mails go as larger ones can", async () => {
    const narrow = { ...ada, sendOnly: true };
    const scene = setUp({ accounts: [narrow] });
    await scene.acts.allowMore(narrow);
    assert.deepEqual(scene.did, [
      ["save", ada.id, false],
      ["chooseAccount", "mail-1", ada.id],
      ["chooseAccount", "mail-2", ada.id],
    ]);
    assert.deepEqual(texts(scene), ["ada@example.com is connected and can send large attachments."]);
  });

  it("is asked to allow files as links, and from then on its mails can have them", async () => {
    const scene = setUp({ accounts: [ada], hasLinks: true });
    await scene.acts.allowLinks(ada);
    assert.equal(scene.did.length, 3);
    assert.deepEqual(texts(scene), [
      "ada@example.com is connected and can send large attachments, and larger files as links.",
    ]);
    const left = setUp({ accounts: [ada], renews: false });
    await left.acts.allowLinks(ada);
    assert.deepEqual([left.did, texts(left)], [[], []]);
  });

  it("that may only send as before after it was asked says so, and its mails stay as they are", async () => {
    const narrow = { ...ada, sendOnly: true };
    const scene = setUp({ accounts: [narrow], sendOnly: true });
    await scene.acts.allowMore(narrow);
    assert.deepEqual(scene.did, []);
    assert.deepEqual(texts(scene), [
      "ada@example.com is connected and can send files of up to 2.85 MB in a mail.",
    ]);
    const left = setUp({ accounts: [narrow], renews: false });
    await left.acts.allowMore(narrow);
    assert.deepEqual([left.did, texts(left)], [[], []]);
  });

  it("of which something was taken back only sends from the next look on", async () => {
    const scene = setUp({ sendOnly: true });
    await scene.acts.check(ada);
    assert.deepEqual(scene.did[0], ["save", ada.id, true]);
  });
});
