import assert from "node:assert/strict";
import { parseRecipients } from "../../../../src/shared/recipients.ts";
import { providerOf, providerOfServer } from "../../../../src/shared/summary/mailboxLimits.ts";
import { arrivalDoubts, arrivalWords, type SendLimit } from "../../../../src/shared/summary/sizeDoubts.ts";

const MB = 1024 * 1024;

describe("The provider of a domain", () => {
  for (const [name, takes, domains] of [
    ["Gmail", 50, "gmail.com googlemail.com GMAIL.COM gmail.com. googlemail.co.uk"],
    [
      "Outlook.com",
      25,
      "outlook.com hotmail.com live.com msn.com hotmail.co.uk outlook.fr outlook.com.br live.nl windowslive.com",
    ],
    ["iCloud Mail", 20, "icloud.com me.com mac.com"],
    ["Yahoo Mail", 25, "yahoo.com yahoo.co.jp yahoo.com.br yahoo.de ymail.com rocketmail.com aol.com aol.de"],
    ["GMX", 100, "gmx.net gmx.de gmx.at gmx.ch gmx.co.uk web.de mail.com"],
    ["Proton Mail", 50, "proton.me protonmail.com pm.me"],
    ["Zoho Mail", 20, "zoho.com zohomail.eu"],
  ] as const)
    for (const domain of domains.split(" "))
      it(`of ${domain} is ${name}, which takes ${takes} MB`, () => {
        const provider = providerOf(domain);
        assert.deepEqual([provider?.name, provider?.takes], [name, takes * MB]);
      });

  for (const domain of [
    "contoso.com",
    "mygmail.com",
    "gmail.com.evil.example",
    "gmail.company.example",
    "outlook.contoso.com",
    "notweb.de",
    "xn--gmail-9za.com",
    "",
  ])
    it(`of ${JSON.stringify(domain)} is nobody's that is known`, () =>
      assert.equal(providerOf(domain), undefined));
});

