import assert from "node:assert/strict";
import { readMime } from "../../../../src/delivery/arrival/mimeParts.ts";
import { isPostmaster, readReport } from "../../../../src/delivery/arrival/returnReport.ts";

const OURS = "<m1@freight.example>";

interface Form {
  readonly head?: readonly string[];
  readonly text?: string;
  readonly status?: readonly string[];
  readonly copy?: readonly string[] | null;
  readonly copyType?: string;
  readonly statusType?: string;
}

/** A report as most programs write it. */
function report({
  head = [],
  text = "It could not be delivered.",
  status = ["Final-Recipient: rfc822; ann@x.example", "Action: failed", "Status: 5.3.4"],
  copy = [`Message-ID: ${OURS}`, "Subject: Hello"],
  copyType = "message/rfc822",
  statusType = "message/delivery-status",
}: Form): string {
  return [
    "From: Mail Delivery Subsystem <MAILER-DAEMON@x.example>",
    ...head,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    "",
    "--b1",
    "Content-Type: text/plain",
    "",
    text,
    "--b1",
    `Content-Type: ${statusType}`,
    "",
    "Reporting-MTA: dns; mx.x.example",
    "",
    ...status,
    "",
    ...(copy === null ? [] : ["--b1", `Content-Type: ${copyType}`, "", ...copy, "", "the text"]),
    "--b1--",
  ].join("\r\n");
}

const one = (mime: string) => {
  const found = readReport(mime);
  assert.ok(found !== undefined, "it is a report");
  assert.equal(found.recipients.length, 1);
  const [recipient] = found.recipients;
  assert.ok(recipient !== undefined);
  return { ...recipient, ids: found.messageIds };
};

