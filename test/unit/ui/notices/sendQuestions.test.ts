import assert from "node:assert/strict";
import type { DeliveryRecord, Purpose } from "../../../../src/delivery/record/delivery.ts";
import { messageLimit } from "../../../../src/delivery/rules/messageLimit.ts";
import { SendQuestions, type SendQuestionsOptions } from "../../../../src/ui/notices/sendQuestions.ts";
import { Mails } from "../../../support/mails.ts";
import { account, attachment, delivery, emptyForm, now } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const MB = 1024 * 1024;
const titled = { ...emptyForm, subject: "Build 7", to: "Bob <bob@example.com>, eve@elsewhere.example" };
const program = attachment({ name: "setup.exe", path: "/data/setup.exe" });
const script = attachment({ id: "file-2", name: "run.vbs", path: "/data/run.vbs" });
const large = attachment({ size: 40 * MB });

interface Scene {
  readonly mail?: Partial<DeliveryRecord>;
  readonly others?: readonly DeliveryRecord[];
  readonly from?: ReturnType<typeof account>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly recipients?: Partial<ReturnType<SendQuestionsOptions["recipients"]>>;
  readonly mailHosts?: ReturnType<SendQuestionsOptions["mailHosts"]["of"]>;
  /** Happens while a zip is made. */
  readonly whileZipping?: (mails: Mails) => void;
  readonly presses?: readonly string[];
}

function setUp({ mail, others = [], from = account(), limits = {}, recipients, ...scene }: Scene) {
  const dialogs = new ScriptedDialogs(...(scene.presses ?? []));
  const mails = new Mails(delivery({ form: titled, ...mail }), ...others);
  const zipped: unknown[] = [];
  const questions = new SendQuestions({
    dialogs,
    store: mails,
    book: { accounts: [from], find: (id) => (id === from.id ? from : undefined) },
    recipients: () => ({
      outside: false,
      firstTime: false,
      manyRecipients: 0,
      isAsked: () => false,
      ownDomains: [],
      isManaged: false,
      ...recipients,
    }),
    mailHosts: { of: () => scene.mailHosts ?? [] },
    sendLimit: (sender) => (sender === undefined ? null : messageLimit(sender, limits)),
    zip: async ({ path, name }, limit, give) => {
      scene.whileZipping?.(mails);
      zipped.push([path, name, limit.bytes]);
      await give(`/zips/${name}.zip`);
    },
  });
  const replace = async (id: string, path: string) => {
    zipped.push([id, path]);
    const { attachments, ...rest } = mails.get("mail-1");
    const done = attachments.map((file) =>
      file.id === id ? { ...file, path, name: `${file.name}.zip` } : file,
    );
    mails.put({ ...rest, attachments: done });
  };
  return { dialogs, mails, zipped, ask: (purpose?: Purpose) => questions.ask("mail-1", replace, purpose) };
}

