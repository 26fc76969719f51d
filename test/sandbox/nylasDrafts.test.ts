import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Answer, assertError, callApi, grantsOf } from "./support.ts";

describe("The mail API's drafts", () => {
  let sandbox: Sandbox;
  let grant: string;
  before(async () => {
    sandbox = await startSandbox();
    grant = grantsOf(sandbox).microsoft.id;
  });
  after(() => sandbox.close());
  afterEach(() =>
    Object.assign(sandbox.nylas.behaviour, { signInEnded: "no", messageMaxBytes: Number.MAX_SAFE_INTEGER }),
  );

  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    callApi(sandbox, method, path, body, headers);
  const path = () => `/v3/grants/${grant}/drafts`;
  const one = (id: string) => `${path()}/${encodeURIComponent(id)}`;

  it("may be without recipients until they are sent", async () => {
    const { status, json } = await call("POST", path(), { subject: "Later" });
    assert.deepEqual([status, json.data.object, json.data.created_at], [200, "draft", null]);
    assertError(await call("POST", one(json.data.id), {}), 400);
    await call("PUT", one(json.data.id), { to: [{ email: "a@example.com" }] });
    assert.equal((await call("POST", one(json.data.id), {})).status, 200);
    assert.equal(sandbox.mails[0]?.subject, "Later");
    assertError(await call("POST", one(json.data.id), {}), 404);
  });

  it("have ids that must be percent-encoded", async () => {
    const { json } = await call("POST", path(), {});
    assertError(await call("GET", `${path()}/${json.data.id}`), 404);
    assert.equal((await call("GET", one(json.data.id))).status, 200);
  });

  it("keep their attachments unless a new list comes", async () => {
    const attachment = (filename: string) => ({ filename, content_type: "text/plain", content: "YQ==" });
    const names = ({ json }: Answer) =>
      json.data.attachments.map(({ filename }: { filename: string }) => filename);
    const { json } = await call("POST", path(), { attachments: [attachment("a"), attachment("b")] });
    assert.deepEqual(names(await call("PUT", one(json.data.id), { subject: "New" })), ["a", "b"]);
    assert.deepEqual(names(await call("PUT", one(json.data.id), { attachments: [attachment("c")] })), ["c"]);
    assert.deepEqual(names(await call("PUT", one(json.data.id), { attachments: [] })), []);
  });

  it("know no Idempotency-Key", async () => {
    const key = { "Idempotency-Key": "a draft" };
    const first = await call("POST", path(), { subject: "One" }, key);
    const second = await call("POST", path(), { subject: "Two" }, key);
    assert.notEqual(first.json.data.id, second.json.data.id);
  });

  it("of another grant are not found, nor are deleted ones", async () => {
    const { json } = await call("POST", path(), {});
    const other = `/v3/grants/${grantsOf(sandbox).google.id}/drafts/${encodeURIComponent(json.data.id)}`;
    assertError(await call("GET", other), 404);
    assert.equal((await call("DELETE", one(json.data.id))).status, 200);
    for (const method of ["GET", "PUT", "POST", "DELETE"])
      assertError(await call(method, one(json.data.id), method === "GET" ? undefined : {}), 404);
  });

  it("can neither be changed nor sent nor deleted once the sign-in at the provider has ended", async () => {
    const { json } = await call("POST", path(), { to: [{ email: "a@example.com" }] });
    sandbox.nylas.behaviour.signInEnded = "noticed";
    for (const method of ["PUT", "POST", "DELETE"])
      assertError(await call(method, one(json.data.id), {}), 401);
    assert.equal((await call("GET", "/v3/grants?provider=microsoft")).json.data[0].grant_status, "invalid");
    sandbox.nylas.behaviour.signInEnded = "no";
    assert.equal((await call("POST", one(json.data.id), {})).status, 200);
  });

  it("are refused by the provider when they are sent and too large, and stay", async () => {
    const attachments = [{ filename: "a", content_type: "text/plain", content: "YWJj" }];
    const { json } = await call("POST", path(), { to: [{ email: "a@example.com" }], attachments });
    Object.assign(sandbox.nylas.behaviour, { messageMaxBytes: 2 });
    assertError(await call("POST", one(json.data.id), {}), sandbox.nylas.behaviour.tooLargeStatus);
    assert.equal((await call("GET", one(json.data.id))).status, 200);
  });
});
