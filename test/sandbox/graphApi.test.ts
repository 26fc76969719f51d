import assert from "node:assert/strict";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import { graphUsers } from "../../src/sandbox/graph/graphUsers.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callGraph, immutable, makeDraft, recipient, refusal, sendDraft, settle } from "./graphSupport.ts";
import { sampleBytes, send } from "./support.ts";

const [me, team] = graphUsers;

describe("Graph's API", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => settle(sandbox));
  after(() => sandbox.close());

  const get = (path: string, headers?: Record<string, string>) =>
    callGraph(sandbox, "GET", path, undefined, headers);
  const post = (path: string, json: unknown) => callGraph(sandbox, "POST", path, json);
  const switchTo = (behaviour: Partial<GraphBehaviour>) => Object.assign(sandbox.graph.behaviour, behaviour);
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const file = (length: number, more = {}) => ({
    "@odata.type": "#microsoft.graph.fileAttachment",
    name: "small.bin",
    contentBytes: sampleBytes(length).toString("base64"),
    ...more,
  });

  it("tells who is signed in, with what was selected", async () => {
    const { status, json } = await get("/me?$select=id,mail,userPrincipalName,displayName");
    const { "@odata.context": context, ...user } = json;
    assert.match(context, /\/v1\.0\/\$metadata$/);
    const { id, mail, displayName } = me;
    assert.deepEqual([status, user], [200, { id, mail, userPrincipalName: mail, displayName }]);
    assert.equal((await get(`/users/${mail}`)).json.id, id);
    assert.deepEqual(refusal(await get("/users/nobody@example.com")), [404, "ErrorInvalidUser"]);
    assert.deepEqual(refusal(await get("/me?$select=shoeSize")), [400, "RequestBroker--ParseUri"]);
  });

  it("has tokens that say when they end, and refuses them from then on", async () => {
    const token = sandbox.graph.issueToken({ lifeMs: 3_600_000 });
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    assert.equal(claims.exp - claims.iat, 3600);
    assert.match(claims.scp, /\bMail\.ReadWrite\b.*\bMail\.Send\b/);
    assert.equal(claims.upn, me.mail);
    assert.equal((await get("/me", bearer(token))).status, 200);
    sandbox.clock.advance(3_601_000);
    assert.deepEqual(refusal(await get("/me", bearer(token))), [401, "InvalidAuthenticationToken"]);
  });

  for (const [title, headers] of [
    ["no token", { Authorization: "" }],
    ["a token that is none", bearer("abc")],
    ["another's token", bearer("e30.eyJleHAiOjk5OTk5OTk5OTl9.c2lnbmVk")],
  ] as const)
    it(`refuses ${title}, wherever it leads`, async () => {
      for (const path of ["/me", "/nowhere"])
        assert.deepEqual(refusal(await get(path, headers)), [401, "InvalidAuthenticationToken"]);
    });

  for (const [scope, method, path] of [
    ["User.Read", "GET", "/me"],
    ["Mail.ReadWrite", "POST", "/me/messages"],
    ["Mail.Send", "POST", "/me/messages/x/send"],
    ["Calendars.ReadWrite", "POST", "/me/events/x/attachments/createUploadSession"],
    ["Mail.ReadWrite.Shared", "POST", `/users/${team?.mail}/messages`],
    ["Mail.Send.Shared", "POST", `/users/${team?.mail}/messages/x/send`],
  ] as const)
    it(`wants ${scope} for ${method} ${path}`, async () => {
      const all =
        "User.Read Mail.ReadWrite Mail.Send Calendars.ReadWrite Mail.ReadWrite.Shared Mail.Send.Shared";
      const others = all.split(" ").filter((one) => one !== scope);
      const call = (scopes: string[]) =>
        callGraph(sandbox, method, path, undefined, bearer(sandbox.graph.issueToken({ scopes })));
      assert.deepEqual(refusal(await call(others)), [403, "ErrorAccessDenied"]);
      assert.notEqual((await call([scope])).status, 403);
    });

  for (const innerError of ["innerError", "innererror"] as const)
    it(`names both request ids, in errors inside ${innerError}`, async () => {
      switchTo({ innerError });
      const { headers, json } = await get("/me/messages/AAMkNone=", { "client-request-id": "mine" });
      assert.deepEqual([json.error.code, headers["client-request-id"]], ["ErrorItemNotFound", "mine"]);
      const inner = json.error[innerError];
      assert.deepEqual([inner["client-request-id"], inner["request-id"]], ["mine", headers["request-id"]]);
    });

  it("keeps immutable ids when a message moves, and no others", async () => {
    const draft = await makeDraft(sandbox);
    const ordinary = (await get(`/me/messages/${draft.id}?$select=id`)).json.id;
    assert.notEqual(ordinary, draft.id);
    assert.equal((await get(`/me/messages/${ordinary}`, immutable)).json.id, draft.id);
    assert.equal((await get(`/me/messages/${ordinary.toLowerCase().replace("a", "A")}`)).status, 404);
    assert.equal((await sendDraft(sandbox, ordinary)).status, 202);
    assert.deepEqual(refusal(await get(`/me/messages/${ordinary}`)), [404, "ErrorItemNotFound"]);
    const sent = (await get(`/me/messages/${draft.id}?$select=isDraft,parentFolderId`)).json;
    assert.equal(sent.isDraft, false);
    assert.equal(sent.parentFolderId, (await get("/me/mailFolders/sentitems")).json.id);
    assert.deepEqual(refusal(await get("/me/messages/x y")), [400, "ErrorInvalidIdMalformed"]);
  });

  it("finds a message by its Internet id, in its folder only", async () => {
    const draft = await makeDraft(sandbox, { subject: "Looked for" });
    await makeDraft(sandbox);
    const found = async (folder: string) => {
      const filter = encodeURIComponent(`internetMessageId eq '${draft.internetMessageId}'`);
      const answer = await get(`/me/${folder}messages?$filter=${filter}&$select=subject&$top=5`);
      return answer.json.value.map(({ subject }: { subject: string }) => subject);
    };
    assert.deepEqual(await found("mailFolders/drafts/"), ["Looked for"]);
    assert.deepEqual(await found("mailFolders/sentitems/"), []);
    await sendDraft(sandbox, draft.id);
    assert.deepEqual(await found("mailFolders/drafts/"), []);
    assert.deepEqual(await found("mailFolders/SentItems/"), ["Looked for"]);
    assert.deepEqual(await found(""), ["Looked for"]);
  });

  it("lists page by page, and refuses options that it does not know", async () => {
    for (const subject of ["b", "a", "c"]) await makeDraft(sandbox, { subject, categories: ["pages"] });
    const subjects: string[] = [];
    let next: string | undefined =
      `/me/messages?$filter=${encodeURIComponent("categories/any(c:c eq 'pages') and isDraft eq true")}&$orderby=subject&$top=2`;
    for (let pages = 0; next !== undefined; pages += 1) {
      assert.ok(pages < 2);
      const { json } = await get(next);
      for (const { subject } of json.value) subjects.push(subject);
      next = json["@odata.nextLink"]?.slice(`${sandbox.graph.baseUrl}/v1.0`.length);
    }
    assert.deepEqual(subjects, ["a", "b", "c"]);
    assert.equal((await get("/me/messages?$search=x")).status, 400);
    assert.equal((await get("/me/messages?$filter=subject")).status, 400);
  });

  it("changes and deletes drafts, and refuses what makes no message", async () => {
    const { id } = await makeDraft(sandbox);
    const changed = await callGraph(sandbox, "PATCH", `/me/messages/${id}`, { subject: "Changed" });
    assert.deepEqual([changed.status, changed.json.subject], [200, "Changed"]);
    assert.equal((await callGraph(sandbox, "DELETE", `/me/messages/${id}`)).status, 204);
    assert.deepEqual(refusal(await sendDraft(sandbox, id)), [404, "ErrorItemNotFound"]);
    const header = { internetMessageHeaders: [{ name: "List-Id", value: "x" }] };
    assert.deepEqual(refusal(await post("/me/messages", header)), [400, "InvalidInternetMessageHeader"]);
    assert.deepEqual(refusal(await post("/me/messages", { to: [] })), [400, "RequestBodyRead"]);
    assert.equal((await send(`${sandbox.graph.baseUrl}/beta/me`)).status, 401);
    assert.equal((await callGraph(sandbox, "PUT", "/me/messages")).status, 405);
    assert.equal((await get("/you")).status, 400);
  });

  it("refuses to send to nobody, as somebody else, with a body, or twice", async () => {
    const nobody = await makeDraft(sandbox, { toRecipients: [] });
    assert.deepEqual(refusal(await sendDraft(sandbox, nobody.id)), [400, "ErrorInvalidRecipients"]);
    const other = await makeDraft(sandbox, { from: recipient("boss@example.com") });
    assert.deepEqual(refusal(await sendDraft(sandbox, other.id)), [403, "ErrorSendAsDenied"]);
    const { id } = await makeDraft(sandbox);
    assert.equal((await post(`/me/messages/${id}/send`, {})).status, 400);
    const sent = await sendDraft(sandbox, id);
    assert.deepEqual([sent.status, sent.text], [202, ""]);
    assert.equal((await sendDraft(sandbox, id)).status, 400);
  });

  it("takes small files in one request, up to its limits", async () => {
    const path = `/me/messages/${(await makeDraft(sandbox)).id}/attachments`;
    const added = await post(path, file(1000, { contentType: "image/png", isInline: true, contentId: "c1" }));
    assert.deepEqual([added.status, added.json.isInline, added.json.contentId], [201, true, "c1"]);
    assert.equal((await post(path, file(3 * 1024 * 1024))).status, 413);
    assert.deepEqual(refusal(await post(path, { name: "a", contentBytes: "" })), [400, "RequestBodyRead"]);
    switchTo({ messageMaxBytes: 1999 });
    assert.deepEqual(refusal(await post(path, file(1000))), [413, "ErrorMessageSizeExceeded"]);
    assert.equal((await get(path)).json.value.length, 1);
    assert.equal((await callGraph(sandbox, "DELETE", `${path}/${added.json.id}`)).status, 204);
    assert.deepEqual((await get(path)).json.value, []);
  });

  it("is switched from another process as well", async () => {
    const headers = { "Content-Type": "application/json" };
    const pull = (graph: unknown) =>
      send(sandbox.control, { method: "POST", headers, body: JSON.stringify({ graph }) });
    assert.equal((await pull({ casing: "pascal" })).json.graph.casing, "pascal");
    assert.deepEqual([sandbox.graph.behaviour.casing, sandbox.graph.behaviour.nextRange], ["pascal", "N"]);
    assert.equal((await pull({ casing: "snake" })).status, 400);
  });

  it("has drafts in a shared mailbox, but sessions there only where they are allowed", async () => {
    const owner = `/users/${team?.mail}`;
    const { id } = await makeDraft(sandbox, {}, owner);
    assert.equal((await get(`/me/messages/${id}`)).status, 404);
    const body = { AttachmentItem: { attachmentType: "file", name: "a.bin", size: 5_000_000 } };
    const probe = () => post(`${owner}/messages/${id}/attachments/createUploadSession`, body);
    assert.deepEqual(refusal(await probe()), [403, "ErrorAccessDenied"]);
    switchTo({ sharedSessions: "allow" });
    assert.equal((await probe()).status, 201);
  });
});
