import assert from "node:assert/strict";
import { CRC32C } from "@google-cloud/storage";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { completeSession, grid, md5, openSession, sampleBytes, send, until } from "./support.ts";

/** A PUT: its Content-Range or none, its bytes, the status and how much is stored according to the answer's Range. */
type Put = readonly [range: string | null, length: number, status: number, stored?: number];

const content = sampleBytes(1_000_000);
/** By Google's own implementation. */
const crc32c = new CRC32C();
crc32c.update(content);

describe("The storage's resumable protocol", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.close());
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
    Object.assign(sandbox.storage, { oddChunk: "refuse", afterCancel: 499, finished: 200 });
    assert.deepEqual(sandbox.faults.unmet, []);
    sandbox.faults.clear();
  });

  const put = (url: string, range: string | null, length: number, headers: Record<string, string> = {}) => {
    const first = Number(/\d+/.exec(range ?? "")?.[0] ?? 0);
    return send(url, {
      method: "PUT",
      headers: { ...(range === null ? {} : { "Content-Range": range }), ...headers },
      body: content.subarray(first, first + length),
    });
  };

  const cases: readonly (readonly [title: string, ...puts: Put[]])[] = [
    ["takes a whole object in one PUT", [null, 1000, 200]],
    ["takes a whole object with its range", ["bytes 0-999/1000", 1000, 200]],
    ["takes an object with an open end", ["bytes 0-*/1000", 1000, 200]],
    ["takes an object whose end and total are open", ["bytes 0-*/*", 1000, 200]],
    ["takes an empty object", [null, 0, 200]],
    ["takes an empty object by its total", ["bytes */0", 0, 200]],
    [
      "takes chunks on the grid and says how far it is",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes 262144-524287/600000", grid, 308, 2 * grid],
      ["bytes 524288-599999/600000", 75_712, 200],
    ],
    [
      "learns the total with the last chunk",
      ["bytes 0-262143/*", grid, 308, grid],
      ["bytes 262144-299999/300000", 37_856, 200],
    ],
    [
      "finishes a rest of any length in one PUT",
      ["bytes 0-262143/700001", grid, 308, grid],
      ["bytes 262144-700000/700001", 437_857, 200],
    ],
    ["has no Range as long as nothing is stored", ["bytes */1000", 0, 308, 0]],
    [
      "says how far it is without being told the total",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes */*", 0, 308, grid],
    ],
    [
      "says how far it is when asked with the total",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes */600000", 0, 308, grid],
    ],
    [
      "finishes by a probe that names the stored length",
      ["bytes 0-262143/*", grid, 308, grid],
      ["bytes */262144", 0, 200],
    ],
    [
      "cannot finish by a probe that names no total",
      ["bytes 0-262143/*", grid, 308, grid],
      ["bytes */*", 0, 308, grid],
    ],
    [
      "answers a probe of a finished object with the object",
      [null, 1000, 200],
      ["bytes */1000", 0, 200],
      ["bytes */*", 0, 200],
    ],
    ["answers another PUT on a finished object with the object", [null, 1000, 200], [null, 1000, 200]],
    [
      "skips bytes that it has already",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes 100-524387/600000", 524_288, 308, 2 * grid],
    ],
    [
      "skips a chunk that it has already",
      ["bytes 0-524287/600000", 2 * grid, 308, 2 * grid],
      ["bytes 0-262143/600000", grid, 308, 2 * grid],
    ],
    [
      "takes the whole again after a part",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes 0-599999/600000", 600_000, 200],
    ],
    [
      "refuses a gap",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes 524288-599999/600000", 75_712, 400],
      ["bytes */*", 0, 308, grid],
    ],
    [
      "refuses another total in a chunk",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes 262144-524287/600001", grid, 400],
    ],
    [
      "refuses another total in a probe",
      ["bytes 0-262143/600000", grid, 308, grid],
      ["bytes */600001", 0, 400],
    ],
    ["refuses a total below what is stored", ["bytes 0-262143/*", grid, 308, grid], ["bytes */1000", 0, 400]],
    ["refuses a range behind its total", ["bytes 0-999/500", 1000, 400]],
    ["refuses a chunk off the grid", ["bytes 0-999/600000", 1000, 400], ["bytes */*", 0, 308, 0]],
    ["refuses a chunk off the grid of unknown total", ["bytes 0-999/*", 1000, 400]],
    ["refuses a body of another length than its range", ["bytes 0-262143/600000", 1000, 400]],
    [
      "refuses a whole object of another length than declared",
      ["bytes 0-262143/600000", grid, 308, grid],
      [null, 1000, 400],
    ],
    ["refuses a range that runs backwards", ["bytes 500-0/600000", 1, 400]],
    ["refuses a range in other units", ["items 0-1/2", 2, 400]],
    ["refuses a range without a total", ["bytes 0-1", 2, 400]],
    ["refuses a probe with a body", ["bytes */1000", 10, 400]],
    ["keeps the part on the grid of an open end that comes short", ["bytes 0-*/600000", 300_000, 308, grid]],
    ["refuses an open end that runs over its total", ["bytes 0-*/1000", 1500, 400]],
  ];
  for (const [title, ...puts] of cases)
    it(title, async () => {
      const { url } = await openSession(sandbox);
      for (const [range, length, status, stored] of puts) {
        const answer = await put(url, range, length);
        assert.equal(answer.status, status, `${range}: ${answer.text}`);
        if (stored !== undefined)
          assert.equal(answer.headers["range"], stored === 0 ? undefined : `bytes=0-${stored - 1}`);
        if (status === 308) assert.deepEqual([answer.text, answer.headers.location], ["", undefined]);
        if (status === 400) assert.equal(answer.json.error.code, 400);
        if (status === 200) {
          const whole = content.subarray(0, Number(answer.json.size));
          assert.equal(answer.json.md5Hash, md5(whole));
          assert.equal(
            answer.headers["x-goog-hash"],
            `crc32c=${answer.json.crc32c},md5=${answer.json.md5Hash}`,
          );
        }
      }
    });

  it("describes the object with its size as a string and its type from the session", async () => {
    const { url } = await openSession(sandbox);
    const { json } = await send(url, { method: "PUT", body: "123456789" });
    assert.equal(json.kind, "storage#object");
    assert.equal(json.size, "9");
    assert.equal(json.contentType, "application/x-sample");
    // The check value that every description of CRC32C names.
    assert.equal(Buffer.from(json.crc32c, "base64").toString("hex"), "e3069283");
  });

  it("takes a body in chunked transfer encoding", async () => {
    const { url } = await openSession(sandbox);
    const answer = await send(url, { method: "PUT", body: content, chunked: true });
    assert.equal(answer.json.md5Hash, md5(content));
  });

  it("keeps whole steps of a body that breaks off, and takes the rest later", async () => {
    const { url } = await openSession(sandbox);
    const part = content.subarray(0, 600_000);
    await assert.rejects(send(url, { method: "PUT", body: part, announce: content.length }));
    const broken = () => sandbox.requests.find(({ step, path }) => step === "upload" && url.endsWith(path));
    await until(() => broken()?.endedAt !== undefined);
    assert.equal(broken()?.status, undefined);
    const range = (await put(url, "bytes */1000000", 0)).headers["range"];
    const stored = range === undefined ? 0 : Number(range.split("-")[1]) + 1;
    assert.ok(stored <= part.length && stored % grid === 0, `${stored} bytes are stored`);
    const answer = await put(url, `bytes ${stored}-999999/1000000`, content.length - stored);
    assert.deepEqual([answer.status, answer.json.md5Hash], [200, md5(content)]);
  });

  it("lets a new connection take over from one that hangs", async () => {
    const { url } = await openSession(sandbox);
    sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 300_000 });
    const hanging = assert.rejects(put(url, null, content.length));
    await until(() => sandbox.faults.unmet.length === 0);
    const answer = await put(url, null, content.length);
    assert.deepEqual([answer.status, answer.json.md5Hash], [200, md5(content)]);
    await hanging;
  });

  it("keeps the part on the grid of an odd chunk, when switched to", async () => {
    sandbox.storage.oddChunk = "keep";
    const { url } = await openSession(sandbox);
    const answer = await put(url, "bytes 0-299999/600000", 300_000);
    assert.deepEqual([answer.status, answer.headers["range"]], [308, `bytes=0-${grid - 1}`]);
  });

  it("answers 201 instead of 200, when switched to", async () => {
    sandbox.storage.finished = 201;
    const { url } = await openSession(sandbox);
    assert.equal((await put(url, null, 1000)).status, 201);
  });

  it("says 308 in a header to whoever cannot bear the status", async () => {
    const { url } = await openSession(sandbox);
    const answer = await put(url, "bytes 0-262143/600000", grid, { "X-GUploader-No-308": "yes" });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["x-http-status-code-override"], "308");
    assert.equal(answer.headers["range"], `bytes=0-${grid - 1}`);
  });

  for (const [title, header, value, status] of [
    ["accepts a matching MD5", "X-Goog-Hash", `md5=${md5(content)}`, 200],
    ["accepts a matching pair of hashes", "X-Goog-Hash", `crc32c=${crc32c},md5=${md5(content)}`, 200],
    ["refuses a wrong MD5", "X-Goog-Hash", `md5=${md5(Buffer.from("other"))}`, 400],
    ["refuses a wrong CRC32C", "X-Goog-Hash", "crc32c=AAAAAA==", 400],
    ["refuses a wrong Content-MD5", "Content-MD5", md5(Buffer.from("other")), 400],
  ] as const)
    it(`${title} and makes ${status === 200 ? "the" : "no"} object`, async () => {
      const session = await openSession(sandbox, content.length);
      const answer = await put(session.url, null, content.length, { [header]: value });
      assert.equal(answer.status, status, answer.text);
      assert.equal((await completeSession(sandbox, session)).status, status === 200 ? 200 : 422);
      assert.equal((await put(session.url, "bytes */*", 0)).status, status === 200 ? 200 : 410);
    });

  for (const afterCancel of [499, 404] as const)
    it(`answers a DELETE with 499 and whatever comes later with ${afterCancel}`, async () => {
      sandbox.storage.afterCancel = afterCancel;
      const { url } = await openSession(sandbox);
      await put(url, "bytes 0-262143/600000", grid);
      assert.equal((await send(url, { method: "DELETE" })).status, 499);
      assert.equal((await put(url, "bytes */600000", 0)).status, afterCancel);
      assert.equal((await put(url, null, 1000)).status, afterCancel);
    });

  it("does not let a DELETE take a finished object away", async () => {
    const session = await openSession(sandbox, 1000);
    await put(session.url, null, 1000);
    assert.equal((await send(session.url, { method: "DELETE" })).status, 499);
    assert.equal((await completeSession(sandbox, session)).status, 200);
  });

  it("forgets a session after a week", async () => {
    const { url } = await openSession(sandbox);
    await put(url, "bytes 0-262143/600000", grid);
    sandbox.clock.advance(7 * 24 * 3600 * 1000);
    assert.equal((await put(url, "bytes */600000", 0)).status, 404);
  });

  it("knows no session that was made up, and lets nobody start one", async () => {
    const { url } = await openSession(sandbox);
    assert.equal((await put(url.replace(/upload_id=.*/, "upload_id=none"), null, 10)).status, 404);
    assert.equal((await send(url.replace(/&upload_id=.*/, ""), { method: "POST" })).status, 401);
    assert.equal((await send(`${sandbox.storageOrigin}/elsewhere`)).status, 404);
    assert.equal((await send(url)).status, 405);
  });

  it("refuses and records an Authorization that has leaked to it", async () => {
    const { url } = await openSession(sandbox);
    assert.equal((await put(url, null, 1000, { Authorization: "Bearer leaked" })).status, 401);
    assert.equal(sandbox.requests.at(-1)?.headers.authorization, "Bearer leaked");
    assert.equal((await put(url, "bytes */*", 0)).headers["range"], undefined);
  });

  it("records what every request sent and was told", async () => {
    const { url } = await openSession(sandbox);
    await put(url, "bytes 0-262143/600000", grid);
    const record = sandbox.requests.at(-1);
    assert.deepEqual(
      [record?.service, record?.step, record?.method, record?.bytesReceived, record?.status, record?.range],
      ["storage", "upload", "PUT", grid, 308, `bytes=0-${grid - 1}`],
    );
    assert.equal(record?.headers["content-range"], "bytes 0-262143/600000");
  });

  it("lives on another origin than the mail API", () => {
    assert.notEqual(new URL(sandbox.storageOrigin).origin, new URL(sandbox.nylas.apiUri).origin);
    assert.equal(new URL(sandbox.storageOrigin).hostname, "127.0.0.1");
  });
});