describe("Before a mail leaves", () => {
  it("nothing is asked without a reason", async () => {
    const { ask, dialogs } = setUp({});
    assert.equal(await ask(), "leave");
    assert.deepEqual(dialogs.shown, []);
  });

  it("a mail is asked about that is too large for the servers of a recipient's company", async () => {
    const mail = { attachments: [attachment({ size: 16 * MB })] };
    const asked = async (mailHosts: Scene["mailHosts"] & object) => {
      const { ask, dialogs } = setUp({ mail, mailHosts });
      await ask();
      return dialogs.shown.length;
    };
    const limit = { domain: "elsewhere.example", bytes: 20 * MB };
    assert.deepEqual(
      [await asked([]), await asked([limit]), await asked([{ ...limit, bytes: 50 * MB }])],
      [0, 1, 0],
    );
  });

  it("a mail without a subject is asked about; Enter, and a person who thinks better of it, come to the field", async () => {
    const mail = { form: { ...titled, subject: " ", body: "See the file." } };
    const { ask, dialogs } = setUp({ mail, presses: ["Add a Subject"] });
    assert.deepEqual(await ask(), { field: "subject", message: "Add a subject." });
    assert.equal(dialogs.shown[0]?.text, "Send without a subject?");
    assert.deepEqual(dialogs.shown[0]?.buttons, ["Add a Subject", "Send Anyway"]);
    assert.equal(await setUp({ mail }).ask(), "stay");
    assert.equal(await setUp({ mail, presses: ["Send Anyway"] }).ask(), "leave");
  });

  it("one that has no text either is told so at the same time; no text alone is no reason", async () => {
    const { ask, dialogs } = setUp({ mail: { form: { ...titled, subject: "", body: "\n" } } });
    await ask();
    assert.equal(dialogs.shown[0]?.text, "Send without a subject or text?");
    assert.equal(await setUp({ mail: { form: { ...titled, body: "" } } }).ask(), "leave");
  });

  const everything = {
    mail: { form: { ...titled, subject: "" }, attachments: [program, large] },
    recipients: { outside: true },
  };

  it("everything is asked about in one list, with what mends it; one yes is enough, and one no", async () => {
    const { ask, dialogs } = setUp({ ...everything, presses: ["Send Anyway"] });
    assert.equal(await ask(), "leave");
    const [question, ...more] = dialogs.shown;
    assert.deepEqual(more, []);
    assert.equal(question?.text, "Send this mail as it is?");
    assert.deepEqual(question?.buttons, [
      "Add a Subject",
      "Zip It",
      "Copy PowerShell Commands",
      "Send Anyway",
    ]);
    assert.deepEqual(
      question?.detail?.split("\n\n").map((doubt) => doubt.split("\n")[0]),
      [
        "• The mail has no subject and no text.",
        "• Outlook blocks “setup.exe” for its recipients.",
        "• This mail is 54.7 MB; the mailbox can send at most 35 MB.",
        "• Check the recipients:",
      ],
    );
    assert.match(question?.detail ?? "", /eve@elsewhere\.example: outside$/);
    const cancelled = setUp(everything);
    assert.equal(await cancelled.ask(), "stay");
    assert.equal(cancelled.dialogs.shown.length, 1);
  });

  it("what a button has mended is off the list, and the rest is still asked about", async () => {
    const { ask, dialogs } = setUp({ ...everything, presses: ["Zip It", "Send Anyway"] });
    assert.equal(await ask(), "leave");
    const [, rest, ...more] = dialogs.shown;
    assert.deepEqual(more, []);
    assert.doesNotMatch(rest?.detail ?? "", /Outlook/);
    assert.match(rest?.detail ?? "", /no subject.*54\.7 MB.*Check the recipients/s);
  });
});

