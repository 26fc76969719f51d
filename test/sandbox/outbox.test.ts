import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { get, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { request } from "gaxios";
import { type ParsedMail, simpleParser } from "mailparser";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  completeSession,
  KiB,
  MiB,
  openSession,
  readyFile,
  sampleBytes,
  send,
  sendMail,
  sha256,
} from "./support.ts";

describe("The outbox", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  const parse = async (): Promise<ParsedMail> => {
    const [mail] = sandbox.mails;
    assert.ok(mail);
    const { status, headers, text } = await send(mail.eml);
    assert.deepEqual([status, headers["content-type"]], [200, "message/rfc822"]);
    return simpleParser(text);
  };
  const addresses = (list: ParsedMail["to"]) =>
    (Array.isArray(list) ? list : list ? [list] : []).flatMap(({ value }) =>
      value.map(({ name, address }) => [name, address]),
    );

  it("has the words of HTML beside it, for programs that show none, and of a text the text alone", async () => {
    const html = "<h1>Gr&ouml;&szlig;e</h1><p>One<br>two &amp; &#x2611;</p><ul><li>a</li><li>b</li></ul>";
    await sendMail(sandbox, { to: [{ email: "kim@example.com" }], subject: "HTML", body: html });
    const { text } = await send(sandbox.mails[0]?.eml ?? "");
    assert.match(text, /^Content-Type: multipart\/alternative;/m);
    const mail = await parse();
    assert.equal(mail.html, `${html}\n`.trimEnd());
    assert.equal(mail.text?.trim(), "Gr&ouml;&szlig;e\n\nOne\ntwo & ☑\n\n- a\n- b");
    await sendMail(sandbox, {
      to: [{ email: "kim@example.com" }],
      subject: "Text",
      body: "<b>",
      is_plaintext: true,
    });
    assert.doesNotMatch((await send(sandbox.mails[0]?.eml ?? "")).text, /multipart|text\/html/);
  });

  it("gives each file as it arrived, in whatever order the mail has them", async () => {
    const large = sampleBytes(1 * MiB + 1);
    const { id } = await readyFile(sandbox, large, "Größe (1).bin");
    const [logo, empty, odd] = [sampleBytes(5 * KiB, 2), Buffer.alloc(1), Buffer.from("--x\r\n.\r\n\u0000é")];
    const inMail = (filename: string, content: Buffer, more = {}) => ({
      ...{ filename, content_type: "application/octet-stream", content: content.toString("base64") },
      ...more,
    });
    for (const isHtml of [true, false]) {
      await sendMail(sandbox, {
        subject: `Files ${isHtml}`,
        body: isHtml ? '<img src="cid:logo">' : "plain",
        is_plaintext: !isHtml,
        attachments: [
          inMail("one.bin", empty),
          { id },
          inMail("logo.png", logo, { content_type: "image/png", content_id: "logo" }),
          inMail("two.eml", odd, { content_type: "message/rfc822" }),
        ],
      });
      const [mail] = sandbox.mails;
      assert.ok(mail);
      assert.equal(mail.attachments.length, 4);
      for (const { filename, url, sha256: digest, size } of mail.attachments) {
        const answer = await fetch(url);
        const bytes = Buffer.from(await answer.arrayBuffer());
        assert.deepEqual([bytes.length, sha256(bytes)], [size, digest], filename);
        assert.equal(answer.headers.get("content-type") === "image/png", filename === "logo.png");
        assert.match(
          answer.headers.get("content-disposition") ?? "",
          /^attachment; filename\*=UTF-8''[\w.%-]+$/,
        );
      }
      assert.equal((await fetch(`${mail.eml.replace(/\.eml$/, "")}/4`)).status, 404);
    }
  });

  it("holds a mail that another program reads as it was sent", async () => {
    const content = sampleBytes(300 * KiB);
    const { id } = await readyFile(sandbox, content, "Größe & Maß – 日本語 📦.tar.gz");
    const html = '<p>Grüße aus <b>Köln</b> &amp; 東京</p><img src="cid:logo">';
    const logo = sampleBytes(5 * KiB, 2);
    await sendMail(sandbox, {
      to: [{ name: "Łukasz Żółć, Jr.", email: "lukasz@example.com" }, { email: "plain@example.org" }],
      cc: [{ name: "Zoë", email: "zoe@example.com" }],
      bcc: [{ email: "hidden@example.com" }],
      reply_to: [{ email: "answers@example.com" }],
      subject:
        "Überraschung: ein Päckchen 📦 mit einem Betreff, der länger ist als eine Zeile in einem Kopf sein darf",
      body: html,
      custom_headers: [{ name: "X-Freight", value: "yes" }],
      attachments: [
        { id },
        {
          filename: "logo.png",
          content_type: "image/png",
          content: logo.toString("base64"),
          content_id: "logo",
        },
        {
          filename: "notes.txt",
          content_type: "text/plain",
          content: Buffer.from("a\nb\r\nc").toString("base64"),
        },
      ],
    });
    const mail = await parse();
    assert.deepEqual(addresses(mail.from), [["Practice Mailbox", "practice@freight-mail.example"]]);
    assert.deepEqual(addresses(mail.to), [
      ["Łukasz Żółć, Jr.", "lukasz@example.com"],
      ["", "plain@example.org"],
    ]);
    assert.deepEqual(addresses(mail.cc), [["Zoë", "zoe@example.com"]]);
    assert.deepEqual(addresses(mail.bcc), [["", "hidden@example.com"]]);
    assert.deepEqual(addresses(mail.replyTo), [["", "answers@example.com"]]);
    assert.equal(mail.subject, sandbox.mails[0]?.subject);
    assert.equal(mail.headers.get("x-freight"), "yes");
    assert.equal(mail.messageId, sandbox.mails[0]?.message_id);
    // The parser puts the picture into the text where the text points at it.
    assert.ok(
      String(mail.html).startsWith('<p>Grüße aus <b>Köln</b> &amp; 東京</p><img src="data:image/png;base64,'),
    );
    const found = new Map(mail.attachments.map((part) => [part.filename, part]));
    assert.deepEqual(
      [...found.keys()].sort(),
      ["Größe & Maß – 日本語 📦.tar.gz", "logo.png", "notes.txt"].sort(),
    );
    assert.equal(contentHash(found.get("Größe & Maß – 日本語 📦.tar.gz")), sha256(content));
    assert.equal(found.get("Größe & Maß – 日本語 📦.tar.gz")?.contentType, "application/x-sample");
    assert.equal(contentHash(found.get("logo.png")), sha256(logo));
    assert.equal(found.get("logo.png")?.cid, "logo");
    assert.equal(found.get("notes.txt")?.content.toString(), "a\nb\r\nc");
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map(({ sha256 }) => sha256),
      [sha256(content), sha256(logo), sha256(Buffer.from("a\nb\r\nc"))],
    );
  });

  it("holds plain text as plain text", async () => {
    const body = "Dear all,\n\n-- \nünïcödé & <not html>\n.\n";
    await sendMail(sandbox, { body, is_plaintext: true });
    const mail = await parse();
    assert.equal(mail.text?.trimEnd(), body.trimEnd());
    assert.equal(mail.html, false);
    assert.equal(sandbox.mails[0]?.is_plaintext, true);
  });

  for (const [title, contentType] of [
    ["an attached mail", "message/rfc822"],
    ["a type that would be structure", "multipart/mixed; boundary=x"],
    ["a type that is none", "what?"],
    ["text with lines of any end", "text/plain; charset=utf-16"],
  ] as const)
    it(`brings ${title} through byte for byte`, async () => {
      const content = Buffer.from("Subject: inner\n\n\u00fc line\r\nlone\rend\n--x--\n");
      await sendMail(sandbox, {
        attachments: [{ filename: "a.bin", content_type: contentType, content: content.toString("base64") }],
      });
      const [part] = (await parse()).attachments;
      assert.equal(part?.content.toString("hex"), content.toString("hex"));
      assert.equal(part?.filename, "a.bin");
    });

  it("holds a mail without any text but with a file", async () => {
    const { id } = await readyFile(sandbox, sampleBytes(1000), "only.bin");
    await sendMail(sandbox, { subject: "", body: "", attachments: [{ id }] });
    assert.deepEqual(
      (await parse()).attachments.map(({ filename }) => filename),
      ["only.bin"],
    );
  });

  it("takes the largest file there is without holding it in memory", async () => {
    const total = 157_286_400;
    const block = sampleBytes(MiB);
    const session = await openSession(sandbox, total, "largest.bin");
    const sent = createHash("sha256");
    const blocks = function* () {
      for (let left = total; left > 0; left -= block.length) {
        // Every block is another one.
        block.writeInt32LE(left, 0);
        const piece = Buffer.from(block);
        sent.update(piece);
        yield piece;
      }
    };
    const put = await request<{ size: string }>({
      url: session.url,
      method: "PUT",
      data: Readable.from(blocks()),
    });
    assert.equal(put.data.size, String(total));
    assert.equal((await completeSession(sandbox, session)).status, 200);
    assert.equal((await sendMail(sandbox, { attachments: [{ id: session.id }] })).status, 200);

    const [mail] = sandbox.mails;
    assert.ok(mail);
    const expected = sent.digest("hex");
    assert.deepEqual([mail.attachments[0]?.size, mail.attachments[0]?.sha256], [total, expected]);
    assert.equal(await hashLastAttachment(mail.eml), expected);
    console.log(
      `        ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB at most, client and tests included`,
    );
  });

  it("holds a file of 10 MB that another program reads", async () => {
    const content = sampleBytes(10 * MiB);
    const { id } = await readyFile(sandbox, content);
    await sendMail(sandbox, { attachments: [{ id }] });
    assert.equal(contentHash((await parse()).attachments[0]), sha256(content));
  });

  it("lists the newest mail first, and says how often each went out", async () => {
    await sendMail(sandbox, { subject: "Once" });
    await sendMail(sandbox, { subject: "Twice" }, { "Idempotency-Key": "a" });
    await sendMail(sandbox, { subject: "Twice" }, { "Idempotency-Key": "b" });
    const { json } = await send(sandbox.outbox);
    assert.deepEqual(
      json.map((mail: Record<string, unknown>) => [
        mail["subject"],
        mail["deliveries"],
        mail["idempotency_key"],
      ]),
      [
        ["Twice", 2, "b"],
        ["Twice", 2, "a"],
        ["Once", 1, null],
      ],
    );
    assert.equal(json[0].logical_id, json[1].logical_id);
  });

  it("answers a browser with a page that shows mails and runs nothing of them", async () => {
    const nasty = `"><script>alert(1)</script>`;
    await sendMail(sandbox, {
      subject: nasty,
      body: nasty,
      to: [{ name: nasty, email: "a@example.com" }],
      attachments: [{ filename: nasty, content_type: nasty, content: "" }],
    });
    const { headers, text } = await send(sandbox.outbox, { headers: { Accept: "text/html,*/*;q=0.8" } });
    assert.match(headers["content-type"] ?? "", /^text\/html/);
    assert.match(String(headers["content-security-policy"]), /^default-src 'none'/);
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /&#60;script&#62;alert\(1\)/);
    assert.match(text, /color-scheme: light dark/);
  });

  it("is found by nobody who does not know its address", async () => {
    await sendMail(sandbox, {});
    const { apiUri } = sandbox.nylas;
    const [mail] = sandbox.mails;
    for (const path of ["/outbox", "/outbox/", "/outbox/guess", `/outbox/guess/${mail?.id}.eml`])
      assert.equal((await send(`${apiUri}${path}`)).status, 404, path);
  });

  it("knows its mails one by one, no others, and no other files", async () => {
    await sendMail(sandbox, {});
    const [mail] = sandbox.mails;
    assert.equal((await send(`${sandbox.outbox}/${mail?.id}`)).json.id, mail?.id);
    for (const path of ["00000000-0000-0000-0000-000000000000.eml", "..%2Fsandbox.json", "x"])
      assert.equal((await send(`${sandbox.outbox}/${path}`)).status, 404, path);
    assert.equal((await send(sandbox.outbox, { method: "PUT" })).status, 405);
  });

  it("can be emptied", async () => {
    await sendMail(sandbox, {});
    assert.equal((await send(sandbox.outbox, { method: "DELETE" })).status, 204);
    assert.deepEqual((await send(sandbox.outbox)).json, []);
  });
});

function contentHash(part: { content: Buffer } | undefined): string | undefined {
  return part && sha256(part.content);
}

/** Decodes the base64 of a mail's last part as it streams by; a mail parser takes eight seconds for that. */
async function hashLastAttachment(url: string): Promise<string> {
  const hash = createHash("sha256");
  const response = await new Promise<IncomingMessage>((resolve) => get(url, { agent: false }, resolve));
  let text = "";
  let inside = false;
  for await (const piece of response.setEncoding("latin1")) {
    text += piece;
    if (!inside) {
      const head = /filename=largest\.bin\r\n(?:\S+: .*\r\n)*\r\n/.exec(text);
      if (!head) continue;
      inside = true;
      text = text.slice(head.index + head[0].length);
    }
    const end = text.indexOf("--");
    const base64 = (end < 0 ? text : text.slice(0, end)).replaceAll(/[\r\n]+/g, "");
    const whole = end < 0 ? base64.length - (base64.length % 4) : base64.length;
    hash.update(Buffer.from(base64.slice(0, whole), "base64"));
    text = base64.slice(whole);
    if (end >= 0) break;
  }
  response.destroy();
  return hash.digest("hex");
}
