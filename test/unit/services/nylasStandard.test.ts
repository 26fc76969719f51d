import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { AttachmentRef, FinalMessage } from "../../../src/services/mailService.ts";
import { nylasService } from "../../../src/services/nylas/nylasService.ts";
import { NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import { NylasStandard } from "../../../src/services/nylas/nylasStandard.ts";
import { Folder, sample } from "../../support/files.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";
import { itNeeds } from "../../support/systems.ts";

const MB = 1024 * 1024;
const { signal } = new AbortController();
const endpoint = { apiUri: "https://api.us.nylas.com", credential: "nyk_secret" };
const sent = answer(200, { request_id: "r", data: { id: "m-1" } });
const message: FinalMessage = {
  to: [{ name: "Ann", email: "ann@x.example" }],
  cc: [],
  bcc: [],
  replyTo: [],
  headers: [],
  subject: "Grüße",
  body: '<img src="cid:logo1">',
  format: "html",
};

function service(provider: string, ...script: readonly Line[]) {
  const http = new ScriptedHttp(...script);
  const uuid = "11111111-2222-3333-4444-555555555555";
  return { http, nylas: new NylasStandard(endpoint, { grantId: "g1", provider }, http, () => uuid) };
}

describe("A mail that carries its files", () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  async function ref(path: string, content: Uint8Array, contentId?: string): Promise<AttachmentRef> {
    await folder.file(basename(path), content);
    return {
      id: "",
      contentId,
      file: {
        path: `${folder.path}/${basename(path)}`,
        name: basename(path),
        contentType: contentId === undefined ? "application/octet-stream" : "image/png",
        size: content.length,
        sha256: createHash("sha256").update(content).digest("hex"),
      },
    };
  }

  async function bodyOf(...files: readonly AttachmentRef[]) {
    const { http, nylas } = service("google", sent, sent);
    const frozen = { idempotencyKey: "key-1", body: nylas.freeze(message, files) };
    await nylas.send(frozen, signal);
    await nylas.send(frozen, signal);
    const [first, second] = http.seen;
    assert.deepEqual(first, second, "each try is the same request");
    assert.ok(Buffer.isBuffer(first?.body));
    assert.equal(first.headers["idempotency-key"], "key-1");
    assert.equal(
      first.url,
      "https://api.us.nylas.com/v3/grants/g1/messages/send?fields=include_basic_headers",
    );
    return { type: first.headers["content-type"], body: first.body };
  }

  it("is JSON with base64 while it is small", async () => {
    const files = [await ref("a.bin", sample(1000)), await ref("logo.png", sample(10), "logo1")];
    const { type, body } = await bodyOf(...files);
    assert.equal(type, "application/json");
    assert.deepEqual(JSON.parse(body.toString()), {
      to: [{ name: "Ann", email: "ann@x.example" }],
      subject: "Grüße",
      body: '<img src="cid:logo1">',
      is_plaintext: false,
      attachments: [
        {
          filename: "a.bin",
          content_type: "application/octet-stream",
          content: sample(1000).toString("base64"),
        },
        {
          filename: "logo.png",
          content_type: "image/png",
          content_id: "logo1",
          content: sample(10).toString("base64"),
        },
      ],
    });
  });

  it("is JSON without a list of files where it has none", async () => {
    assert.deepEqual(JSON.parse((await bodyOf()).body.toString()).attachments, []);
  });

  itNeeds(
    "names with any sign",
    "is a form above that, shaped as the service's own client shapes it",
    async () => {
      const large = sample(3 * MB);
      const logo = sample(10);
      const files = [await ref('a "b".bin', large), await ref("logo.png", logo, "logo1")];
      const { type, body } = await bodyOf(...files);
      const boundary = "freight-11111111-2222-3333-4444-555555555555";
      assert.equal(type, `multipart/form-data; boundary=${boundary}`);
      const json =
        '{"to":[{"name":"Ann","email":"ann@x.example"}],"subject":"Grüße","body":"<img src=\\"cid:logo1\\">","is_plaintext":false}';
      const expected = Buffer.concat([
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: form-data; name="message"\r\n\r\n${json}\r\n` +
            `--${boundary}\r\nContent-Disposition: form-data; name="file0"; filename="a %22b%22.bin"\r\n` +
            "Content-Type: application/octet-stream\r\n\r\n",
        ),
        large,
        Buffer.from(
          `\r\n--${boundary}\r\nContent-Disposition: form-data; name="logo1"; filename="logo.png"\r\n` +
            "Content-Type: image/png\r\n\r\n",
        ),
        logo,
        Buffer.from(`\r\n--${boundary}--\r\n`),
      ]);
      assert.ok(body.equals(expected));
    },
  );

  it("is written down without its files, and with another boundary each time", async () => {
    const http = new ScriptedHttp();
    const nylas = new NylasStandard(endpoint, { grantId: "g1", provider: "imap" }, http);
    const files = [await ref("a.bin", sample(4 * MB))];
    const [one, other] = [nylas.freeze(message, files), nylas.freeze(message, files)];
    assert.ok(one.length < 1000);
    assert.notEqual(one, other);
  });

  for (const [provider, whose] of [
    ["google", "Google mailboxes"],
    ["imap", "IMAP mailboxes"],
    ["ews", "Exchange (EWS) mailboxes"],
    ["icloud", "iCloud mailboxes"],
    ["yahoo", "Yahoo mailboxes"],
  ] as const)
    it(`is refused above the limit for ${whose}, before anything is asked`, () => {
      const { http, nylas } = service(provider);
      const file = { path: "/x", name: "x", contentType: "a/b", size: 26 * MB, sha256: "00" };
      assert.throws(() => nylas.freeze(message, [{ id: "", file }]), {
        code: "message-too-large",
        message: new RegExp(
          `^The mail is 26 MB .* the limit for ${whose.replace(/[()]/g, "\\$&")} is 25 MB `,
        ),
      });
      assert.equal(nylas.limits.limitOf, whose);
      assert.deepEqual(http.seen, []);
    });

  for (const [refusal, code, words] of [
    [answer(413, ""), "message-too-large", "The mail is larger than the limit for Google mailboxes."],
    [
      answer(403, { error: { type: "insufficient_scopes", message: "no" } }),
      "scope-missing",
      "The mailbox does not allow sending: reconnect it to Nylas with permission to send mail.",
    ],
  ] as const)
    it(`says ${code} without Microsoft's words`, async () => {
      const { nylas } = service("google", refusal);
      const frozen = { idempotencyKey: "k", body: nylas.freeze(message, []) };
      await assert.rejects(nylas.send(frozen, signal), { code, message: words, status: refusal.status });
    });
});

describe("The method of an account of Nylas", () => {
  for (const [provider, method] of [
    ["microsoft", NylasSessions],
    ["google", NylasStandard],
    ["something-new", NylasStandard],
  ] as const)
    it(`is ${method.name} for ${provider}`, () => {
      assert.ok(nylasService(endpoint, { grantId: "g", provider }, new ScriptedHttp()) instanceof method);
    });
});
