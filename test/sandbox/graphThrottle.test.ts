import assert from "node:assert/strict";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callGraph, makeDraft, makeSession, putAll, putRange, refusal } from "./graphSupport.ts";
import { sampleBytes, send, until } from "./support.ts";

const size = 1000;
const content = sampleBytes(size);

describe("Graph's throttle", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
    switchTo({ sessionMinBytes: 1 });
  });
  afterEach(() => sandbox.close());
  const switchTo = (behaviour: Partial<GraphBehaviour>) => Object.assign(sandbox.graph.behaviour, behaviour);
  const list = () => callGraph(sandbox, "GET", "/me/messages");

  it("lets pass whatever comes, unless it is switched on", async () => {
    switchTo({ incomingBytes: 1, concurrentRequests: 1 });
    assert.equal((await putAll(await makeSession(sandbox, size), content)).status, 201);
  });

  it("has the numbers of the real one", () => {
    const { concurrentRequests, incomingBytes } = sandbox.graph.behaviour;
    assert.deepEqual([concurrentRequests, incomingBytes], [4, 150_000_000]);
  });

  it("refuses the fifth request at once, and whatever goes to the upload host counts", async () => {
    switchTo({ throttling: true, retryAfter: "none" });
    const session = await makeSession(sandbox, size);
    sandbox.faults.arm(
      { step: "look", fault: "delay", ms: 60_000, times: 3 },
      { step: "upload", fault: "delay", ms: 60_000 },
    );
    const hanging = [list(), list(), list(), putRange(session, content, 0)].map((one) => one.catch(() => {}));
    await until(() => sandbox.faults.unmet.length === 0);
    for (const answer of [await list(), await send(session.url)]) {
      assert.deepEqual(refusal(answer), [429, "ApplicationThrottled"]);
      assert.equal(answer.json.error.message, "Application is over its MailboxConcurrency limit.");
      assert.equal(answer.headers["retry-after"], undefined);
    }
    await sandbox.close();
    await Promise.all(hanging);
  });

  for (const retryAfter of ["seconds", "date", "none"] as const)
    it(`counts the bytes of five minutes, and says with "${retryAfter}" when to come back`, async () => {
      const session = await makeSession(sandbox, size);
      const one = await putRange(session, content, 0, 400);
      assert.equal(one.status, 200);
      sandbox.clock.advance(60_000);
      const before = sandbox.requests.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
      // What was sent before counts as well: 400 bytes and the JSON of draft and session.
      switchTo({ throttling: true, incomingBytes: before + 300, retryAfter });
      assert.equal((await putRange(session, content, 400, 700)).status, 200);
      const refused = await putRange(session, content, 700, 1000);
      assert.deepEqual(refusal(refused), [429, "ApplicationThrottled"]);
      assert.equal(refused.json.error.message, "Application is over its IncomingBytes limit.");
      const header = refused.headers["retry-after"];
      // Of six minutes' worth the first minute is forgotten in four.
      const waitMs =
        retryAfter === "date" ? Date.parse(header ?? "") - sandbox.clock.now() : Number(header) * 1000;
      if (retryAfter === "none") assert.equal(header, undefined);
      else assert.ok(waitMs > 235_000 && waitMs <= 241_000, header);
      assert.equal((await list()).status, 200);
      sandbox.clock.advance(241_000);
      assert.equal((await putRange(session, content, 700, 1000)).status, 201);
    });

  it("counts each mailbox by itself", async () => {
    const { id } = await makeDraft(sandbox);
    switchTo({ throttling: true, incomingBytes: 1 });
    assert.equal((await callGraph(sandbox, "PATCH", `/me/messages/${id}`, { subject: "x" })).status, 429);
    switchTo({ incomingBytes: 400 });
    await makeDraft(sandbox, {}, "/users/team@freight-mail.example");
    assert.equal((await callGraph(sandbox, "PATCH", `/me/messages/${id}`, { subject: "x" })).status, 200);
  });
});
