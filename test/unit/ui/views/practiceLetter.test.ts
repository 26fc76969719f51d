import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../../../src/accounts/accountBook.ts";
import {
  type ArrivedMail,
  compareFiles,
  letterPage,
  recordOf,
} from "../../../../src/ui/views/practiceLetter.ts";
import { attachment, delivery, minute, now } from "../../../support/records.ts";

const outbox = "http://127.0.0.1:4711/outbox/token";
const file = {
  filename: "build.tar.gz",
  size: 1000,
  sha256: "aa",
  is_inline: false,
  content_id: null,
  url: `${outbox}/m/0`,
};
const mail: ArrivedMail = {
  id: "m",
  date: new Date(now).toISOString(),
  from: [{ name: "Kim", email: "kim@x.example" }],
  to: [{ email: "ada@x.example" }],
  cc: [],
  bcc: [],
  subject: "The build",
  body: "<p>Hello <b>Ada</b></p>",
  is_plaintext: false,
  deliveries: 1,
  attachments: [file],
  eml: `${outbox}/m.eml`,
};
const page = (change: Partial<ArrivedMail> = {}) =>
  letterPage({
    mail: { ...mail, ...change },
    compared: ["identical"],
    styleSheet: "https://panel.test/panel.css",
    cspSource: "https://panel.test",
  });

describe("A file that arrived in the practice mailbox", () => {
  const uploaded = attachment({ checkpoint: { bytes: 1000, sha256: "aa" } });
  for (const [what, sent, onDisk, verdict] of [
    ["the same as the one on this machine", uploaded, "aa", "identical"],
    ["the same, also where nothing else is known of it", attachment(), "aa", "identical"],
    ["what was sent, and another one lies here by now", uploaded, "bb", "changedSince"],
    ["what was sent, and none lies here any more", uploaded, undefined, "changedSince"],
    [
      "another one than was sent",
      attachment({ checkpoint: { bytes: 1000, sha256: "cc" } }),
      "bb",
      "different",
    ],
    [
      "another one than lies here, half of which is known",
      attachment({ checkpoint: { bytes: 9, sha256: "aa" } }),
      "bb",
      "different",
    ],
    ["one of which nothing is known", undefined, undefined, "gone"],
  ] as const)
    it(`is ${what}`, () => assert.equal(compareFiles(file, sent, onDisk), verdict));
});

describe("A mail of the practice mailbox, as it arrived", () => {
  it("is found in the history by its subject, its files and its time, and is nobody else's", () => {
    const attachments = [attachment({ name: "build.tar.gz" })];
    const form = { ...delivery().form, subject: "The build" };
    const sent = delivery({
      accountId: PRACTICE_ID,
      phase: "sent",
      form,
      attachments,
      finishedAt: now + minute,
    });
    const others = [
      { ...sent, finishedAt: now - 2 * minute },
      { ...sent, finishedAt: null },
      { ...sent, finishedAt: now, phase: "unconfirmed" as const },
      { ...sent, finishedAt: now, accountId: "work" },
      { ...sent, finishedAt: now, form: { ...form, subject: "Another" } },
      { ...sent, finishedAt: now, attachments: [attachment({ name: "other.zip" })] },
    ];
    assert.equal(recordOf(mail, [...others, sent]), sent);
    assert.equal(recordOf(mail, others.slice(2)), undefined);
  });

  it("says that it is practice, that it arrived once, and what its files are", () => {
    const html = page();
    for (const words of [
      "Practice:",
      "✓ Arrived once",
      "✓ Identical to your file",
      "Kim &#60;kim@x.example&#62;",
    ])
      assert.ok(html.includes(words), words);
    assert.ok(html.includes(`href="${outbox}/m/0"`));
    assert.ok(page({ deliveries: 2 }).includes("✗ Arrived 2 times"));
  });

  it("shows the text in a frame that nothing gets out of, with the images that came with it", () => {
    const html = page({
      body: '<img src="cid:logo"><img src="cid:other"><script>alert(1)</script>',
      attachments: [{ ...file, content_id: "logo" }],
    });
    const [, inside = ""] = /<iframe sandbox="" [^>]*srcdoc="([^"]*)"/.exec(html) ?? [];
    assert.ok(inside.includes(`${outbox}/m/0`));
    assert.ok(inside.includes("cid:other"));
    assert.doesNotMatch(html, /<script/);
  });

  it("lets no name, subject or text become markup", () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e';
    const html = page({
      subject: evil,
      from: [{ name: evil, email: evil }],
      body: evil,
      is_plaintext: true,
      attachments: [{ ...file, filename: evil, sha256: evil }],
    });
    assert.doesNotMatch(html, /<script|<img|\u202e.*<\/h1>/);
    assert.equal(page({ body: evil }).includes("<script"), false);
  });

  it("may load nothing but its style sheet and what the practice mailbox has", () => {
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page()) ?? [];
    assert.equal(
      policy,
      "default-src &#39;none&#39;; style-src https://panel.test &#39;unsafe-inline&#39;; img-src http://127.0.0.1:4711 data:; base-uri &#39;none&#39;; form-action &#39;none&#39;",
    );
  });
});
