import assert from "node:assert/strict";
import { Readable } from "node:stream";
import Nylas, { NylasApiError } from "nylas";
import { HttpLine } from "../../src/net/http.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import type { FinalMessage } from "../../src/services/mailService.ts";
import { nylasService } from "../../src/services/nylas/nylasService.ts";
import { Folder } from "../support/files.ts";
import { grantsOf, MiB, readyFile, sampleBytes, sha256, until } from "./support.ts";

describe("The official Nylas SDK", () => {
  let sandbox: Sandbox;
  let nylas: Nylas;
  let grant: string;
  before(async () => {
    sandbox = await startSandbox();
    nylas = new Nylas({ apiKey: sandbox.nylas.apiKey, apiUri: sandbox.nylas.apiUri });
    grant = grantsOf(sandbox).microsoft.id;
  });
  after(() => sandbox.close());
  afterEach(() => sandbox.faults.clear());

  const to = [{ name: "Réka Ångström", email: "reka@example.com" }];
  const failure = async (work: Promise<unknown>): Promise<NylasApiError> => {
    const reason = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(reason instanceof NylasApiError, String(reason));
    return reason;
  };
  /** The SDK's types lack the form of an attachment that has been uploaded. */
  const uploaded = (id: string) => [{ id }] as never;

  it("reads the application", async () => {
    assert.equal((await nylas.applications.getDetails()).data.environment, "sandbox");
  });

  it("lists the grants with their providers and scopes, page by page", async () => {
    const first = await nylas.grants.list({ queryParams: { limit: 3 } });
    const second = await nylas.grants.list({ queryParams: { limit: 3, offset: 3 } });
    assert.deepEqual(
      [...first.data, ...second.data].map(({ provider, email, grantStatus }) => [
        provider,
        email,
        grantStatus,
      ]),
      [
        ["microsoft", "practice@freight-mail.example", "valid"],
        ["google", "mila.brandt@gmail.example", "valid"],
        ["microsoft", "send.only@freight-mail.example", "valid"],
        ["microsoft", "signed.out@freight-mail.example", "invalid"],
      ],
    );
    assert.ok(first.data[0]?.scope.includes("https://graph.microsoft.com/Mail.Send"));
  });

  it("finds a grant by its id and by its address", async () => {
    assert.equal((await nylas.grants.find({ grantId: grant })).data.id, grant);
    assert.equal((await nylas.grants.find({ grantId: "practice@freight-mail.example" })).data.id, grant);
  });

  it("says with status, type and request id that a grant is unknown", async () => {
    const error = await failure(nylas.grants.find({ grantId: "none" }));
    assert.deepEqual([error.statusCode, error.type], [404, "api.not_found_error"]);
    assert.match(error.requestId ?? "", /^[0-9a-f-]{36}$/);
  });

  it("reads its own grant with an access token and no other", async () => {
    const own = new Nylas({ apiKey: sandbox.nylas.accessToken, apiUri: sandbox.nylas.apiUri });
    assert.equal((await own.grants.find({ grantId: "me" })).data.id, grant);
    const google = grantsOf(sandbox).google.id;
    assert.equal((await failure(own.grants.find({ grantId: google }))).statusCode, 401);
    assert.equal((await failure(own.grants.list())).statusCode, 401);
  });

  it("is refused with the key of another region", async () => {
    const elsewhere = await startSandbox();
    try {
      const stranger = new Nylas({ apiKey: elsewhere.nylas.apiKey, apiUri: sandbox.nylas.apiUri });
      const error = await failure(stranger.grants.find({ grantId: grant }));
      assert.deepEqual([error.statusCode, error.type], [401, "api.authentication_error"]);
    } finally {
      await elsewhere.close();
    }
  });

  it("walks through every step of a large attachment", async () => {
    const content = sampleBytes(5 * MiB + 7);
    const { data: session } = await nylas.attachments.createUploadSession({
      identifier: grant,
      requestBody: { filename: "Übersicht 📦.pdf", contentType: "application/pdf", size: content.length },
    });
    assert.equal(session.maxSize, 157_286_400);
    assert.equal(session.size, content.length);
    assert.ok(Math.abs(Date.parse(session.expiresAt) - Date.now() - 3_600_000) < 60_000);
    const put = await fetch(session.url, {
      method: session.method,
      headers: { "Content-Type": session.contentType },
      body: content,
    });
    assert.equal(put.status, 200);
    const { attachmentId } = session;
    const done = await nylas.attachments.completeUploadSession({ identifier: grant, attachmentId });
    assert.deepEqual(done.data, { attachmentId, grantId: grant, status: "ready" });
    const { data: message } = await nylas.messages.send({
      identifier: grant,
      requestBody: {
        to,
        subject: "Large",
        body: "<p>See attachment</p>",
        attachments: uploaded(attachmentId),
      },
    });
    assert.equal(message.attachments?.[0]?.filename, "Übersicht 📦.pdf");
    const [mail] = sandbox.mails;
    assert.deepEqual(mail?.to, to);
    assert.deepEqual(
      mail?.attachments.map(({ filename, content_type, size, sha256 }) => [
        filename,
        content_type,
        size,
        sha256,
      ]),
      [["Übersicht 📦.pdf", "application/pdf", content.length, sha256(content)]],
    );
  });

  it("sends small attachments inside JSON", async () => {
    const content = sampleBytes(10_000, 2);
    await nylas.messages.send({
      identifier: grant,
      requestBody: {
        to,
        subject: "Small",
        body: '<img src="cid:logo1">',
        attachments: [
          { filename: "a.bin", contentType: "application/octet-stream", content, size: content.length },
          {
            filename: "logo.png",
            contentType: "image/png",
            content,
            size: content.length,
            contentId: "logo1",
          },
        ],
      },
    });
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map((part) => [part.filename, part.sha256, part.is_inline]),
      [
        ["a.bin", sha256(content), false],
        ["logo.png", sha256(content), true],
      ],
    );
  });

  it("sends attachments over 3 MB as a form", async () => {
    const content = sampleBytes(4 * MiB, 3);
    await nylas.messages.send({
      identifier: grant,
      requestBody: {
        to,
        subject: "Form",
        body: '<img src="cid:logo1">',
        attachments: [
          { filename: "größe.bin", contentType: "application/x-one", content, size: content.length },
          {
            filename: "logo.png",
            contentType: "image/png",
            content: Readable.from([content]),
            size: content.length,
            contentId: "logo1",
          },
        ],
      },
    });
    assert.match(sandbox.requests.at(-1)?.headers["content-type"] ?? "", /^multipart\/form-data/);
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map((part) => [
        part.filename,
        part.content_type,
        part.sha256,
        part.is_inline,
      ]),
      [
        ["größe.bin", "application/x-one", sha256(content), false],
        ["logo.png", "image/png", sha256(content), true],
      ],
    );
  });

  it("is read alike with what the extension sends, as JSON and as a form", async () => {
    const google = grantsOf(sandbox).google.id;
    const ours = new HttpLine();
    const folder = await Folder.make();
    try {
      for (const bytes of [1000, 4 * MiB]) {
        const content = sampleBytes(bytes, 5);
        const files = [
          { filename: "größe “1”.bin", contentType: "application/x-one", contentId: undefined },
          { filename: "logo.png", contentType: "image/png", contentId: "logo1" },
        ];
        const subject = `Alike ${bytes}`;
        const body = '<img src="cid:logo1">';
        await nylas.messages.send({
          identifier: google,
          requestBody: {
            ...{ to, subject, body },
            attachments: files.map(({ contentId, ...file }) => ({
              ...file,
              content: bytes < MiB ? content.toString("base64") : content,
              size: bytes,
              ...(contentId === undefined ? {} : { contentId }),
            })),
          },
        });
        const service = nylasService(
          { apiUri: sandbox.nylas.apiUri, credential: sandbox.nylas.apiKey },
          { grantId: google, provider: "google" },
          ours,
        );
        const refs = files.map(async ({ filename, contentType, contentId }) => {
          const path = await folder.file(filename, content);
          return {
            ...{ id: "", contentId },
            file: { path, name: filename, contentType, size: bytes, sha256: sha256(content) },
          };
        });
        const message: FinalMessage = {
          to,
          cc: [],
          bcc: [],
          replyTo: [],
          headers: [],
          subject,
          body,
          format: "html",
        };
        const frozen = { idempotencyKey: subject, body: service.freeze(message, await Promise.all(refs)) };
        await service.send(frozen, new AbortController().signal);
        const [mine, theirs] = sandbox.mails.map((mail) => [
          ...[mail.subject, mail.body, mail.is_plaintext, mail.to, mail.grant_id],
          mail.attachments.map(({ id: _, url: _place, ...part }) => part),
        ]);
        assert.deepEqual(mine, theirs);
        const [form, other] = sandbox.requests.slice(-2).map(({ headers }) => headers["content-type"]);
        assert.equal(form?.split(";")[0], other?.split(";")[0], "the same way at the same size");
      }
    } finally {
      ours.dispose();
      await folder.remove();
    }
  });

  it("is told the limit when it puts more than 3 MB into JSON", async () => {
    const content = sampleBytes(3 * MiB, 4);
    const attachments = [{ filename: "a.bin", contentType: "application/octet-stream", content }];
    const error = await failure(
      nylas.messages.send({
        identifier: grant,
        requestBody: { to, subject: "Too much", body: "", attachments },
      }),
    );
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /^max size of attachments for json is 3MB, received '\d+'$/);
  });

  it("sends once for an Idempotency-Key and sees that the second answer is a repetition", async () => {
    const before = sandbox.deliveries;
    const once = () =>
      nylas.messages.send({
        identifier: grant,
        requestBody: { to, subject: "Once", body: "" },
        overrides: { headers: { "Idempotency-Key": "one key" } },
      });
    const first = await once();
    const second = await once();
    assert.equal(second.data.id, first.data.id);
    assert.equal(first.rawHeaders?.["idempotent-response"], undefined);
    assert.equal(second.rawHeaders?.["idempotent-response"], "true");
    assert.equal(sandbox.deliveries, before + 1);
  });

  it("writes, changes, finds and sends a draft", async () => {
    const content = sampleBytes(20_000, 5);
    const { id } = await readyFile(sandbox, content, "draft.bin");
    const { data: draft } = await nylas.drafts.create({
      identifier: grant,
      requestBody: { to, subject: "Draft", body: "<p>First</p>", attachments: uploaded(id) },
    });
    const draftId = draft.id;
    await nylas.drafts.update({ identifier: grant, draftId, requestBody: { body: "<p>Second</p>" } });
    const found = await nylas.drafts.find({ identifier: grant, draftId });
    assert.deepEqual([found.data.subject, found.data.body], ["Draft", "<p>Second</p>"]);
    assert.deepEqual(
      found.data.attachments?.map(({ filename }) => filename),
      ["draft.bin"],
    );
    assert.deepEqual(
      (await nylas.drafts.list({ identifier: grant })).data.map((one) => one.id),
      [draftId],
    );
    // The bytes are in the mailbox now; that the upload expires no longer matters.
    sandbox.clock.advance(2 * 3_600_000);
    await nylas.drafts.send({ identifier: grant, draftId });
    sandbox.clock.offsetMs = 0;
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map(({ sha256 }) => sha256),
      [sha256(content)],
    );
    assert.equal((await failure(nylas.drafts.find({ identifier: grant, draftId }))).statusCode, 404);
  });

  it("keeps a draft with its Reply-To and headers, and sends it so", async () => {
    const replyTo = [{ name: "Desk", email: "desk@example.com" }];
    const customHeaders = [{ name: "X-Project", value: "Tide" }];
    const { data } = await nylas.drafts.create({
      identifier: grant,
      requestBody: { to, subject: "Kept", body: "", replyTo, customHeaders },
    });
    assert.deepEqual(data.replyTo, replyTo);
    await nylas.drafts.send({ identifier: grant, draftId: data.id });
    assert.deepEqual(
      [sandbox.mails[0]?.reply_to, sandbox.mails[0]?.custom_headers],
      [replyTo, customHeaders],
    );
  });

  it("schedules mails, lists and finds them, and takes one back", async () => {
    sandbox.nylas.behaviour.scheduleList = "schedules";
    const before = sandbox.deliveries;
    const sendAt = Math.floor(Date.now() / 1000) + 3600;
    const later = (subject: string) =>
      nylas.messages.send({ identifier: grant, requestBody: { to, subject, body: "", sendAt } });
    sandbox.nylas.behaviour.scheduledAnswer = "data";
    const [kept, gone] = [(await later("Kept")).data.scheduleId, (await later("Gone")).data.scheduleId];
    assert.ok(kept && gone);
    const { data: list } = await nylas.messages.listScheduledMessages({ identifier: grant });
    const ids = new Map(Object.entries(list)).get("schedules");
    assert.deepEqual(
      new Set([ids].flat().map((entry) => new Map(Object.entries(entry ?? {})).get("scheduleId"))),
      new Set([kept, gone]),
    );
    const found = await nylas.messages.findScheduledMessage({ identifier: grant, scheduleId: kept });
    assert.equal(found.data.status.code, "pending");
    await nylas.messages.stopScheduledMessage({ identifier: grant, scheduleId: gone });
    const error = await failure(nylas.messages.findScheduledMessage({ identifier: grant, scheduleId: gone }));
    assert.equal(error.statusCode, 404);
    sandbox.clock.advance(3_601_000);
    await until(() => sandbox.deliveries > before);
    assert.deepEqual([sandbox.deliveries, sandbox.mails[0]?.subject], [before + 1, "Kept"]);
    sandbox.clock.offsetMs = 0;
  });

  it("deletes a draft", async () => {
    const { data } = await nylas.drafts.create({ identifier: grant, requestBody: { to, subject: "Gone" } });
    await nylas.drafts.destroy({ identifier: grant, draftId: data.id });
    assert.equal((await failure(nylas.drafts.find({ identifier: grant, draftId: data.id }))).statusCode, 404);
  });

  it("maps a refusal with its provider's words", async () => {
    const { invalid } = grantsOf(sandbox);
    const error = await failure(
      nylas.messages.send({ identifier: invalid.id, requestBody: { to, subject: "", body: "" } }),
    );
    assert.deepEqual([error.statusCode, error.type], [403, "api.authentication_error"]);
    assert.equal(error.providerError.code, "InvalidAuthenticationToken");
  });

  it("maps a limit with its Retry-After", async () => {
    sandbox.faults.arm({ step: "send", fault: "refuse", status: 429, retryAfter: 7 });
    const error = await failure(
      nylas.messages.send({ identifier: grant, requestBody: { to, subject: "", body: "" } }),
    );
    assert.deepEqual(
      [error.statusCode, error.type, error.headers?.["retry-after"]],
      [429, "api.rate_limit_error", "7"],
    );
  });

  it("is refused a session on a mailbox that is no Microsoft one", async () => {
    const error = await failure(
      nylas.attachments.createUploadSession({
        identifier: grantsOf(sandbox).google.id,
        requestBody: { filename: "a", contentType: "text/plain", size: 1 },
      }),
    );
    assert.deepEqual([error.statusCode, error.type], [401, "unauthorized"]);
  });
});
