import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callGraph, makeDraft, makeSession, putAll, putRange, recipient, sendDraft } from "./graphSupport.ts";
import { sampleBytes, send, sendMail, sha256 } from "./support.ts";

const content = sampleBytes(5_000_000);
const logo = sampleBytes(5000, 2);

describe("Mails that went through Graph", () => {
  let folder: string;
  let sandbox: Sandbox;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-mail-graph-"));
    sandbox = await startSandbox({ dataDir: folder });
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const restart = async () => {
    await sandbox.close();
    sandbox = await startSandbox({ dataDir: folder });
  };
  const attach = async (messageId: string, more: Record<string, unknown>) => {
    const json = { "@odata.type": "#microsoft.graph.fileAttachment", ...more };
    const answer = await callGraph(sandbox, "POST", `/me/messages/${messageId}/attachments`, json);
    assert.equal(answer.status, 201, answer.text);
  };
  const isDraft = async (id: string) => {
    const { status, json } = await callGraph(sandbox, "GET", `/me/messages/${id}?$select=isDraft`);
    return status === 200 ? json.isDraft : status;
  };
  const parts = () => readdirSync(join(folder, "outbox", "parts"));

  it("are read by another program as they were written", async () => {
    const { id, internetMessageId } = await makeDraft(sandbox, {
      subject: "Überraschung 📦",
      body: { contentType: "HTML", content: '<p>Grüße</p><img src="cid:logo">' },
      toRecipients: [recipient("lukasz@example.com", "Łukasz Żółć")],
      ccRecipients: [recipient("zoe@example.com", "Zoë")],
      bccRecipients: [recipient("hidden@example.com", "Hidden")],
      replyTo: [recipient("answers@example.com", "Answers")],
      internetMessageHeaders: [{ name: "x-freight", value: "yes" }],
    });
    const session = await makeSession(sandbox, content.length, {
      messageId: id,
      name: "Größe & Maß – 日本語.tar.gz",
      more: { contentType: "application/gzip" },
    });
    assert.equal((await putAll(session, content)).status, 201);
    const contentBytes = logo.toString("base64");
    await attach(id, {
      name: "logo.png",
      contentType: "image/png",
      contentBytes,
      isInline: true,
      contentId: "logo",
    });
    assert.equal((await sendDraft(sandbox, id)).status, 202);

    const [told] = sandbox.mails;
    assert.deepEqual([sandbox.deliveries, told?.deliveries, told?.message_id], [1, 1, internetMessageId]);
    const { text } = await send(told?.eml ?? "");
    assert.match(text, /^Content-Type: multipart\/related/m);
    const mail = await simpleParser(text);
    const addresses = [mail.from, mail.to, mail.cc, mail.bcc, mail.replyTo].flat().map((one) => one?.text);
    assert.deepEqual(addresses, [
      '"Practice Mailbox" <practice@freight-mail.example>',
      '"Łukasz Żółć" <lukasz@example.com>',
      '"Zoë" <zoe@example.com>',
      '"Hidden" <hidden@example.com>',
      '"Answers" <answers@example.com>',
    ]);
    assert.deepEqual([mail.subject, mail.headers.get("x-freight")], ["Überraschung 📦", "yes"]);
    assert.deepEqual(
      mail.attachments
        .map((part) => [part.filename, part.contentType, part.related ?? false, sha256(part.content)])
        .sort(),
      [
        ["Größe & Maß – 日本語.tar.gz", "application/gzip", false, sha256(content)],
        ["logo.png", "image/png", true, sha256(logo)],
      ].sort(),
    );
    assert.deepEqual(parts(), []);
  });

  it("stand in one outbox with those of Nylas", async () => {
    await sendMail(sandbox, { subject: "Through Nylas" });
    await sendDraft(sandbox, (await makeDraft(sandbox, { subject: "Through Graph" })).id);
    assert.deepEqual(
      sandbox.mails.map(({ subject }) => subject),
      ["Through Graph", "Through Nylas"],
    );
  });

  it("go on after a restart where they were, half a file and all", async () => {
    const { baseUrl, accessToken, uploadOrigin } = sandbox.graph;
    const { id } = await makeDraft(sandbox);
    await attach(id, { name: "small.bin", contentBytes: logo.toString("base64") });
    const session = await makeSession(sandbox, content.length, { messageId: id });
    assert.equal((await putRange(session, content, 0, 1_234_567)).status, 200);
    await restart();
    assert.deepEqual(
      [sandbox.graph.baseUrl, sandbox.graph.accessToken, sandbox.graph.uploadOrigin],
      [baseUrl, accessToken, uploadOrigin],
    );
    assert.deepEqual((await send(session.url)).json.nextExpectedRanges, ["1234567"]);
    assert.equal((await putRange(session, content, 1_234_567, 3_000_001)).status, 200);
    await restart();
    assert.equal((await putRange(session, content, 3_000_001)).status, 201);
    await restart();
    assert.equal((await sendDraft(sandbox, id)).status, 202);
    await restart();
    assert.equal(await isDraft(id), false);
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map(({ filename, sha256 }) => [filename, sha256]),
      [
        ["small.bin", sha256(logo)],
        ["sample.bin", sha256(content)],
      ],
    );
    assert.deepEqual(parts(), []);
  });

  for (const [whileSending, seen] of [
    ["hidden", 404],
    ["draft", true],
  ] as const)
    it(`are ${whileSending === "draft" ? "still drafts" : "nowhere"} until they arrive in Sent Items`, async () => {
      Object.assign(sandbox.graph.behaviour, { whileSending, sentItemsAfterMs: 30_000 });
      const { id } = await makeDraft(sandbox);
      assert.equal((await sendDraft(sandbox, id)).status, 202);
      assert.equal(await isDraft(id), seen);
      sandbox.clock.advance(30_000);
      assert.equal(await isDraft(id), false);
      assert.equal(sandbox.deliveries, 1);
    });

  it("go out twice when somebody takes a sent one for a draft", async () => {
    Object.assign(sandbox.graph.behaviour, { whileSending: "draft", sentItemsAfterMs: 30_000 });
    const { id } = await makeDraft(sandbox);
    await attach(id, { name: "small.bin", contentBytes: logo.toString("base64") });
    for (const deliveries of [1, 2]) {
      assert.equal((await sendDraft(sandbox, id)).status, 202);
      assert.equal(sandbox.mails[0]?.deliveries, deliveries);
    }
    assert.equal(parts().length, 1);
    sandbox.clock.advance(30_000);
    assert.equal(await isDraft(id), false);
    assert.deepEqual(parts(), []);
  });

  it("leave the calendar alone, whose events take files as well", async () => {
    const from = new Date(sandbox.clock.now()).toISOString();
    const to = new Date(sandbox.clock.now() + 8 * 24 * 3600 * 1000).toISOString();
    const view = `/me/calendarView?startDateTime=${from}&endDateTime=${to}&$select=subject,start`;
    const { json } = await callGraph(sandbox, "GET", view);
    assert.equal(json.value.length, 3);
    const path = `/me/events/${json.value[0].id}`;
    const AttachmentItem = { attachmentType: "file", name: "plan.bin", size: content.length };
    const created = await callGraph(sandbox, "POST", `${path}/attachments/createUploadSession`, {
      AttachmentItem,
    });
    const session = { messageId: "", url: created.json.uploadUrl, size: content.length };
    assert.match((await putAll(session, content)).headers.location ?? "", /\/Events\('.+'\)\/Attachments\('/);
    await restart();
    const [attachment] = (await callGraph(sandbox, "GET", `${path}/attachments`)).json.value;
    assert.equal(attachment.name, "plan.bin");
    assert.equal((await callGraph(sandbox, "GET", path)).json.hasAttachments, true);
    assert.equal((await callGraph(sandbox, "DELETE", `${path}/attachments/${attachment.id}`)).status, 204);
    assert.deepEqual(parts(), []);
    // What is over takes place again.
    sandbox.clock.advance(30 * 24 * 3600 * 1000);
    const [next] = (await callGraph(sandbox, "GET", "/me/events")).json.value;
    assert.ok(Date.parse(`${next.end.dateTime}Z`) > sandbox.clock.now());
  });
});
