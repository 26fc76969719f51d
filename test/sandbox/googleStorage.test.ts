import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { IdempotencyStrategy, Storage } from "@google-cloud/storage";
import { request } from "gaxios";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { completeSession, grid, MiB, md5, openSession, type Session, sampleBytes } from "./support.ts";

describe("Google's own storage client", () => {
  const content = sampleBytes(9 * MiB + 12_345);
  let sandbox: Sandbox;
  let session: Session;
  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(async () => {
    session = await openSession(sandbox, content.length);
  });
  afterEach(async () => {
    assert.deepEqual(sandbox.faults.unmet, []);
    sandbox.faults.clear();
    const stored = await completeSession(sandbox, session);
    assert.equal(stored.json.data.status, "ready");
    const uploads = sandbox.requests.filter(({ service }) => service === "storage");
    assert.deepEqual(
      uploads.filter(({ headers }) => headers.authorization !== undefined),
      [],
    );
  });
  after(() => sandbox.close());

  /** A write stream to the session that somebody else has started, as a client of Nylas has it. */
  const writeStream = (options: { chunkSize?: number; offset?: number } = {}) => {
    const client = new Storage({
      apiEndpoint: sandbox.storageOrigin,
      projectId: "practice",
      // In seconds; its usual waits would make this a test of patience.
      retryOptions: { maxRetryDelay: 0.05, idempotencyStrategy: IdempotencyStrategy.RetryAlways },
    });
    const file = client.bucket("nylas-attachment-uploads").file("any");
    return file.createWriteStream({ resumable: true, uri: session.url, validation: true, ...options });
  };
  const pieces = () =>
    Readable.from(
      (function* () {
        for (let at = 0; at < content.length; at += 64 * 1024) yield content.subarray(at, at + 64 * 1024);
      })(),
    );
  const puts = () =>
    sandbox.requests.filter(
      ({ path, step }) => session.url.endsWith(path) && (step === "upload" || step === "probe"),
    );

  it("uploads in one request and finds its own checksums in the answer", async () => {
    await pipeline(pieces(), writeStream());
    assert.deepEqual(
      puts().map(({ step, headers, bytesReceived, status }) => [
        step,
        headers["content-range"],
        bytesReceived,
        status,
      ]),
      [
        ["probe", "bytes */*", 0, 308],
        ["upload", "bytes 0-*/*", content.length, 200],
      ],
    );
  });

  it("uploads in chunks and goes on where the storage says", async () => {
    await pipeline(pieces(), writeStream({ chunkSize: 4 * MiB }));
    assert.deepEqual(
      puts().map(({ status, range }) => [status, range]),
      [
        [308, undefined],
        [308, `bytes=0-${4 * MiB - 1}`],
        [308, `bytes=0-${8 * MiB - 1}`],
        [200, undefined],
      ],
    );
  });

  it("goes on after a connection that broke in the middle of a chunk", async () => {
    sandbox.faults.arm({ step: "upload", fault: "resetMidBody", skip: 1, afterBytes: 3 * grid + 1000 });
    await pipeline(pieces(), writeStream({ chunkSize: 4 * MiB }));
    const resumed = puts().findIndex(({ fault }) => fault === "resetMidBody") + 1;
    assert.deepEqual(
      puts()
        .slice(resumed, resumed + 2)
        .map(({ step, range }) => [step, range]),
      [
        ["probe", `bytes=0-${4 * MiB + 3 * grid - 1}`],
        ["upload", `bytes=0-${8 * MiB + 3 * grid - 1}`],
      ],
    );
  });

  it("goes on after an answer that was lost when the bytes were safe", async () => {
    sandbox.faults.arm({ step: "upload", fault: "dropReplyAfterCommit", skip: 1 });
    await pipeline(pieces(), writeStream({ chunkSize: 4 * MiB }));
    assert.equal(puts().at(-1)?.status, 200);
  });

  it("sends the rest of a chunk of which the storage kept a part", async () => {
    sandbox.faults.arm({ step: "upload", fault: "keepFewerBytes", bytes: 2 * grid + 5 });
    await pipeline(pieces(), writeStream({ chunkSize: 4 * MiB }));
    assert.equal(puts()[1]?.range, `bytes=0-${2 * grid - 1}`);
    assert.equal(puts()[2]?.headers["content-range"], `bytes ${2 * grid}-${4 * MiB + 2 * grid - 1}/*`);
  });

  it("waits out a storage that is busy", async () => {
    sandbox.faults.arm({ step: "upload", fault: "refuse", status: 503, times: 2 });
    await pipeline(pieces(), writeStream({ chunkSize: 4 * MiB }));
    assert.equal(puts().filter(({ status }) => status === 503).length, 2);
  });

  it("takes up an upload that another program has begun", async () => {
    const first = await request<unknown>({
      url: session.url,
      method: "PUT",
      headers: { "Content-Range": `bytes 0-${8 * grid - 1}/${content.length}` },
      body: content.subarray(0, 8 * grid),
      validateStatus: () => true,
    });
    assert.equal(first.status, 308);
    await pipeline(pieces(), writeStream());
    assert.equal(puts().at(-1)?.bytesReceived, content.length - 8 * grid);
  });

  it("has its HTTP layer read a 308 as an answer and not as a redirect", async () => {
    const answer = await request<{ md5Hash: string; size: string }>({
      url: session.url,
      method: "PUT",
      headers: { "Content-Range": `bytes */${content.length}` },
      validateStatus: (status) => status === 308,
    });
    assert.equal(answer.headers.get("range"), null);
    const whole = await request<{ md5Hash: string; size: string }>({
      url: session.url,
      method: "PUT",
      body: content,
    });
    assert.deepEqual([whole.data.size, whole.data.md5Hash], [String(content.length), md5(content)]);
  });
});
