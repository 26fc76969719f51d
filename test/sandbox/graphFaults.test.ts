import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  callGraph,
  type GraphSession,
  makeDraft,
  makeSession,
  putAll,
  putRange,
  sendDraft,
  settle,
} from "./graphSupport.ts";
import { sampleBytes, send, sha256, until } from "./support.ts";

const size = 1_000_000;
const content = sampleBytes(size);
/** The code depends on whether the client was still writing; that there is no answer is what counts. */
const noAnswer = (reason: unknown) => /ECONNRESET|EPIPE|socket hang up|aborted/.test(String(reason));

describe("Faults on Graph", () => {
  let sandbox: Sandbox;
  let session: GraphSession;
  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(async () => {
    sandbox.graph.behaviour.sessionMinBytes = 1;
    session = await makeSession(sandbox, size);
  });
  afterEach(() => settle(sandbox));
  after(() => sandbox.close());

  const arm = (...faults: Fault[]) => sandbox.faults.arm(...faults);
  /** Where the session goes on; undefined when it takes nothing any more. */
  const next = async () => {
    const { status, json } = await send(session.url);
    return status === 200 ? Number(json.nextExpectedRanges[0]) : undefined;
  };
  const attached = async () => {
    const { json } = await callGraph(sandbox, "GET", `/me/messages/${session.messageId}/attachments`);
    return json.value.length;
  };

  const message = () => `/me/messages/${session.messageId}`;
  const small = { "@odata.type": "#microsoft.graph.fileAttachment", name: "a", contentBytes: "YQ==" };
  for (const [step, request] of [
    ["account", () => callGraph(sandbox, "GET", "/me")],
    ["draft", () => callGraph(sandbox, "POST", "/me/messages", {})],
    ["draft", () => callGraph(sandbox, "PATCH", message(), {})],
    ["look", () => callGraph(sandbox, "GET", message())],
    ["look", () => callGraph(sandbox, "GET", "/me/mailFolders/sentitems/messages")],
    ["look", () => callGraph(sandbox, "GET", `${message()}/attachments`)],
    ["look", () => callGraph(sandbox, "GET", "/me/events")],
    ["attach", () => callGraph(sandbox, "POST", `${message()}/attachments`, small)],
    ["create", () => callGraph(sandbox, "POST", `${message()}/attachments/createUploadSession`, {})],
    ["upload", () => putRange(session, content, 0)],
    ["probe", () => send(session.url)],
    ["cancel", () => send(session.url, { method: "DELETE" })],
    ["send", () => sendDraft(sandbox, session.messageId)],
    ["discard", () => callGraph(sandbox, "DELETE", message())],
  ] as const)
    it(`refuse at ${step}, in the words of Graph, and then no more: ${request}`, async () => {
      arm({ step, fault: "refuse", status: 503, retryAfter: 4 });
      const refused = await request();
      assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "4"]);
      assert.deepEqual(Object.keys(refused.json.error), ["code", "message", "innerError"]);
      assert.notEqual((await request()).status, 503);
    });

  for (const [title, fault] of [
    ["before the body", { fault: "resetBeforeBody" }],
    ["in the body", { fault: "resetMidBody", afterBytes: 300_000 }],
    ["by a gateway in the body", { fault: "refuse", status: 502, afterBytes: 300_000 }],
  ] as const)
    for (const brokenRange of ["drop", "keep"] as const)
      it(`lose a range ${title}, of which the service may ${brokenRange} what came`, async () => {
        sandbox.graph.behaviour.brokenRange = brokenRange;
        assert.equal((await putRange(session, content, 0, 400_000)).status, 200);
        arm({ step: "upload", ...fault });
        await putRange(session, content, 400_000).then(
          ({ status }) => assert.equal(status, 502),
          (reason) => assert.ok(noAnswer(reason), String(reason)),
        );
        await until(() => sandbox.requests.at(-1)?.endedAt !== undefined);
        const kept = brokenRange === "keep" && title !== "before the body" ? 300_000 : 0;
        assert.equal(await next(), 400_000 + kept);
        assert.equal((await putRange(session, content, 400_000 + kept)).status, 201);
      });

  it("keep fewer bytes than came, also of the last range", async () => {
    arm({ step: "upload", fault: "keepFewerBytes", bytes: 700_001 });
    const answer = await putRange(session, content, 0);
    assert.deepEqual([answer.status, answer.json.nextExpectedRanges], [200, ["700001"]]);
    assert.equal(await attached(), 0);
    assert.equal((await putRange(session, content, 700_001)).status, 201);
  });

  it("forget what was there", async () => {
    await putRange(session, content, 0, 500_000);
    arm({ step: "probe", fault: "forgetBytes", bytes: 123_456 });
    assert.equal(await next(), 123_456);
    assert.equal((await putRange(session, content, 123_456)).status, 201);
  });

  it("store another byte than came", async () => {
    arm({ step: "upload", fault: "corruptBytes" });
    assert.equal((await putAll(session, content)).status, 201);
    await sendDraft(sandbox, session.messageId);
    assert.notEqual(sandbox.mails[0]?.attachments[0]?.sha256, sha256(content));
  });

  it("lose the answer to a range, and to the last one", async () => {
    arm({ step: "upload", fault: "dropReplyAfterCommit", times: 2 });
    await assert.rejects(putRange(session, content, 0, 500_000), noAnswer);
    assert.equal(await next(), 500_000);
    await assert.rejects(putRange(session, content, 500_000), noAnswer);
    assert.equal(await next(), undefined);
    assert.equal(await attached(), 1);
  });

  it("let the session end in the middle", async () => {
    arm({ step: "upload", fault: "timePasses", ms: 7_200_000 });
    assert.equal((await putRange(session, content, 0)).status, 404);
  });

  it("answer with a page, nothing, half of it, or something else", async () => {
    const draft = () => callGraph(sandbox, "POST", "/me/messages", {});
    arm(
      { step: "draft", fault: "htmlBody" },
      { step: "draft", fault: "emptyBody" },
      { step: "draft", fault: "otherBody", json: { id: 1 } },
      { step: "draft", fault: "truncatedBody" },
    );
    assert.match((await draft()).text, /^<!DOCTYPE html>/);
    assert.equal((await draft()).text, "");
    assert.deepEqual((await draft()).json, { id: 1 });
    await assert.rejects(draft(), noAnswer);
  });

  it("hold a range at a byte, until it is released", async () => {
    arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const hanging = putRange(session, content, 0);
    await until(() => sandbox.faults.unmet.length === 0);
    assert.equal(sandbox.requests.at(-1)?.bytesReceived, 100_000);
    assert.equal(await next(), 0);
    sandbox.faults.release();
    assert.equal((await hanging).status, 201);
  });

  it("stall, and take a body slowly", async () => {
    arm(
      { step: "upload", fault: "stall", afterBytes: 100_000 },
      { step: "upload", fault: "slow", bytesPerSecond: 1 },
    );
    const stalled = putRange(session, content, 0).catch(() => {});
    await until(() => sandbox.faults.unmet.length === 1);
    // A client that comes back on a new connection ends the old one.
    const slow = putRange(session, content, 0).catch(() => {});
    await until(() => sandbox.faults.unmet.length === 0);
    await stalled;
    assert.equal((await putRange(session, content, 0)).status, 201);
    await slow;
  });

  it("deny a mail that went out", async () => {
    const before = sandbox.deliveries;
    arm({ step: "send", fault: "refuse", status: 504, afterCommit: true });
    assert.equal((await sendDraft(sandbox, session.messageId)).status, 504);
    assert.equal((await callGraph(sandbox, "GET", message())).json.isDraft, false);
    assert.equal(sandbox.deliveries, before + 1);
  });

  it("lose the answer to a mail that went out, and to a draft that was made", async () => {
    const before = sandbox.deliveries;
    arm({ step: "send", fault: "dropReplyAfterCommit" }, { step: "draft", fault: "dropReplyAfterCommit" });
    await assert.rejects(sendDraft(sandbox, session.messageId), noAnswer);
    assert.equal(sandbox.deliveries, before + 1);
    await assert.rejects(makeDraft(sandbox, { subject: "Orphan" }), noAnswer);
    const { json } = await callGraph(sandbox, "GET", "/me/messages?$filter=subject%20eq%20'Orphan'");
    assert.equal(json.value.length, 1);
  });
});