describe("Whether a mail arrives", () => {
  const exchange: SendLimit = { bytes: 35 * MB, canBeRaised: true };
  const raised: SendLimit = { bytes: 150 * MB, canBeRaised: false };
  const words = (size: number, to: string, limit: SendLimit | null = null, from = "kim@contoso.com") => {
    const circle = { from, ours: { addresses: [from], domains: ["contoso.example"] } };
    const emails = parseRecipients(to).recipients.map(({ email }) => email);
    const doubts = arrivalDoubts(size * MB, emails, limit, circle);
    return doubts === undefined ? null : arrivalWords(doubts);
  };
  const own = "Your mailbox can send at most 35 MB, unless an administrator has raised its limit.";

  for (const [server, takes, mayDiffer] of [
    ["aspmx.l.google.com", 50, false],
    ["ALT1.ASPMX.L.GOOGLE.COM.", 50, false],
    ["smtp.google.com", 50, false],
    ["alt2.aspmx.googlemail.com", 50, false],
    ["contoso-com.mail.protection.outlook.com", 36, true],
    ["contoso-com.a-v1.mx.microsoft", 36, true],
    ["mx01.mail.icloud.com", 20, false],
    ["mta7.am0.yahoodns.net", 25, false],
    ["mx00.gmx.net", 100, false],
    ["mailsec.protonmail.ch", 50, false],
    ["mx2.zoho.eu", 20, true],
    ["eu-smtp-inbound-1.mimecast.com", undefined, undefined],
    ["mx1.notgoogle.com", undefined, undefined],
    ["google.com.evil.example", undefined, undefined],
    ["", undefined, undefined],
  ] as const)
    it(`knows the provider of the mail server “${server}”`, () => {
      const provider = providerOfServer(server);
      assert.deepEqual([provider?.takes, provider?.mayDiffer], [takes && takes * MB, mayDiffer]);
    });

  it("says what a company's servers take as a guess where its administrator may have changed that", () => {
    const circle = { from: "kim@contoso.com", ours: { addresses: [], domains: [] } };
    const said = (isGuess: boolean) => {
      const learned = [{ domain: "x.example", bytes: 36 * MB, ...(isGuess ? { isGuess } : {}) }];
      const doubts = arrivalDoubts(60 * MB, ["ann@x.example"], null, circle, learned);
      return doubts && arrivalWords(doubts);
    };
    assert.equal(said(true), "60 MB as a mail. ann@x.example may not accept more than 36 MB.");
    assert.equal(said(false), "60 MB as a mail. ann@x.example can receive at most 36 MB.");
  });

  for (const [what, size, to, learned, expected] of [
    [
      "a domain that has sent one back",
      12,
      "ann@x.example",
      10,
      "12 MB as a mail. ann@x.example can receive at most 10 MB.",
    ],
    [
      "a smaller one than its provider says",
      45,
      "ann@gmail.com",
      30,
      "45 MB as a mail. ann@gmail.com can receive at most 30 MB.",
    ],
    [
      "no more than its provider says",
      60,
      "ann@gmail.com",
      55,
      "60 MB as a mail. ann@gmail.com can receive at most 50 MB.",
    ],
    ["nothing of what fits", 9, "ann@x.example", 10, null],
  ] as const)
    it(`knows of ${what} what it takes`, () => {
      const circle = { from: "kim@contoso.com", ours: { addresses: [], domains: [] } };
      const domain = to.slice(to.indexOf("@") + 1);
      const doubts = arrivalDoubts(size * MB, [to], null, circle, [{ domain, bytes: learned * MB }]);
      assert.equal(doubts === undefined ? null : arrivalWords(doubts), expected);
    });

  for (const [what, size, to, limit, expected] of [
    ["nothing is said of a small one", 14, "ann@icloud.com", exchange, null],
    ["nothing is said of one that fits exactly", 20, "ann@icloud.com", exchange, null],
    ["the sender's limit", 60, "", exchange, `60 MB as a mail. ${own}`],
    [
      "a limit that the person has set",
      205,
      "",
      raised,
      "205 MB as a mail. Your mailbox can send at most 150 MB.",
    ],
    [
      "what the mailbox has refused before",
      70,
      "",
      { bytes: 60 * MB, canBeRaised: true, isRefused: true },
      "70 MB as a mail. Your mailbox has already refused a mail of 60 MB.",
    ],
    [
      "a recipient's limit",
      60,
      "ann@gmail.com",
      null,
      "60 MB as a mail. ann@gmail.com can receive at most 50 MB.",
    ],
    [
      "both ends'",
      60,
      "Ann <ann@gmail.com>",
      exchange,
      `60 MB as a mail. ${own} ann@gmail.com can receive at most 50 MB.`,
    ],
    [
      "the smallest limit, and how many more are concerned",
      60,
      "ann@gmail.com, eve@icloud.com, bob@web.de, kit@elsewhere.example",
      raised,
      "60 MB as a mail. eve@icloud.com can receive at most 20 MB, and it may be too large for 2 more recipients.",
    ],
    [
      "one more recipient",
      30,
      "eve@icloud.com, dan@icloud.com",
      raised,
      "30 MB as a mail. eve@icloud.com can receive at most 20 MB, and it may be too large for 1 more recipient.",
    ],
    [
      "a guess for a company's mailbox elsewhere",
      30,
      "bob@elsewhere.example",
      raised,
      "30 MB as a mail. bob@elsewhere.example may not accept more than 25 MB.",
    ],
    [
      "a guess for several",
      30,
      "bob@elsewhere.example; eve@other.example",
      raised,
      "30 MB as a mail. bob@elsewhere.example and 1 more recipient may not accept more than 25 MB.",
    ],
    ["nothing of colleagues, whom the same provider serves", 140, "ada@contoso.com", raised, null],
    ["nothing of a domain that is one's own", 140, "ada@contoso.example", raised, null],
    [
      "somebody who is named twice once",
      60,
      "a@gmail.com, A@gmail.com, a@gmail.com",
      null,
      "60 MB as a mail. a@gmail.com can receive at most 50 MB.",
    ],
  ] as const)
    it(`${what}: ${size} MB to ${to || "nobody yet"}`, () => {
      assert.equal(words(size, to, limit), expected);
    });

  it("counts two people of Gmail apart, though the sender is of Gmail too", () =>
    assert.equal(
      words(60, "bob@gmail.com", null, "kim@gmail.com"),
      "60 MB as a mail. bob@gmail.com can receive at most 50 MB.",
    ));
});