describe("Files that Outlook hides", () => {
  it("go into zips of their own, in their places, and are not asked about again", async () => {
    const mail = { attachments: [program, attachment({ id: "other" }), script] };
    const { ask, zipped, dialogs } = setUp({ mail, presses: ["Zip Them"] });
    assert.equal(await ask(), "leave");
    const limit = 157_286_400;
    assert.deepEqual(zipped, [
      ["/data/setup.exe", "setup.exe", limit],
      ["file-1", "/zips/setup.exe.zip"],
      ["/data/run.vbs", "run.vbs", limit],
      ["file-2", "/zips/run.vbs.zip"],
    ]);
    assert.equal(dialogs.shown.length, 1);
    assert.equal(dialogs.shown[0]?.text, "Outlook blocks 2 of these files for its recipients.");
    assert.deepEqual(dialogs.shown[0]?.buttons, ["Zip Them", "Send Anyway"]);
  });

  it("the size is nothing to ask about where the mail goes in several", async () => {
    const mail = { attachments: [large] };
    assert.equal(await setUp({ mail }).ask({ type: "send" }), "stay");
    assert.equal(await setUp({ mail }).ask({ type: "send", inMails: true }), "leave");
  });

  it("what they become is measured: a zip may be within the limit that its file was not", async () => {
    const heavy = { ...program, size: 40 * MB };
    const { ask, dialogs } = setUp({
      mail: { attachments: [heavy] },
      presses: ["Zip It"],
      whileZipping: (mails) => mails.put({ ...mails.get("mail-1"), attachments: [{ ...heavy, size: MB }] }),
    });
    assert.equal(await ask(), "leave");
    assert.equal(dialogs.shown.length, 1);
  });

  it("one that was taken out while the other was packed is not packed", async () => {
    const { ask, zipped } = setUp({
      mail: { attachments: [program, script] },
      presses: ["Zip Them"],
      whileZipping: (mails) => mails.put({ ...mails.get("mail-1"), attachments: [program] }),
    });
    assert.equal(await ask(), "leave");
    assert.deepEqual(zipped, [
      ["/data/setup.exe", "setup.exe", 157_286_400],
      ["file-1", "/zips/setup.exe.zip"],
    ]);
  });

  it("stay, and with them the mail, when the person cancels the packing; other trouble is told", async () => {
    const scene = (reason: Error) =>
      setUp({
        mail: { attachments: [program] },
        presses: ["Zip It"],
        whileZipping: () => {
          throw reason;
        },
      });
    assert.equal(await scene(new DOMException("x", "AbortError")).ask(), "stay");
    await assert.rejects(scene(new Error("full")).ask(), /full/);
  });

  it("are named, eight of them at most", async () => {
    const attachments = Array.from({ length: 10 }, (_, at) =>
      attachment({ id: `${at}`, name: `s${at}.exe` }),
    );
    const { ask, dialogs } = setUp({ mail: { attachments } });
    assert.equal(await ask(), "stay");
    assert.match(dialogs.shown[0]?.detail ?? "", /^s0\.exe, .*s7\.exe and 2 more files: files of this kind/);
  });
});

describe("A mail that its mailbox may refuse", () => {
  const mail = { attachments: [large] };

  it("has the commands copied for an administrator, and stays", async () => {
    const { ask, dialogs } = setUp({ mail, presses: ["Copy PowerShell Commands"] });
    assert.equal(await ask(), "stay");
    const [question, copied] = dialogs.shown;
    assert.deepEqual(question?.buttons, ["Copy PowerShell Commands", "Send Anyway"]);
    assert.match(question?.detail ?? "", /ada@example\.com will probably refuse/);
    assert.match(copied?.text ?? "", /Set-Mailbox -Identity 'ada@example\.com'/);
    assert.deepEqual([copied?.how, dialogs.shown.length], ["copy", 2]);
  });

  it("has none for a limit that the person has set for another provider's mailbox", async () => {
    const from = account({ provider: "google" });
    const { ask, dialogs } = setUp({ mail, from, limits: { "ADA@example.com": 25 } });
    assert.equal(await ask(), "stay");
    assert.deepEqual(dialogs.shown[0]?.buttons, ["Send Anyway"]);
    assert.doesNotMatch(dialogs.shown[0]?.detail ?? "", /PowerShell/);
  });

  it("is asked about for a recipient, of whose mailbox no commands are offered", async () => {
    const form = { ...titled, to: "ann@gmail.com, eve@elsewhere.example" };
    const attachments = [attachment({ size: 60 * MB })];
    const limits = { "ada@example.com": 150 };
    const { ask, dialogs } = setUp({ mail: { form, attachments }, limits, presses: ["Send Anyway"] });
    assert.equal(await ask(), "leave");
    const [question] = dialogs.shown;
    assert.equal(
      question?.text,
      "This mail is 82.1 MB. ann@gmail.com can receive at most 50 MB, and it may be too large for 1 more recipient.",
    );
    assert.match(question?.detail ?? "", /probably come back to you as undeliverable/);
    assert.deepEqual(question?.buttons, ["Send Anyway"]);
  });

  it("names the recipient's limit beside its own", async () => {
    const form = { ...titled, to: "ann@icloud.com" };
    const { ask, dialogs } = setUp({ mail: { ...mail, form } });
    assert.equal(await ask(), "stay");
    assert.match(dialogs.shown[0]?.text ?? "", /the mailbox can send at most 35 MB/);
    assert.match(dialogs.shown[0]?.detail ?? "", /ann@icloud\.com can receive at most 20 MB\.$/);
  });

  it("is no Exchange mailbox at Outlook.com, where nobody can raise the limit", async () => {
    const from = account({ email: "ada@outlook.com" });
    const { ask, dialogs } = setUp({ mail, from });
    assert.equal(await ask(), "stay");
    assert.match(dialogs.shown[0]?.text ?? "", /the mailbox can send at most 25 MB/);
    assert.deepEqual(dialogs.shown[0]?.buttons, ["Send Anyway"]);
  });

  it("is not asked about where nobody knows a limit, or the person has set a higher one", async () => {
    for (const scene of [
      { from: account({ provider: "google" }) },
      { limits: { "ada@example.com": 150 } },
      { from: account({ service: "practice" }) },
    ]) {
      const { ask, dialogs } = setUp({ mail, ...scene });
      assert.deepEqual([await ask(), dialogs.shown], ["leave", []]);
    }
  });
});

