import assert from "node:assert/strict";
import { type ParsedMail, simpleParser } from "mailparser";
import type { Answer, House } from "../../src/sandbox/inbox/recipients.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callGraph, makeDraft, recipient, sendDraft } from "./graphSupport.ts";
import { callApi, grantsOf, KiB, sampleBytes, send, sendMail } from "./support.ts";

const after = "String 0x001A' or id eq 'String 0x1042' or id eq 'String 0x1046";

describe("What comes back of a mail", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  /** Has one address send something back, 3 s after a mail. */
  const answering = (answers: Answer, house: House = "exchange") => {
    sandbox.recipients.rules = [{ at: "ann@x.example", answers, house, afterMs: 3_000 }];
  };
  const viaGraph = async (query = "") => {
    const { id, internetMessageId } = await makeDraft(sandbox, {
      toRecipients: [recipient("ann@x.example")],
    });
    await sendDraft(sandbox, id);
    sandbox.clock.advance(3_000);
    const path = `/me/mailFolders/inbox/messages?$filter=receivedDateTime ge 2020-01-01T00:00:00Z&$orderby=receivedDateTime&$select=id,subject,from,receivedDateTime,conversationId&$expand=singleValueExtendedProperties($filter=id eq '${after}')${query}`;
    const { status, json, text } = await callGraph(sandbox, "GET", encodeURI(path));
    assert.equal(status, 200, text);
    return { messageId: internetMessageId, found: json.value };
  };
  const mimeOf = async (id: string): Promise<ParsedMail> => {
    const { status, text } = await callGraph(sandbox, "GET", `/me/messages/${encodeURIComponent(id)}/$value`);
    assert.equal(status, 200);
    return simpleParser(text);
  };
  const property = (
    message: { singleValueExtendedProperties?: { id: string; value: string }[] },
    id: string,
  ) => message.singleValueExtendedProperties?.find((one) => one.id.toLowerCase() === id)?.value;
  const inboxOf = (grant: string, query = "") =>
    callApi(sandbox, "GET", `/v3/grants/${grant}/messages?in=inbox&received_after=0${query}`);

  it("sends a mail back that is larger than its recipient's domain takes, when its time has come", async () => {
    sandbox.recipients.rules = [{ at: "x.example", takesBytes: 20 * KiB, house: "exchange", afterMs: 3_000 }];
    const attachments = [
      {
        filename: "a.bin",
        content_type: "application/x-sample",
        content: sampleBytes(20 * KiB).toString("base64"),
      },
    ];
    await sendMail(sandbox, { to: [{ email: "ann@x.example" }, { email: "bob@y.example" }], attachments });
    await sendMail(sandbox, { to: [{ email: "ann@x.example" }] });
    const [small, large] = sandbox.mails;
    assert.deepEqual([large?.taken_by, large?.refused_by], [["bob@y.example"], ["ann@x.example"]]);
    assert.deepEqual([small?.taken_by, small?.refused_by], [["ann@x.example"], []]);
    const grant = grantsOf(sandbox).microsoft.id;
    sandbox.clock.advance(2_000);
    assert.deepEqual((await inboxOf(grant)).json.data, []);
    sandbox.clock.advance(1_000);
    const { json } = await inboxOf(grant, "&fields=include_basic_headers");
    assert.equal(json.data.length, 1);
    assert.equal(
      json.data[0].headers.find(({ name }: { name: string }) => name === "In-Reply-To")?.value,
      large?.message_id,
    );
    const raw = await callApi(
      sandbox,
      "GET",
      `/v3/grants/${grant}/messages/${encodeURIComponent(json.data[0].id)}?fields=raw_mime`,
    );
    const mime = Buffer.from(raw.json.data.raw_mime, "base64url").toString();
    assert.match(mime, /\r\nFinal-Recipient: rfc822;ann@x\.example\r\nAction: failed\r\nStatus: 5\.3\.4\r\n/);
  });

  for (const [answers, wanted] of [
    ["tooLarge", "REPORT.IPM.Note.NDR"],
    ["delayed", "REPORT.IPM.Note.Delayed.DR"],
    ["relayed", "REPORT.IPM.Note.Relayed.DR"],
    ["delivered", "REPORT.IPM.Note.DR"],
    ["outOfOffice", "IPM.Note.Rules.OofTemplate.Microsoft"],
    ["newsletter", "IPM.Note"],
    ["answer", "IPM.Note"],
  ] as const)
    it(`puts "${answers}" into Graph's inbox as ${wanted}`, async () => {
      answering(answers);
      const { found, messageId } = await viaGraph();
      assert.equal(found.length, 1);
      assert.equal(property(found[0], "string 0x1a"), wanted);
      const names = answers === "newsletter" ? undefined : messageId;
      assert.equal(property(found[0], "string 0x1042"), names);
    });

  for (const [house, subject] of [
    ["exchange", "Undeliverable: A mail"],
    ["german", "Unzustellbar: A mail"],
    ["japanese", "配信不能: A mail"],
    ["gmail", "Delivery Status Notification (Failure)"],
    ["postfix", "Undelivered Mail Returned to Sender"],
    ["qmail", "failure notice"],
  ] as const)
    it(`writes a bounce as ${house} does, which other programs read`, async () => {
      answering("unknownAddress", house);
      const { found, messageId } = await viaGraph();
      const [bounce] = found;
      assert.equal(bounce.subject, subject);
      const mail = await mimeOf(bounce.id);
      assert.equal(mail.subject, subject);
      const isForeign = house === "postfix" || house === "qmail";
      assert.equal(mail.inReplyTo, isForeign ? undefined : messageId);
      const { text } = await callGraph(
        sandbox,
        "GET",
        `/me/messages/${encodeURIComponent(bounce.id)}/$value`,
      );
      assert.ok(text.includes(`Message-ID: ${messageId}`));
      assert.equal(/\nStatus: 5\.1\.1\r/.test(text), house !== "qmail");
    });

  it("keeps the inbox of a mailbox that may only send to itself", async () => {
    const { status } = await inboxOf(grantsOf(sandbox).sendOnly.id);
    assert.equal(status, 403);
    sandbox.nylas.behaviour.inbox = "refused";
    assert.equal((await inboxOf(grantsOf(sandbox).microsoft.id)).status, 400);
  });

  it("can be told what comes back by another process", async () => {
    const rules = [{ at: "ann@x.example", answers: "mailboxFull" }];
    const headers = { "Content-Type": "application/json" };
    const told = await send(sandbox.control, {
      method: "POST",
      headers,
      body: JSON.stringify({ recipients: { rules } }),
    });
    assert.equal(told.status, 200, told.text);
    await sendMail(sandbox, { to: [{ email: "Ann@X.example" }] });
    assert.deepEqual(sandbox.mails[0]?.refused_by, ["Ann@X.example"]);
  });
});
