import assert from "node:assert/strict";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  callGraph,
  makeDraft,
  makeSession,
  putAll,
  putRange,
  refusal,
  sendDraft,
  settle,
} from "./graphSupport.ts";
import { sampleBytes, send } from "./support.ts";

/** A PUT: its Content-Range, how many bytes it has, the status, and where to go on or why it is refused. */
type Put = readonly [range: string, length: number, status: number, next?: string];

const size = 1000;
const content = sampleBytes(size);

describe("Graph's upload sessions", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(() => {
    // So that a session takes a kilobyte, and every rule can be tried with few bytes.
    switchTo({ sessionMinBytes: 1 });
  });
  afterEach(() => settle(sandbox));
  after(() => sandbox.close());

  const switchTo = (behaviour: Partial<GraphBehaviour>) => Object.assign(sandbox.graph.behaviour, behaviour);
  const names = async (messageId: string) => {
    const { json } = await callGraph(sandbox, "GET", `/me/messages/${messageId}/attachments?$select=name`);
    return json.value.map(({ name }: { name: string }) => name);
  };

  const cases: readonly (readonly [title: string, ...puts: Put[]])[] = [
    ["take a whole file in one range", ["bytes 0-999/1000", 1000, 201]],
    [
      "take ranges of any length, in order",
      ["bytes 0-0/1000", 1, 200, "1"],
      ["bytes 1-333/1000", 333, 200, "334"],
      ["bytes 334-999/1000", 666, 201],
    ],
    ["refuse a gap", ["bytes 0-99/1000", 100, 200, "100"], ["bytes 200-999/1000", 800, 416, "InvalidRange"]],
    [
      "refuse an overlap",
      ["bytes 0-99/1000", 100, 200, "100"],
      ["bytes 50-999/1000", 950, 416, "InvalidRange"],
      ["bytes 0-99/1000", 100, 416, "InvalidRange"],
      ["bytes 100-999/1000", 900, 201],
    ],
    ["refuse to begin in the middle", ["bytes 100-999/1000", 900, 416, "InvalidRange"]],
    ["refuse another total", ["bytes 0-99/1001", 100, 400, "InvalidContentRange"]],
    ["refuse a total that is left open", ["bytes 0-99/*", 100, 400, "InvalidContentRange"]],
    ["refuse a range behind the end", ["bytes 0-1000/1000", 1001, 400, "InvalidContentRange"]],
    ["refuse a range that is turned around", ["bytes 99-0/1000", 0, 400, "InvalidContentRange"]],
    ["refuse a length that does not fit", ["bytes 0-99/1000", 99, 400, "InvalidContentRange"]],
    ["refuse words", ["all of it", 1000, 400, "InvalidContentRange"]],
    [
      "refuse a range that has been finished",
      ["bytes 0-999/1000", 1000, 201],
      ["bytes 0-999/1000", 1000, 404, "ErrorItemNotFound"],
    ],
  ];
  for (const [title, ...puts] of cases)
    it(title, async () => {
      const { url } = await makeSession(sandbox, size);
      for (const [range, length, status, next] of puts) {
        const first = Number(/\d+/.exec(range)?.[0] ?? 0);
        const body = Buffer.concat([content, content]).subarray(first, first + length);
        const answer = await send(url, { method: "PUT", headers: { "Content-Range": range }, body });
        const told =
          answer.text === "" ? undefined : (answer.json.nextExpectedRanges?.[0] ?? answer.json.error.code);
        assert.deepEqual([answer.status, told], [status, next], range);
      }
    });

  it("need a Content-Length", async () => {
    const { url } = await makeSession(sandbox, size);
    const headers = { "Content-Range": "bytes 0-999/1000" };
    assert.equal((await send(url, { method: "PUT", headers, body: content, chunked: true })).status, 411);
  });

  it("end with 201, no body, and a Location that names the attachment", async () => {
    switchTo({ locationId: "asked" });
    const session = await makeSession(sandbox, size);
    const last = await putAll(session, content);
    assert.deepEqual([last.status, last.text, last.headers["content-length"]], [201, "", "0"]);
    const [, id] = /Attachments\('([^']+)'\)$/.exec(last.headers.location ?? "") ?? [];
    const path = `/me/messages/${session.messageId}/attachments`;
    const { json } = await callGraph(sandbox, "GET", `${path}/${id}`, undefined, {
      Prefer: 'IdType="ImmutableId"',
    });
    assert.deepEqual([json.id, json.name], [id, "sample.bin"]);
    assert.ok(json.size > size);
    assert.equal((await callGraph(sandbox, "GET", `${path}/${id}/$value`)).text, content.toString());
  });

  for (const [casing, expiry, ranges] of [
    ["documented", "ExpirationDateTime", "nextExpectedRanges"],
    ["camel", "expirationDateTime", "nextExpectedRanges"],
    ["pascal", "ExpirationDateTime", "NextExpectedRanges"],
  ] as const)
    for (const [nextRange, value] of [
      ["N", "100"],
      ["N-", "100-"],
      ["N-M", "100-999"],
    ] as const)
      it(`spell ${ranges} beside ${expiry}, with "${value}" in it`, async () => {
        switchTo({ casing, nextRange });
        const session = await makeSession(sandbox, size);
        for (const { status, json } of [await putRange(session, content, 0, 100), await send(session.url)]) {
          assert.deepEqual([status, json[ranges]], [200, [value]]);
          assert.match(json[expiry], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
          assert.equal(json.uploadUrl, undefined);
        }
      });

  for (const wrongRange of [416, 400, 200] as const)
    it(`answer a repeated range with ${wrongRange} and go on`, async () => {
      switchTo({ wrongRange });
      const session = await makeSession(sandbox, size);
      await putRange(session, content, 0, 100);
      assert.equal((await putRange(session, content, 0, 100)).status, wrongRange);
      assert.equal((await putRange(session, content, 100)).status, 201);
    });

  for (const sessionStatus of [404, 405] as const)
    it(`answer a GET with ${sessionStatus} where it is not to be had`, async () => {
      switchTo({ sessionStatus });
      const session = await makeSession(sandbox, size);
      assert.equal((await send(session.url)).status, sessionStatus);
      assert.equal((await putAll(session, content)).status, 201);
    });

  for (const gone of [404, 410] as const) {
    it(`answer ${gone} after a DELETE`, async () => {
      switchTo({ gone });
      const session = await makeSession(sandbox, size);
      await putRange(session, content, 0, 100);
      const deleted = await send(session.url, { method: "DELETE" });
      assert.deepEqual([deleted.status, deleted.text], [204, ""]);
      assert.equal((await putRange(session, content, 100)).status, gone);
      assert.equal((await send(session.url, { method: "DELETE" })).status, gone);
      assert.deepEqual(await names(session.messageId), []);
    });
    it(`answer ${gone} after two hours, which no range prolongs`, async () => {
      switchTo({ gone });
      const session = await makeSession(sandbox, size);
      sandbox.clock.advance(7_100_000);
      assert.equal((await putRange(session, content, 0, 100)).status, 200);
      sandbox.clock.advance(100_000);
      assert.equal((await putRange(session, content, 100)).status, gone);
    });
  }

  it("answer 404 while they are young, if so switched", async () => {
    switchTo({ sessionYouthMs: 5000 });
    const session = await makeSession(sandbox, size);
    assert.equal((await putAll(session, content)).status, 404);
    sandbox.clock.advance(5000);
    assert.equal((await putAll(session, content)).status, 201);
  });

  it("refuse a bearer, and an address that was not handed out so", async () => {
    const session = await makeSession(sandbox, size);
    const bearer = { Authorization: `Bearer ${sandbox.graph.accessToken}` };
    assert.deepEqual(refusal(await send(session.url, { headers: bearer })), [
      401,
      "InvalidAudienceForResource",
    ]);
    assert.equal((await send(session.url.replaceAll("'", "%27"))).status, 401);
    assert.equal((await send(session.url.slice(0, -1))).status, 401);
    assert.equal((await send(`${sandbox.graph.uploadOrigin}/api/gv1.0/other`)).status, 404);
    assert.equal((await send(session.url)).status, 200);
  });

  it("go with their draft, sent or deleted", async () => {
    for (const leave of [
      (id: string) => callGraph(sandbox, "DELETE", `/me/messages/${id}`),
      (id: string) => sendDraft(sandbox, id),
    ]) {
      const session = await makeSession(sandbox, size);
      assert.equal((await putRange(session, content, 0, 100)).status, 200);
      assert.ok((await leave(session.messageId)).status < 300);
      assert.equal((await putRange(session, content, 100)).status, 404);
    }
  });

  for (const [title, bytes, status, code] of [
    ["less than 3 MB", 3 * 1024 * 1024 - 1, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"],
    ["just 3 MB", 3 * 1024 * 1024, 201, undefined],
    ["just 150 MB", 150 * 1024 * 1024, 201, undefined],
    ["more than 150 MB", 150 * 1024 * 1024 + 1, 413, "ErrorAttachmentSizeLimitExceeded"],
  ] as const)
    it(`answer ${status} to whoever wants one for ${title}`, async () => {
      switchTo({ sessionMinBytes: 3 * 1024 * 1024 });
      const path = `/me/messages/${(await makeDraft(sandbox)).id}/attachments/createUploadSession`;
      const body = { AttachmentItem: { attachmentType: "file", name: "a.bin", size: bytes } };
      assert.deepEqual(refusal(await callGraph(sandbox, "POST", path, body)), [status, code]);
    });

  it("take ranges of four million bytes and no more", async () => {
    const large = sampleBytes(8_000_001);
    const session = await makeSession(sandbox, large.length);
    assert.equal((await putRange(session, large, 0, 4_000_001)).status, 413);
    assert.equal((await putRange(session, large, 0, 4_000_000)).status, 200);
    switchTo({ rangeBytes: 4_000_001 });
    assert.equal((await putRange(session, large, 4_000_000)).status, 200);
  });

  it("fail in the middle when the message becomes too large", async () => {
    switchTo({ messageMaxBytes: 1500 });
    const first = await makeSession(sandbox, size);
    assert.equal((await putAll(first, content)).status, 201);
    const second = await makeSession(sandbox, size, { messageId: first.messageId });
    assert.equal((await putRange(second, content, 0, 500)).status, 200);
    assert.deepEqual(refusal(await putRange(second, content, 500)), [413, "ErrorMessageSizeExceeded"]);
    assert.deepEqual(await names(first.messageId), ["sample.bin"]);
    switchTo({ messageMaxBytes: 500, messageTooLarge: 400 });
    assert.deepEqual(refusal(await sendDraft(sandbox, first.messageId)), [400, "ErrorMessageSizeExceeded"]);
  });
});
