import assert from "node:assert/strict";
import { practiceGrants } from "../../src/sandbox/nylas/grants.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  assertError,
  callApi,
  completeSession,
  grantsOf,
  openSession,
  readyFile,
  sampleBytes,
  send,
} from "./support.ts";

const hourMs = 3_600_000;

describe("The mail API", () => {
  let sandbox: Sandbox;
  let grant: string;
  before(async () => {
    sandbox = await startSandbox();
    grant = grantsOf(sandbox).microsoft.id;
  });
  after(() => sandbox.close());
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
    sandbox.faults.clear();
  });

  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    callApi(sandbox, method, path, body, headers);

  describe("at its door", () => {
    const address = encodeURIComponent("practice@freight-mail.example");
    for (const [title, identifier] of [
      ["a bare id", practiceGrants[0]?.id],
      ["a marked id", `grant:${practiceGrants[0]?.id}`],
      ["a marked and encoded id", `grant%3A${practiceGrants[0]?.id}`],
      ["an address", "practice@freight-mail.example"],
      ["an encoded address", address],
      ["an address in capitals", "Practice@Freight-Mail.example"],
      ["a marked address", `email:${address}`],
    ] as const)
      it(`finds a grant by ${title}`, async () => {
        assert.equal((await call("GET", `/v3/grants/${identifier}`)).json.data?.id, grant);
      });

    for (const [title, identifier, status] of [
      ["an unknown id", "00000000-0000-4000-8000-000000000000", 404],
      ["an unknown address", "nobody@example.com", 404],
      ["an id that is marked as an address", `email:${practiceGrants[0]?.id}`, 404],
      ["an external id that nobody set", "external:7", 404],
      ["me, as the application", "me", 401],
    ] as const)
      it(`finds no grant by ${title}`, async () => {
        assertError(await call("GET", `/v3/grants/${identifier}`), status);
      });

    for (const [title, query, emails] of [
      ["by provider", "provider=google", ["mila.brandt@gmail.example"]],
      ["by status", "grant_status=invalid", ["signed.out@freight-mail.example"]],
      ["by address", "email=send.only@freight-mail.example", ["send.only@freight-mail.example"]],
      ["by offset and limit", "offset=1&limit=1", ["mila.brandt@gmail.example"]],
      ["in reverse", "order_by=desc&limit=1", ["signed.out@freight-mail.example"]],
      ["past the end", "offset=9", []],
    ] as const)
      it(`lists grants ${title}`, async () => {
        const { json } = await call("GET", `/v3/grants?${query}`);
        assert.deepEqual(
          json.data.map(({ email }: { email: string }) => email),
          emails,
        );
      });

    it("echoes limit and offset of a list, and refuses a limit over 200", async () => {
      const { json } = await call("GET", "/v3/grants");
      assert.deepEqual([json.limit, json.offset, json.data.length], [10, 0, 4]);
      assertError(await call("GET", "/v3/grants?limit=201"), 400);
      assertError(await call("GET", "/v3/grants?offset=x"), 400);
    });

    for (const [title, authorization, status] of [
      ["no credential", "", 401],
      ["another scheme", "Basic abc", 401],
      ["a key that was made up", "Bearer nyk_v0_guess", 401],
    ] as const)
      it(`refuses ${title}`, async () => {
        const headers = { Authorization: authorization };
        assertError(
          await call("GET", "/v3/applications", undefined, headers),
          status,
          "api.authentication_error",
        );
        const uploads = `/v3/grants/${grant}/attachment-uploads`;
        assertError(await call("POST", uploads, {}, headers), status, "unauthorized");
      });

    it("lets an access token at its own grant only", async () => {
      const headers = { Authorization: `Bearer ${sandbox.nylas.accessToken}` };
      assert.equal((await call("GET", "/v3/grants/me", undefined, headers)).json.data.id, grant);
      assert.equal((await call("GET", `/v3/grants/${grant}`, undefined, headers)).status, 200);
      assertError(await call("GET", "/v3/applications", undefined, headers), 401);
      const body = { filename: "a", content_type: "text/plain", size: 1 };
      assert.equal((await call("POST", "/v3/grants/me/attachment-uploads", body, headers)).status, 201);
      const google = grantsOf(sandbox).google.id;
      assertError(await call("POST", `/v3/grants/${google}/messages/send`, {}, headers), 401);
    });

    for (const [title, method, path, status, headers] of [
      ["an unknown path", "GET", "/v3/nothing", 404, {}],
      ["the root", "GET", "/", 404, {}],
      ["a request line without a path", "GET", "//", 404, {}],
      ["a path that does not decode", "GET", "/v3/grants/%ff", 404, {}],
      ["another method", "PATCH", "/v3/grants", 405, {}],
      ["an answer in another format", "GET", "/v3/grants", 406, { Accept: "text/html" }],
    ] as const)
      it(`answers ${title} with ${status} in its own form`, async () => {
        assertError(await call(method, path, undefined, headers), status);
      });

    it("dates its answers by its own clock", async () => {
      sandbox.clock.advance(-5 * hourMs);
      const { headers } = await call("GET", "/v3/grants");
      assert.ok(Math.abs(Date.parse(headers.date ?? "") - (Date.now() - 5 * hourMs)) < 5_000);
    });
  });

  describe("creating an upload session", () => {
    const create = (body: unknown, headers?: Record<string, string>, identifier = grant) =>
      call("POST", `/v3/grants/${identifier}/attachment-uploads`, body, headers);

    it("answers 201 with everything that an upload needs", async () => {
      const answer = await create({ filename: "größe.bin", content_type: "application/x-thing", size: 5 });
      assert.equal(answer.status, 201);
      assert.equal(answer.headers["x-request-id"], answer.json.request_id);
      const { attachment_id, url, expires_at, ...rest } = answer.json.data;
      assert.match(attachment_id, /^[0-9a-f-]{36}$/);
      assert.ok(url.startsWith(`${sandbox.storageOrigin}/upload/`) && url.includes("upload_id="));
      assert.match(expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.ok(Math.abs(Date.parse(expires_at) - sandbox.clock.now() - hourMs) < 5_000);
      assert.deepEqual(rest, {
        method: "PUT",
        headers: { "Content-Type": "application/x-thing" },
        max_size: 157_286_400,
        size: 5,
        content_type: "application/x-thing",
        filename: "größe.bin",
        grant_id: grant,
      });
    });

    it("echoes 0 for a size that was not said", async () => {
      assert.equal((await create({ filename: "a", content_type: "b" })).json.data.size, 0);
    });

    const whole = { filename: "a", content_type: "text/plain", size: 1 };
    for (const [title, body] of [
      ["no file name", { ...whole, filename: undefined }],
      ["an empty file name", { ...whole, filename: "" }],
      ["no content type", { ...whole, content_type: undefined }],
      ["an empty content type", { ...whole, content_type: "" }],
      ["size 0", { ...whole, size: 0 }],
      ["a negative size", { ...whole, size: -1 }],
      ["a broken size", { ...whole, size: 1.5 }],
      ["a size in words", { ...whole, size: "1" }],
      ["a size over the maximum", { ...whole, size: 157_286_401 }],
      ["a list", []],
    ] as const)
      it(`refuses ${title}`, async () => {
        assertError(await create(body), 400, "invalid_request");
      });

    it("names the maximum when a size is over it, and takes the maximum itself", async () => {
      const { json } = await create({ ...whole, size: 157_286_401 });
      assert.match(json.error.message, /exceeds maximum allowed size of 157286400 bytes/);
      assert.equal((await create({ ...whole, size: 157_286_400 })).status, 201);
    });

    it("refuses what is not JSON", async () => {
      const form = { "Content-Type": "application/x-www-form-urlencoded" };
      assertError(await create(whole, form), 400, "invalid_request");
      const url = `${sandbox.nylas.apiUri}/v3/grants/${grant}/attachment-uploads`;
      const headers = { Authorization: `Bearer ${sandbox.nylas.apiKey}`, "Content-Type": "application/json" };
      assertError(await send(url, { method: "POST", headers, body: "{" }), 400, "invalid_request");
      assertError(await send(url, { method: "POST", headers }), 400, "invalid_request");
    });

    it("refuses with the same 401 a grant that is unknown, not Microsoft, or invalid", async () => {
      const { google, invalid } = grantsOf(sandbox);
      for (const identifier of ["nobody", google.id, invalid.id])
        assertError(await create(whole, {}, identifier), 401, "unauthorized");
    });

    it("is content with one of the scopes, which is not enough to send", async () => {
      const { sendOnly } = grantsOf(sandbox);
      assert.equal((await create(whole, {}, sendOnly.id)).status, 201);
      const message = { to: [{ email: "a@example.com" }] };
      assertError(
        await call("POST", `/v3/grants/${sendOnly.id}/messages/send`, message),
        403,
        "insufficient_scopes",
      );
    });

    it("refuses a grant without any of the scopes", async () => {
      const [usual] = practiceGrants;
      assert.ok(usual);
      const other = await startSandbox({ grants: [{ ...usual, scope: ["Mail.Read"] }] });
      try {
        assertError(
          await callApi(other, "POST", `/v3/grants/${grant}/attachment-uploads`, whole),
          401,
          "unauthorized",
        );
      } finally {
        await other.close();
      }
    });
  });

  describe("completing an upload session", () => {
    const putBytes = (url: string, length: number) => send(url, { method: "PUT", body: sampleBytes(length) });

    it("says ready once, and 409 to whoever asks again", async () => {
      const session = await readyFile(sandbox, sampleBytes(100));
      assertError(await completeSession(sandbox, session), 409, "invalid_request");
    });

    it("takes an empty body as well as an empty object", async () => {
      const session = await openSession(sandbox, 10);
      await putBytes(session.url, 10);
      const path = `/v3/grants/${grant}/attachment-uploads/${session.id}/complete`;
      const { status, json } = await call("POST", path, {});
      assert.deepEqual(
        [status, json.data],
        [200, { attachment_id: session.id, grant_id: grant, status: "ready" }],
      );
    });

    it("answers 404 for a session that was made up", async () => {
      assertError(await completeSession(sandbox, { id: "none", url: "", grant }), 404, "not_found");
    });

    it("answers 401 for a session of another grant", async () => {
      const session = await openSession(sandbox, 10);
      const other = grantsOf(sandbox).sendOnly.id;
      assertError(await completeSession(sandbox, { ...session, grant: other }), 401, "unauthorized");
    });

    it("answers 410 when the hour is over", async () => {
      const session = await openSession(sandbox, 10);
      await putBytes(session.url, 10);
      sandbox.clock.advance(hourMs);
      assertError(await completeSession(sandbox, session), 410, "invalid_request");
    });

    for (const [title, declared, stored] of [
      ["nothing was uploaded", 10, undefined],
      ["less was uploaded than declared", 10, 9],
      ["more was uploaded than declared", 10, 11],
      ["nothing was declared and an empty object uploaded", undefined, 0],
    ] as const)
      it(`answers 422 when ${title}`, async () => {
        const session = await openSession(sandbox, declared);
        if (stored !== undefined) await putBytes(session.url, stored);
        assertError(await completeSession(sandbox, session), 422, "invalid_request");
      });

    it("goes on after a 422 when the missing bytes have arrived", async () => {
      const session = await openSession(sandbox, 10);
      assert.equal((await completeSession(sandbox, session)).status, 422);
      await putBytes(session.url, 10);
      assert.equal((await completeSession(sandbox, session)).status, 200);
    });

    it("takes whatever arrived when nothing was declared", async () => {
      const session = await openSession(sandbox);
      await putBytes(session.url, 7);
      assert.equal((await completeSession(sandbox, session)).status, 200);
    });
  });
});