describe("Recipients", () => {
  const asked = async (scene: Scene) => {
    const { ask, dialogs } = setUp(scene);
    const consent = await ask();
    return { consent, shown: dialogs.shown[0] };
  };

  it("outside are asked about, but not those of one's own company", async () => {
    const some = await asked({ recipients: { outside: true } });
    assert.equal(some.consent, "stay");
    assert.deepEqual(some.shown?.detail, "eve@elsewhere.example: outside");
    const ours = { outside: true, ownDomains: ["elsewhere.example"] };
    assert.deepEqual(await asked({ recipients: ours }), { consent: "leave", shown: undefined });
  });

  it("who were never written to are asked about, whichever field they are in", async () => {
    const form = { ...titled, to: "", bcc: "Eve <eve@elsewhere.example>, bob@example.com" };
    const message = {
      to: [{ name: null, email: "BOB@example.com" }],
      cc: [],
      bcc: [],
      replyTo: [],
      headers: [],
      subject: "",
      body: "",
      format: "text" as const,
    };
    const earlier = delivery({ id: "earlier", phase: "sent", message, finishedAt: now });
    const { shown } = await asked({ mail: { form }, others: [earlier], recipients: { firstTime: true } });
    assert.equal(shown?.text, "Send to Eve <eve@elsewhere.example>?");
    assert.equal(shown?.detail, "Eve <eve@elsewhere.example>: not written to before from here");
  });

  it("are counted, each once; the organization is named where it wants that", async () => {
    const form = { ...titled, cc: "eve@elsewhere.example, ann@example.com" };
    const recipients = { manyRecipients: 3, isManaged: true };
    const many = await asked({ mail: { form }, recipients });
    assert.equal(many.shown?.text, "Send to 3 recipients?");
    assert.equal(many.shown?.detail, "Managed by your organization.");
    assert.equal((await asked({ recipients })).consent, "leave");
  });

  it("are named, eight of them at most", async () => {
    const to = Array.from({ length: 10 }, (_, at) => `p${at}@far.example`).join(", ");
    const { shown } = await asked({ mail: { form: { ...titled, to } }, recipients: { isAsked: () => true } });
    assert.equal(shown?.text, "Send to these 10 recipients?");
    const lines = shown?.detail?.split("\n") ?? [];
    assert.equal(lines[0], "p0@far.example: your organization asks you to confirm");
    assert.deepEqual(lines.slice(8), ["2 more recipients"]);
  });
});