describe("A mail that says what became of another one", () => {
  it("names who did not get it, why, and which mail it was", () => {
    assert.deepEqual(one(report({})), {
      email: "ann@x.example",
      originally: null,
      action: "failed",
      status: "5.3.4",
      words: "",
      ids: [OURS],
    });
  });

  const forms: readonly (readonly [string, string, Partial<ReturnType<typeof one>>])[] = [
    [
      "Exchange Online, with a class of its own and folded lines",
      report({
        head: [`In-Reply-To: ${OURS}`, "Subject: Undeliverable: Hello"],
        status: [
          "Final-Recipient: rfc822;ann@x.example",
          "Action: failed",
          "Status: 5.2.3",
          "Diagnostic-Code: smtp;550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large\r\n for this recipient",
          "X-Display-Name: Ann",
        ],
      }),
      {
        status: "5.2.3",
        words: "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
      },
    ],
    [
      "Exchange in German",
      report({
        head: [`In-Reply-To: ${OURS}`, "Subject: =?utf-8?B?VW56dXN0ZWxsYmFyOiBIZWxsbw==?="],
        text: "Fehler bei der Nachrichtenzustellung an folgende Empfänger",
      }),
      {},
    ],
    [
      "Exchange in Japanese, whose copy has a message id only",
      report({ head: ["Subject: =?iso-2022-jp?B?GyRCR1s/LkRkRz0bKEI=?="], text: "配信不能" }),
      {},
    ],
    [
      "Gmail",
      report({
        head: ["X-Failed-Recipients: ann@x.example", `References: ${OURS}`],
        status: [
          "Final-Recipient: rfc822; ann@x.example",
          "Action: failed",
          "Status: 5.3.4",
          "Remote-MTA: dns; mx.x.example. (192.0.2.1, the server for the domain x.example.)",
          "Diagnostic-Code: smtp; 552-5.3.4 Your message exceeded the size limits.",
        ],
        copy: null,
      }),
      { words: "552-5.3.4 Your message exceeded the size limits." },
    ],
    [
      "Postfix, which sends the headers back",
      report({
        copyType: "text/rfc822-headers",
        status: [
          "Final-Recipient: rfc822; ann@x.example",
          "Original-Recipient: rfc822;ann@x.example",
          "Action: failed",
          "Status: 5.3.4",
          "Diagnostic-Code: smtp; 552 5.3.4 Message size exceeds fixed limit",
        ],
      }),
      { originally: "ann@x.example" },
    ],
    [
      "Sendmail, which names the status twice",
      report({
        status: ["Final-Recipient: RFC822; <Ann@X.example>", "Action: failed", "Status: 5.2.3 (too big)"],
      }),
      { status: "5.2.3" },
    ],
    [
      "a gateway whose status has words only",
      report({
        status: [
          "Final-Recipient: rfc822;ann@x.example",
          "Action: FAILED (permanent)",
          "Diagnostic-Code: X; 552 5.3.4 no",
        ],
      }),
      { words: "552 5.3.4 no" },
    ],
    ["a status part that is called plain text", report({ statusType: "text/plain" }), {}],
    [
      "a gateway that puts the report into another mail, with a footer",
      `From: postmaster@x.example\nContent-Type: multipart/mixed; boundary="m"\n\n--m\n${report({}).split("\r\n").slice(1).join("\n")}\n--m\n\nScanned.\n--m--`,
      {},
    ],
    ["an address in Unicode", report({ statusType: "message/global-delivery-status" }), {}],
    [
      "a status part in base64",
      report({
        statusType: "message/delivery-status\r\nContent-Transfer-Encoding: base64",
        status: [],
      }).replace(
        /Reporting-MTA: [^\r]*\r\n\r\n/,
        `${Buffer.from("Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; ann@x.example\r\nAction: failed\r\nStatus: 5.3.4\r\n").toString("base64")}\r\n`,
      ),
      {},
    ],
    [
      "a forward, whose first address is ours",
      report({
        status: [
          "Original-Recipient: rfc822;ann@x.example",
          "Final-Recipient: rfc822;ann@elsewhere.example",
          "Action: failed",
          "Status: 5.3.4",
        ],
      }),
      { email: "ann@elsewhere.example", originally: "ann@x.example" },
    ],
    [
      "a delay",
      report({ status: ["Final-Recipient: rfc822; ann@x.example", "Action: delayed", "Status: 4.4.7"] }),
      { action: "delayed", status: "4.4.7" },
    ],
    [
      "a relay without a receipt",
      report({ status: ["Final-Recipient: rfc822; ann@x.example", "Action: relayed", "Status: 2.0.0"] }),
      { action: "relayed", status: "2.0.0" },
    ],
    [
      "a receipt",
      report({ status: ["Final-Recipient: rfc822; ann@x.example", "Action: delivered", "Status: 2.0.0"] }),
      { action: "delivered", status: "2.0.0" },
    ],
    [
      "a list that took it",
      report({ status: ["Final-Recipient: rfc822; ann@x.example", "Action: expanded", "Status: 2.0.0"] }),
      { action: "relayed", status: "2.0.0" },
    ],
    ["no action at all", report({ status: ["Final-Recipient: rfc822; ann@x.example", "Status: 5.3.4"] }), {}],
    ["lines that end as on Unix", report({}).replaceAll("\r\n", "\n"), {}],
    [
      "qmail",
      [
        "From: MAILER-DAEMON@x.example",
        "Subject: failure notice",
        "",
        "Hi. This is the qmail-send program at x.example.",
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        "This is a permanent error; I've given up. Sorry it didn't work out.",
        "",
        "<ann@x.example>:",
        "192.0.2.1 failed after I sent the message.",
        "Remote host said: 552 5.3.4 Message too big (#5.3.4)",
        "",
        "--- Below this line is a copy of the message.",
        "",
        `Message-ID: ${OURS}`,
        "Subject: Hello",
      ].join("\n"),
      { words: "Remote host said: 552 5.3.4 Message too big (#5.3.4)" },
    ],
    [
      "Exim before it knew of reports",
      [
        "From: Mail Delivery System <Mailer-Daemon@x.example>",
        "X-Failed-Recipients: ann@x.example",
        "Auto-Submitted: auto-replied",
        "",
        "This message was created automatically by mail delivery software.",
        "",
        "  ann@x.example",
        "    SMTP error from remote mail server after MAIL FROM:<a@b.example> SIZE=80000000:",
        "    552 5.3.4 Message size exceeds fixed limit",
        "",
        "------ This is a copy of the message, including all the headers. ------",
        "",
        `Message-ID: ${OURS}`,
      ].join("\n"),
      { words: "552 5.3.4 Message size exceeds fixed limit" },
    ],
    [
      "a gateway with nothing but words, a code and the mail",
      [
        "From: postmaster@gate.x.example",
        'Content-Type: multipart/mixed; boundary="m"',
        "",
        "--m",
        "Content-Type: text/plain",
        "",
        "Your message to <ann@x.example> was rejected:",
        "552 5.3.4 too large",
        "--m",
        "Content-Type: message/rfc822",
        "",
        `Message-ID: ${OURS}`,
        "",
        "--m--",
      ].join("\n"),
      { words: "552 5.3.4 too large" },
    ],
  ];
  for (const [name, mime, wanted] of forms)
    it(`is read of ${name}`, () => {
      const { words, ...found } = one(mime);
      const { words: wantedWords, ...rest } = wanted;
      assert.deepEqual(found, {
        email: "ann@x.example",
        originally: null,
        action: "failed",
        status: "5.3.4",
        ids: [OURS],
        ...rest,
      });
      if (wantedWords !== undefined) assert.equal(words, wantedWords);
    });

  it("names each of several recipients", () => {
    const each = (email: string, status: string) => [
      `Final-Recipient: rfc822; ${email}`,
      `Action: ${status.startsWith("2") ? "delivered" : "failed"}`,
      `Status: ${status}`,
      "",
    ];
    const found = readReport(
      report({
        status: [
          ...each("ann@x.example", "5.3.4"),
          ...each("bob@x.example", "5.1.1"),
          ...each("c@x.example", "2.0.0"),
        ],
      }),
    );
    assert.deepEqual(
      found?.recipients.map(({ email, action, status }) => [email, action, status]),
      [
        ["ann@x.example", "failed", "5.3.4"],
        ["bob@x.example", "failed", "5.1.1"],
        ["c@x.example", "delivered", "2.0.0"],
      ],
    );
  });

  const others: readonly (readonly [string, string])[] = [
    [
      "an absence notice",
      `From: Ann <ann@x.example>\nIn-Reply-To: ${OURS}\nAuto-Submitted: auto-replied\nSubject: Automatic reply\n\nI am away. Your message could not be delivered to anybody else. 552 5.3.4`,
    ],
    ["an answer", `From: Ann <ann@x.example>\nIn-Reply-To: ${OURS}\n\nThank you! Status: 5.3.4`],
    [
      "a newsletter about bounces",
      "From: news@x.example\nSubject: Undeliverable\n\nFinal-Recipient: rfc822; ann@x.example\nAction: failed\nStatus: 5.3.4",
    ],
    [
      "a colleague who forwards a bounce",
      [
        "From: kim@x.example",
        'Content-Type: multipart/mixed; boundary="m"',
        "",
        "--m",
        "",
        "See below.",
        "--m",
        "Content-Type: message/rfc822",
        "",
        report({}),
        "--m--",
      ].join("\n"),
    ],
    [
      "a receipt that somebody has read it",
      `From: ann@x.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary="m"\n\n--m\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ann@x.example\nOriginal-Message-ID: ${OURS}\nDisposition: manual-action; displayed\n\n--m--`,
    ],
    [
      "a report that a colleague has attached",
      `From: kim@x.example\n${report({}).split("\r\n").slice(1).join("\n").replace("report; report-type=delivery-status", "mixed")}`,
    ],
    [
      "a bounce that a colleague quotes",
      `From: kim@x.example\nSubject: Fwd: Undeliverable\n\n-----Original Message-----\nFrom: MAILER-DAEMON@x.example\nFinal-Recipient: rfc822; ann@x.example\nStatus: 5.3.4\n552 5.3.4 too large\nMessage-ID: ${OURS}`,
    ],
    [
      "an absence notice in French",
      `From: Ann <ann@x.example>\nIn-Reply-To: ${OURS}\nAuto-Submitted: auto-replied\nSubject: Absence du bureau\n\nJe suis absente. Votre message n'a pas été remis à mes collègues. 550 5.1.1`,
    ],
    [
      "an answer to an invitation",
      `From: ann@x.example\nIn-Reply-To: ${OURS}\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n--c--`,
    ],
    [
      "a ticket that a postmaster's desk has opened",
      `From: postmaster@x.example\nIn-Reply-To: ${OURS}\nAuto-Submitted: auto-generated\n\nYour ticket 550 was created, ann@x.example.\n\n-----Original Message-----\nMessage-ID: ${OURS}`,
    ],
    [
      "a newsletter that explains bounces, with an example",
      `From: bounce@news.example\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nWhat 550 5.1.1 means. ann@x.example\n--m\nContent-Type: message/rfc822\n\nMessage-ID: ${OURS}\n\nx\n--m--`,
    ],
    [
      "a report of abuse",
      `From: postmaster@x.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=m\n\n--m\n\n550 5.7.1 spam\n--m\nContent-Type: message/feedback-report\n\nOriginal-Rcpt-To: ann@x.example\n\n--m\nContent-Type: message/rfc822\n\nMessage-ID: ${OURS}\n\nx\n--m--`,
    ],
    ["a postmaster's announcement", "From: postmaster@x.example\n\nWe had 550 guests at 5.3.4 pm."],
    ["nothing", ""],
    ["noise", "\0\uffff\ud800".repeat(50)],
  ];
  for (const [name, mime] of others) it(`is not ${name}`, () => assert.equal(readReport(mime), undefined));

  it("has words of one line, without what cannot be seen, and not without end", () => {
    const words = `552 \u202ex\u200b ${"y".repeat(9_000)}`;
    const found = one(
      report({
        status: [
          "Final-Recipient: rfc822; ann@x.example",
          "Action: failed",
          `Diagnostic-Code: smtp; ${words}`,
        ],
      }),
    );
    assert.ok(found.words.length <= 400 && !/[\u202e\u200b\n]/.test(found.words), found.words);
  });

  it("ends soon whatever it is given", () => {
    for (const mime of [
      "\n".repeat(600_000),
      `Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n${"--b\n\n".repeat(200_000)}`,
      report({ status: ["\n".repeat(500_000)] }),
      report({
        status: Array<string>(50_000).fill("Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.0.0\n"),
      }),
      report({ text: "<".repeat(500_000) }),
      report({ text: `Hi. This is the qmail-send program at x\n${"<a@b>:\n".repeat(60_000)}` }),
      `From: ${"a".repeat(500_000)}\n\nx`,
      `${"X: y\n ".repeat(100_000)}\n\n`,
      `From: postmaster@x\n\n550 ${"-".repeat(500_000)}`,
      `X-Failed-Recipients: ${"a@b,".repeat(100_000)}\n\n${"5.1.1 ".repeat(80_000)}`,
    ]) {
      const found = readReport(mime);
      assert.ok((found?.recipients.length ?? 0) <= 500 && (found?.messageIds.length ?? 0) <= 50);
    }
  });

  it("reads parts within parts, and their encodings", () => {
    const mail = readMime(
      'Content-Type: multipart/mixed; boundary="a b"\n\nfore\n--a b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe\n--c--\n--a b--\nafter',
    );
    assert.equal(mail.parts[0]?.parts[0]?.text, "Grüße");
  });

  for (const [address, wanted] of [
    ["MAILER-DAEMON@x.example", true],
    ["postmaster@outlook.com", true],
    ["MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.onmicrosoft.com", true],
    ["bounces+123=ann@mail.example", true],
    ["", true],
    ["ann@x.example", false],
    ["postmaster.ann@x.example", false],
    ["not-postmaster@x.example", false],
  ] as const)
    it(`${wanted ? "comes" : "does not come"} from “${address}”`, () =>
      assert.equal(isPostmaster(address), wanted));
});
