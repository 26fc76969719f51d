import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttachmentRef, FinalMessage } from "../../../src/services/mailService.ts";
import { listGrants } from "../../../src/services/nylas/nylasGrants.ts";
import { NYLAS_MAX_FILE_BYTES, NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import { answer, type Line, receivedAt, ScriptedHttp } from "../../support/scriptedHttp.ts";

const us = "https://api.us.nylas.com";
const eu = "https://api.eu.nylas.com";
const { signal } = new AbortController();
const minute = 60_000;

const microsoft = {
  id: "g1",
  provider: "microsoft",
  email: "ann@x.example",
  grant_status: "valid",
  blocked: false,
  scope: ["Mail.ReadWrite", "Mail.Send", "offline_access"],
  created_at: 1_700_000_000,
};
const grant = (change: Record<string, unknown> = {}) =>
  answer(200, { request_id: "r", data: { ...microsoft, ...change } });
const ref = (id: string, contentId?: string): AttachmentRef => ({
  id,
  file: { path: "/data/a.bin", name: "a.bin", contentType: "image/png", size: 1000, sha256: "00" },
  contentId,
});
const refusal = (status: number, type = "unauthorized") =>
  answer(status, { request_id: "r-1", error: { type, message: "no" } });

function service(apiUri: string, grantId: string, ...script: readonly Line[]) {
  const http = new ScriptedHttp(...script);
  return { http, nylas: new NylasSessions({ apiUri, credential: "nyk_secret" }, grantId, http) };
}

describe("A call to Nylas", () => {
  it("carries the key, and asks for JSON", async () => {
    const { http, nylas } = service(us, "g1", grant());
    await nylas.check(signal);
    assert.deepEqual(http.seen[0]?.headers, {
      authorization: "Bearer nyk_secret",
      accept: "application/json",
    });
  });

  for (const [grantId, path] of [
    ["g1", "/v3/grants/g1"],
    ["me", "/v3/grants/me"],
    ["ann@x.example", "/v3/grants/ann%40x.example"],
    ["../applications", "/v3/grants/..%2Fapplications"],
    ["a#b?c", "/v3/grants/a%23b%3Fc"],
  ] as const)
    it(`names the mailbox “${grantId}” as one part of the path`, async () => {
      const { http, nylas } = service(us, grantId, grant());
      await nylas.check(signal);
      assert.equal(http.seen[0]?.url, us + path);
    });
});

describe("The check of a mailbox", () => {
  it("tells whose it is", async () => {
    const { nylas } = service(us, "me", grant());
    assert.deepEqual(await nylas.check(signal), { id: "g1", email: "ann@x.example", provider: "microsoft" });
  });

  for (const [what, change] of [
    [
      "with scopes as URLs",
      { scope: ["https://graph.microsoft.com/Mail.ReadWrite", "https://graph.microsoft.com/Mail.Send"] },
    ],
    ["with scopes in another case", { scope: ["mail.readwrite", "MAIL.SEND"] }],
    ["with no scopes told", { scope: [] }],
    ["without a list of scopes", { scope: undefined }],
    ["without an address", { email: undefined }],
    ["without a status", { grant_status: undefined, blocked: undefined }],
  ] as const)
    it(`passes ${what}`, async () => {
      assert.equal((await service(us, "g1", grant(change)).nylas.check(signal)).provider, "microsoft");
    });

  for (const provider of ["google", "imap", "yahoo", "icloud", "ews", "nylas", "something-new"])
    it(`passes a mailbox of ${provider}, whose scopes are of another kind`, async () => {
      const { nylas } = service(us, "g1", grant({ provider, scope: ["mail"] }));
      assert.equal((await nylas.check(signal)).provider, provider);
    });

  for (const [change, code, words] of [
    [{ grant_status: "invalid" }, "grant-invalid", "reconnected"],
    [{ blocked: true }, "grant-invalid", "blocked"],
    [{ provider: "virtual-calendar" }, "provider-unsupported", "(virtual calendar) is not a mailbox"],
    [{ provider: "zoom" }, "provider-unsupported", "(Zoom) is not a mailbox"],
  ] as const)
    it(`finds ${JSON.stringify(change)}: ${code}`, async () => {
      await assert.rejects(service(us, "g1", grant(change)).nylas.check(signal), (reason: unknown) => {
        assert.ok(reason instanceof Error && "code" in reason && reason.code === code, String(reason));
        assert.ok(reason.message.includes(words), reason.message);
        assert.ok(reason.message.includes("ann@x.example"), reason.message);
        return true;
      });
    });

  // The service knows more scopes than we do, and what is edited there still works: nobody is stopped for a list.
  for (const [change, doubt] of [
    [{ scope: ["Mail.Send"] }, "without Mail.ReadWrite."],
    [{ scope: ["Mail.ReadWrite"] }, "without Mail.Send."],
    [{ scope: ["Mail.Read"] }, "without Mail.ReadWrite and Mail.Send."],
    [{ scope: ["https://graph.microsoft.com/Mail.Send"] }, "without Mail.ReadWrite."],
    [{ provider: "ews" }, "will remove in April 2027"],
    [{ scope: [] }, undefined],
    [{ scope: ["https://graph.microsoft.com/.default", "offline_access"] }, undefined],
    [{ scope: [".default"] }, undefined],
    [{ scope: ["Mail.ReadWrite.Shared", "https://graph.microsoft.com/Mail.Send.Shared"] }, undefined],
    [{ scope: ["mail.readwrite", "MAIL.SEND"] }, undefined],
  ] as const)
    it(`takes ${JSON.stringify(change)}, and ${doubt === undefined ? "says nothing" : "warns"}`, async () => {
      const found = await service(us, "g1", grant(change)).nylas.check(signal);
      assert.ok(doubt === undefined ? found.doubt === undefined : found.doubt?.includes(doubt), found.doubt);
    });

  for (const [script, code] of [
    [[refusal(401), refusal(401)], "credential-rejected"],
    [[refusal(400, "token.unauthorized_access"), refusal(401)], "credential-rejected"],
    [[refusal(401), new Error("the other region cannot be reached")], "credential-rejected"],
    [[refusal(401), grant()], "wrong-region"],
    [[refusal(404), refusal(404)], "grant-unknown"],
    [[refusal(404), grant()], "wrong-region"],
    [[refusal(400, "invalid_request"), refusal(400)], "grant-unknown"],
    [[refusal(429)], "rate-limited"],
    [[refusal(503)], "service-fault"],
    [[answer(403)], "request-refused"],
    [[answer(200, "<html>")], "bad-answer"],
    [[answer(200, { data: { id: "g1" } })], "bad-answer"],
    [[answer(200, { data: [microsoft] })], "bad-answer"],
  ] as const)
    it(`fails with ${code} after ${script.map((line) => ("status" in line ? line.status : line.message)).join(", ")}`, async () => {
      const { http, nylas } = service(us, "g1", ...script);
      await assert.rejects(nylas.check(signal), { code });
      assert.ok(http.isDone);
    });

  for (const [home, other, name] of [
    [us, eu, "Europe"],
    [eu, us, "United States"],
  ] as const)
    it(`asks ${other} when ${home} does not know the key, and names it`, async () => {
      const { http, nylas } = service(home, "g1", refusal(401), grant());
      await assert.rejects(nylas.check(signal), { code: "wrong-region", message: new RegExp(name) });
      assert.equal(http.seen[1]?.url, `${other}/v3/grants/g1`);
    });

  it("shows the key to nobody else when the address is one of a person's own", async () => {
    const { http, nylas } = service("https://gateway.example", "g1", refusal(401));
    await assert.rejects(nylas.check(signal), { code: "credential-rejected", requestId: "r-1" });
    assert.equal(http.seen.length, 1);
  });

  it("ends when it is cancelled while the other region is asked", async () => {
    const controller = new AbortController();
    const { nylas } = service(us, "g1", refusal(401), () => {
      controller.abort();
      return new Error("cancelled");
    });
    await assert.rejects(nylas.check(controller.signal), { name: "AbortError" });
  });
});

describe("The list of mailboxes", () => {
  const endpoint = { apiUri: us, credential: "nyk_secret" };
  const page = (from: number, count: number) =>
    answer(200, {
      data: Array.from({ length: count }, (_, at) => ({ ...microsoft, id: `g${from + at}` })),
      limit: 200,
      offset: from,
    });

  for (const [counts, urls] of [
    [[0], ["offset=0"]],
    [[3], ["offset=0"]],
    [
      [200, 0],
      ["offset=0", "offset=200"],
    ],
    [
      [200, 200, 7],
      ["offset=0", "offset=200", "offset=400"],
    ],
  ] as const)
    it(`is read page by page: ${counts.join(" + ")}`, async () => {
      const http = new ScriptedHttp(...counts.map((count, at) => page(at * 200, count)));
      const grants = await listGrants(endpoint, http, signal);
      assert.equal(
        new Set(grants.map(({ id }) => id)).size,
        counts.reduce((sum: number, n) => sum + n, 0),
      );
      assert.deepEqual(
        http.seen.map(({ url }) => url),
        urls.map((query) => `${us}/v3/grants?limit=200&${query}`),
      );
    });

  it("ends although a gateway gives the same page again and again", async () => {
    const http = new ScriptedHttp(page(0, 200), page(0, 200));
    assert.equal((await listGrants(endpoint, http, signal)).length, 200);
  });

  it("says of each what keeps it from sending, in a few words", async () => {
    const data = [
      microsoft,
      { id: "g2", provider: "google" },
      { id: "g3", provider: "zoom" },
      { ...microsoft, grant_status: "invalid" },
      { ...microsoft, scope: ["Mail.Send"] },
      { ...microsoft, blocked: true },
      { id: "g7", provider: "ews" },
    ];
    const grants = await listGrants(endpoint, new ScriptedHttp(answer(200, { data })), signal);
    assert.deepEqual(
      grants.map(({ obstacle }) => obstacle?.slice(0, 20) ?? null),
      [
        null,
        null,
        "not a mailbox: it ca",
        "signed out: has to b",
        "connected without Ma",
        "blocked by Nylas",
        "EWS, which Exchange ",
      ],
    );
    assert.deepEqual([grants[0]?.email, grants[1]?.email], ["ann@x.example", null]);
  });

  for (const [script, code] of [
    [[refusal(401), refusal(401)], "credential-rejected"],
    [[refusal(401), answer(200, { data: [] })], "wrong-region"],
    [[refusal(500)], "service-fault"],
    [[refusal(404)], "request-refused"],
    [[answer(200, { data: [{ id: "" }] })], "bad-answer"],
    [[answer(200)], "bad-answer"],
  ] as const)
    it(`fails with ${code} after ${script.map(({ status }) => status).join(", ")}`, async () => {
      await assert.rejects(listGrants(endpoint, new ScriptedHttp(...script), signal), { code });
    });
});

describe("A session at Nylas", () => {
  const file = { name: "größe 📦.zip", contentType: "application/zip", size: 5_242_880 };
  const url = "https://storage.googleapis.com/upload/storage/v1/b/B/o?uploadType=resumable&upload_id=U";
  const expiresAt = new Date(receivedAt + 60 * minute).toISOString().replace(".000Z", "Z");
  const data = {
    attachment_id: "a-1",
    method: "PUT",
    url,
    headers: { "Content-Type": "application/zip", "X-Other": "kept" },
    expires_at: expiresAt,
    max_size: 157_286_400,
    size: 5_242_880,
    content_type: "application/zip",
    filename: "größe 📦.zip",
    grant_id: "g1",
  };
  const created = (change: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    answer(201, { request_id: "r", data: { ...data, ...change } }, headers);

  it("is opened with name, type and size as they are", async () => {
    const { http, nylas } = service(us, "g1", created());
    await nylas.createSession(file, null, signal);
    const [seen] = http.seen;
    assert.deepEqual([seen?.method, seen?.url], ["POST", `${us}/v3/grants/g1/attachment-uploads`]);
    assert.equal(seen?.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(String(seen?.body)), {
      filename: "größe 📦.zip",
      content_type: "application/zip",
      size: 5_242_880,
    });
  });

  it("has an id, an end, and where the bytes go with every header that is wanted there", async () => {
    assert.deepEqual(await service(us, "g1", created()).nylas.createSession(file, null, signal), {
      attachmentId: "a-1",
      target: { url, headers: { "Content-Type": "application/zip", "X-Other": "kept" } },
      expiresAt: receivedAt + 60 * minute,
    });
  });

  for (const [serverAhead, expected] of [
    [0, 60 * minute],
    [10 * minute, 50 * minute],
    [-10 * minute, 70 * minute],
    [1_000, 60 * minute],
  ] as const)
    it(`ends by our clock when the service's is ${serverAhead} ms ahead`, async () => {
      const date = new Date(receivedAt + serverAhead).toUTCString();
      const { expiresAt: end } = await service(us, "g1", created({}, { date })).nylas.createSession(
        file,
        null,
        signal,
      );
      assert.equal((end ?? 0) - receivedAt, expected);
    });

  for (const [what, change, end] of [
    ["with fractions of a second", { expires_at: "2026-04-22T19:00:00.123456789Z" }, 60 * minute + 123],
    ["with an offset", { expires_at: "2026-04-22T21:00:00+02:00" }, 60 * minute],
    ["without headers", { headers: null }, 60 * minute],
  ] as const)
    it(`is taken ${what}`, async () => {
      const { expiresAt: at } = await service(us, "g1", created(change)).nylas.createSession(
        file,
        null,
        signal,
      );
      assert.equal((at ?? 0) - receivedAt, end);
    });

  for (const [what, given] of [
    ["another method", created({ method: "POST" })],
    ["no URL", created({ url: undefined })],
    ["no address where the URL should be", created({ url: "here" })],
    ["a URL without https", created({ url: "http://storage.googleapis.com/x" })],
    ["a signed URL", created({ url: "https://storage.googleapis.com/x?X-Goog-Signature=a" })],
    ["no id", created({ attachment_id: "" })],
    ["no end", created({ expires_at: "soon" })],
    ["headers of another kind", created({ headers: { a: 1 } })],
    ["HTML", answer(201, "<html>")],
    ["nothing", answer(201)],
  ] as const)
    it(`is refused with ${what}`, async () => {
      await assert.rejects(service(us, "g1", given).nylas.createSession(file, null, signal), {
        code: "bad-answer",
      });
    });

  it("is one with the status 200, too", async () => {
    const { nylas } = service(us, "g1", answer(200, { data }));
    assert.equal((await nylas.createSession(file, null, signal)).attachmentId, "a-1");
  });

  it("may have the signature of the address that it was opened through", async () => {
    const signed = `${url}&X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=abc`;
    const { target } = await service(us, "g1", created({ url: signed })).nylas.createSession(
      file,
      null,
      signal,
    );
    assert.equal(target?.url, signed);
  });

  // One status for four causes: the mailbox itself tells which it is.
  for (const [script, code] of [
    [[refusal(401), refusal(401), refusal(401)], "credential-rejected"],
    [[refusal(401), refusal(404), refusal(404)], "grant-unknown"],
    [[refusal(401), refusal(404), grant()], "wrong-region"],
    [[refusal(401), grant({ provider: "google" })], "provider-unsupported"],
    [[refusal(401), grant({ grant_status: "invalid" })], "grant-invalid"],
    [[refusal(401), grant({ scope: ["Mail.Read"] })], "scope-missing"],
    [[refusal(401), grant({ scope: [] })], "scope-missing"],
    [[refusal(400, "invalid_request")], "request-refused"],
    [[refusal(429)], "rate-limited"],
    [[refusal(500)], "service-fault"],
  ] as const)
    it(`is refused with ${code} after ${script.map(({ status }) => status).join(", ")}`, async () => {
      const { http, nylas } = service(us, "g1", ...script);
      await assert.rejects(nylas.createSession(file, null, signal), { code });
      assert.ok(http.isDone);
    });

  it("puts its bytes with its own headers and no key", async () => {
    const line = new ScriptedHttp(answer(308));
    const { nylas } = service(us, "g1");
    await nylas
      .protocol(
        {
          target: { url, headers: { "Content-Type": "application/zip" } },
          file: { name: "a.zip", contentType: "application/zip", size: 5_242_880 },
          draft: null,
        },
        line,
      )
      .locate(signal, 0);
    assert.deepEqual(line.seen[0]?.headers, {
      "Content-Type": "application/zip",
      "content-length": "0",
      "content-range": "bytes */5242880",
    });
  });

  it("is ended at the storage, which alone knows how", async () => {
    const { http, nylas } = service(us, "g1", answer(499));
    await nylas.cancel({ target: { url, headers: {} }, size: 1, attachmentId: "a-1", draft: null }, signal);
    assert.deepEqual([http.seen[0]?.method, http.seen[0]?.url], ["DELETE", url]);
    assert.equal(http.seen[0]?.headers["authorization"], undefined);
  });

  describe("is completed", () => {
    const ready = answer(200, { data: { attachment_id: "a-1", grant_id: "g1", status: "ready" } });

    it("by its id", async () => {
      const { http, nylas } = service(us, "g1", ready);
      await nylas.complete("a/1", false, signal);
      const [seen] = http.seen;
      assert.equal(seen?.url, `${us}/v3/grants/g1/attachment-uploads/a%2F1/complete`);
      assert.deepEqual([seen?.method, seen?.body], ["POST", "{}"]);
    });

    it("under the id of the grant, whatever the account knows of it", async () => {
      const done = answer(200, { data: { attachment_id: "a-1", status: "ready" } });
      const { http, nylas } = service(us, "ann@x.example", refusal(401), grant(), done);
      await nylas.complete("a-1", false, signal);
      assert.equal(http.seen.at(-1)?.url, `${us}/v3/grants/g1/attachment-uploads/a-1/complete`);
    });

    for (const [script, code] of [
      [[refusal(401), refusal(401), refusal(401)], "credential-rejected"],
      [[refusal(401), grant({ grant_status: "invalid" })], "grant-invalid"],
      // While the grant is still called valid.
      [[refusal(401), grant(), grant()], "grant-invalid"],
    ] as const)
      it(`not after ${script.map(({ status }) => status).join(", ")}: ${code}`, async () => {
        await assert.rejects(service(us, "g1", ...script).nylas.complete("a-1", false, signal), { code });
      });

    it("when it is complete already, and an earlier call of ours may have done that", () =>
      service(us, "g1", refusal(409, "invalid_request")).nylas.complete("a-1", true, signal));

    for (const [given, asked, code] of [
      [refusal(409, "invalid_request"), false, "session-lost"],
      [refusal(410, "invalid_request"), true, "session-expired"],
      [refusal(422, "invalid_request"), true, "upload-mismatch"],
      [refusal(404, "not_found"), true, "session-lost"],
      [refusal(500), false, "service-fault"],
      [answer(200, { data: { attachment_id: "a-1", status: "uploading" } }), false, "bad-answer"],
      [answer(200, "<html>"), false, "bad-answer"],
      [answer(200), false, "bad-answer"],
    ] as const)
      it(`not with ${given.status} ${given.text.slice(0, 50)}${asked ? " after an earlier call" : ""}: ${code}`, async () => {
        await assert.rejects(service(us, "g1", given).nylas.complete("a-1", asked, signal), { code });
      });
  });
});

describe("A mail through Nylas", () => {
  const message: FinalMessage = {
    to: [{ name: "Ann", email: "ann@x.example" }],
    cc: [],
    bcc: [{ name: null, email: "bob@x.example" }],
    replyTo: [],
    headers: [],
    subject: "Grüße 📦",
    body: "<b>not bold</b>\n",
    format: "text",
  };
  const sent = (change: Record<string, unknown> = {}) =>
    answer(200, { request_id: "in-body", data: { id: "m-1", schedule_id: "", ...change } });

  it("says what was written, as plain text, and names the files by their ids", () => {
    const { nylas } = service(us, "g1");
    assert.deepEqual(JSON.parse(nylas.freeze(message, [ref("a-1"), ref("a-2")])), {
      to: [{ name: "Ann", email: "ann@x.example" }],
      bcc: [{ email: "bob@x.example" }],
      subject: "Grüße 📦",
      body: "<b>not bold</b>\n",
      is_plaintext: true,
      attachments: [{ id: "a-1" }, { id: "a-2" }],
    });
  });

  it("says who gets the answers, and the headers of its own", () => {
    const { nylas } = service(us, "g1");
    const replyTo = [{ name: "Desk", email: "desk@x.example" }];
    const headers = [{ name: "X-Project", value: "Tide" }];
    const { reply_to, custom_headers } = JSON.parse(nylas.freeze({ ...message, replyTo, headers }, []));
    assert.deepEqual([reply_to, custom_headers], [replyTo, headers]);
  });

  it("says which of the files its text shows, and is HTML where that is what it is", () => {
    const { nylas } = service(us, "g1");
    const body = '<p>see <img src="cid:img1"></p>';
    const frozen = nylas.freeze({ ...message, body, format: "html" }, [ref("a-1", "img1")]);
    const { is_plaintext, attachments, ...rest } = JSON.parse(frozen);
    assert.equal(is_plaintext, false);
    assert.equal(rest.body, body);
    assert.deepEqual(attachments, [{ id: "a-1", content_id: "img1" }]);
  });

  it("is the same bytes each time it is frozen", () => {
    const { nylas } = service(us, "g1");
    const recipient = fc.record({ name: fc.option(fc.string()), email: fc.emailAddress() });
    const list = fc.array(recipient, { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.record({
          ...{
            to: list,
            cc: list,
            bcc: list,
            replyTo: list,
            headers: fc.array(fc.record({ name: fc.string(), value: fc.string() })),
            subject: fc.string(),
            body: fc.string(),
          },
          format: fc.constantFrom("text", "html"),
        }),
        fc.array(
          fc.uuid().map((id) => ref(id)),
          { maxLength: 3 },
        ),
        (any, ids) => {
          assert.equal(nylas.freeze(structuredClone(any), [...ids]), nylas.freeze(any, ids));
        },
      ),
    );
  });

  it("goes out with its key and exactly the frozen bytes", async () => {
    const { http, nylas } = service(us, "g1", sent());
    const frozen = { idempotencyKey: "key-1", body: nylas.freeze(message, [ref("a-1")]) };
    await nylas.send(frozen, signal);
    const [seen] = http.seen;
    assert.deepEqual(
      [seen?.method, seen?.url, seen?.body],
      ["POST", `${us}/v3/grants/g1/messages/send?fields=include_basic_headers`, frozen.body],
    );
    assert.equal(seen?.headers["idempotency-key"], "key-1");
    assert.equal(seen?.timeoutMs, 180_000, "Nylas moves the files within this request");
  });

  const frozen = { idempotencyKey: "key-1", body: "{}" };
  for (const [given, receipt] of [
    [sent(), { messageId: "m-1", requestId: "in-body" }],
    [
      { ...sent(), requestId: "in-header" },
      { messageId: "m-1", requestId: "in-header" },
    ],
    [answer(202, { data: { schedule_id: "s" } }), { messageId: null, requestId: null, scheduleId: "s" }],
    [
      answer(202, { schedule_id: "s", send_at: 1, data: {} }),
      { messageId: null, requestId: null, scheduleId: "s" },
    ],
    [answer(202, { schedule_id: "s" }), { messageId: null, requestId: null, scheduleId: "s" }],
    [answer(200, { data: { id: null } }), { messageId: null, requestId: null }],
  ] as const)
    it(`is sent after ${given.status} ${given.text}`, async () => {
      assert.deepEqual(await service(us, "g1", given).nylas.send(frozen, signal), receipt);
    });

  for (const [given, code, acted] of [
    [answer(200, "<html>"), "service-fault", true],
    [answer(200), "service-fault", true],
    [answer(200, '{"data":'), "service-fault", true],
    [answer(400, { error: { type: "invalid_request_error" } }), "request-refused", false],
    [answer(504), "service-fault", true],
    [answer(504, "", { "idempotent-response": "true" }), "send-unconfirmed", true],
    [answer(402, "", { "idempotent-response": "true" }), "recipients-refused", false],
    [answer(302, "", { location: "https://elsewhere.example" }), "bad-answer", false],
    [answer(303, "", { location: "https://elsewhere.example" }), "bad-answer", true],
  ] as const)
    it(`is ${acted ? "perhaps" : "not"} sent after ${given.status} ${JSON.stringify(given.headers)} ${given.text}: ${code}`, async () => {
      await assert.rejects(service(us, "g1", given).nylas.send(frozen, signal), {
        code,
        mayHaveActed: acted,
      });
    });
});

describe("What Nylas takes", () => {
  it("is what its documentation says", () => {
    const { limits } = service(us, "g1").nylas;
    assert.equal(NYLAS_MAX_FILE_BYTES, 150 * 1024 * 1024);
    assert.equal(limits.maxFileBytes, NYLAS_MAX_FILE_BYTES);
    assert.ok(limits.safeRepeatMs < 60 * minute, "a key protects for one hour");
    assert.ok(limits.expiryMarginMs >= 180_000, "a send may take as long as its timeout");
  });
});
