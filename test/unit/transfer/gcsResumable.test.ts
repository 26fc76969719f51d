import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../../src/base/errors.ts";
import { isTransient } from "../../../src/net/retry.ts";
import { GcsResumable } from "../../../src/transfer/gcsResumable.ts";
import { sample } from "../../support/files.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";

const KB = 1024;
const MB = 1024 * KB;
const TOTAL = 9 * MB + 5;
const url = "https://storage.googleapis.com/upload/storage/v1/b/B/o?uploadType=resumable&upload_id=U%2F+x";
const { signal } = new AbortController();

function protocol(...script: readonly Line[]) {
  const http = new ScriptedHttp(...script);
  const gcs = new GcsResumable(http, { url, headers: { "Content-Type": "application/pdf" }, total: TOTAL });
  return { http, gcs };
}

function range(offset: number, length: number) {
  async function* chunks() {
    yield sample(length);
  }
  return { offset, length, total: TOTAL, chunks: chunks() };
}

const stored = (size: unknown, more: Record<string, unknown> = {}) =>
  answer(200, { kind: "storage#object", size, ...more });

describe("A put to Google's storage", () => {
  for (const [offset, length, header] of [
    [0, 8 * MB, `bytes 0-${8 * MB - 1}/${TOTAL}`],
    [8 * MB, MB + 5, `bytes ${8 * MB}-${TOTAL - 1}/${TOTAL}`],
    [0, 1, `bytes 0-0/${TOTAL}`],
    [TOTAL - 1, 1, `bytes ${TOTAL - 1}-${TOTAL - 1}/${TOTAL}`],
  ] as const)
    it(`names ${length} bytes at ${offset} as ${header}`, async () => {
      const { http, gcs } = protocol(answer(308, "", { range: "bytes=0-0" }));
      await gcs.put(range(offset, length), signal);
      assert.equal(http.seen[0]?.headers["content-range"], header);
    });

  it("sends the bytes to the very URL, with the headers of the session and no credential", async () => {
    const { http, gcs } = protocol(answer(308, "", { range: "bytes=0-99" }));
    await gcs.put(range(0, 100), signal);
    const [seen] = http.seen;
    assert.deepEqual([seen?.method, seen?.url], ["PUT", url]);
    assert.deepEqual(seen?.headers, {
      "Content-Type": "application/pdf",
      "content-range": `bytes 0-99/${TOTAL}`,
    });
    assert.ok(Buffer.isBuffer(seen?.body) && seen.body.equals(sample(100)));
  });

  it("waits two minutes for the answer, in which the kernel drains what it holds", async () => {
    const { http, gcs } = protocol(answer(308));
    await gcs.put(range(0, 1), signal);
    assert.equal(http.seen[0]?.timeoutMs, 120_000);
  });
});

describe("A question to Google's storage", () => {
  it("names the total, so that a file whose bytes are all there is finished", async () => {
    const { http, gcs } = protocol(answer(308));
    await gcs.locate(signal);
    const [seen] = http.seen;
    assert.deepEqual([seen?.method, seen?.url, seen?.body], ["PUT", url, undefined]);
    assert.equal(seen?.headers["content-range"], `bytes */${TOTAL}`);
    assert.equal(seen?.headers["content-length"], "0");
    assert.ok(!Object.keys(seen?.headers ?? {}).some((name) => name.toLowerCase() === "authorization"));
  });

  it("changes nothing about a put", async () => {
    const { gcs } = protocol(
      answer(308, "", { range: "bytes=0-41" }),
      answer(308, "", { range: "bytes=0-41" }),
    );
    assert.deepEqual(await gcs.locate(signal), await gcs.put(range(0, 42), signal));
  });
});

describe("Google's storage says where it stands", () => {
  const whole = { next: TOTAL, done: true };
  for (const [what, given, expected] of [
    ["308 with a range", answer(308, "", { range: "bytes=0-262143" }), { next: 262_144, done: false }],
    ["308 with one byte", answer(308, "", { range: "bytes=0-0" }), { next: 1, done: false }],
    ["308 in the spelling of a request", answer(308, "", { range: "bytes 0-9" }), { next: 10, done: false }],
    ["308 without a range", answer(308), { next: 0, done: false }],
    [
      "a 308 that is hidden behind a 200",
      answer(200, "", { "x-http-status-code-override": "308", range: "bytes=0-99" }),
      { next: 100, done: false },
    ],
    ["200 with the object", stored(String(TOTAL)), whole],
    ["200 with its size as a number", stored(TOTAL), whole],
    ["201", answer(201, { size: String(TOTAL) }), whole],
    ["200 with no body", answer(200), whole],
    ["200 with a few bytes of its body", answer(200, '{ "kind": "stor'), whole],
    ["200 with JSON of another kind", answer(200, "[]"), whole],
  ] as const)
    it(what, async () => {
      const { next, done } = await protocol(given).gcs.locate(signal);
      assert.deepEqual({ next, done }, expected);
    });

  it("with the checksums of what it stored", async () => {
    const sums = { md5Hash: "1B2M2Y8AsgTpgAmY7PhCfg==", crc32c: "4waSgw==" };
    const { gcs } = protocol(stored(String(TOTAL), sums));
    const { md5, crc32c } = await gcs.locate(signal);
    assert.deepEqual([md5, crc32c], [sums.md5Hash, sums.crc32c]);
  });
});

describe("Google's storage refuses", () => {
  const transient = true;
  const final = false;
  for (const [given, code, kind] of [
    [answer(400, { error: { message: "Failed to parse Content-Range header" } }), "upload-refused", final],
    [answer(401), "upload-refused", final],
    [answer(403), "upload-refused", final],
    [answer(404), "session-lost", final],
    [answer(408), "service-fault", transient],
    [answer(409), "service-fault", transient],
    [answer(410), "session-lost", final],
    [answer(412), "service-fault", transient],
    [answer(413), "upload-refused", final],
    [answer(416), "service-fault", transient],
    [answer(429), "rate-limited", transient],
    [answer(499), "session-lost", final],
    [answer(500), "service-fault", transient],
    [answer(502), "service-fault", transient],
    [answer(503), "service-fault", transient],
    [answer(504), "service-fault", transient],
    [answer(302, "", { location: "https://elsewhere.example/" }), "upload-refused", final],
    [answer(200, "<html>Please sign in</html>"), "network", transient],
    [answer(200, "hello", { "content-type": "text/html; charset=utf-8" }), "network", transient],
    [stored(String(TOTAL - 1)), "upload-mismatch", final],
    [stored("0"), "upload-mismatch", final],
    [answer(308, "", { range: "bytes=262144-524287" }), "bad-answer", final],
    [answer(308, "", { range: "all of it" }), "bad-answer", final],
  ] as const)
    it(`${given.status} ${given.text.slice(0, 40)} is “${code}”`, async () => {
      for (const ask of [
        (gcs: GcsResumable) => gcs.locate(signal),
        (gcs: GcsResumable) => gcs.put(range(0, 1), signal),
      ])
        await assert.rejects(ask(protocol(given).gcs), (reason: unknown) => {
          assert.ok(reason instanceof FreightError);
          assert.deepEqual([reason.code, isTransient(reason)], [code, kind]);
          assert.ok(!reason.message.includes("upload_id"));
          return true;
        });
    });

  it("and says how long to wait", async () => {
    const busy = protocol(answer(429, "", { "retry-after": "7" }));
    await assert.rejects(busy.gcs.locate(signal), { code: "rate-limited", retryAfterMs: 7_000 });
    const down = protocol(answer(503, "", { "retry-after": "2" }));
    await assert.rejects(down.gcs.locate(signal), { code: "service-fault", retryAfterMs: 2_000 });
  });

  it("and is quoted with its request id", async () => {
    const given = { ...answer(400, "no"), requestId: "U-1" };
    await assert.rejects(protocol(given).gcs.locate(signal), { requestId: "U-1", status: 400 });
  });

  it("never throws anything else, whatever it answers", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(200, 201, 308, 400, 404, 500),
        fc.oneof(fc.string(), fc.json()),
        fc.option(fc.string(), { nil: undefined }),
        async (status, text, header) => {
          const given = answer(status, text, header === undefined ? {} : { range: header });
          try {
            const { next, done } = await protocol(given).gcs.locate(signal);
            assert.ok(Number.isSafeInteger(next) && next >= 0 && (!done || next === TOTAL));
          } catch (reason) {
            assert.ok(reason instanceof FreightError, String(reason));
          }
        },
      ),
    ));
});

describe("Ending an upload at Google's storage", () => {
  it("is a DELETE without a body or a credential", async () => {
    const { http, gcs } = protocol(answer(499));
    await gcs.cancel(signal);
    const [seen] = http.seen;
    assert.deepEqual([seen?.method, seen?.url, seen?.body], ["DELETE", url, undefined]);
    assert.deepEqual(seen?.headers, { "content-length": "0" });
  });

  for (const status of [499, 204, 200, 400, 404, 410, 412])
    it(`is done when the answer is ${status}`, () => protocol(answer(status)).gcs.cancel(signal));

  for (const status of [302, 401, 403, 407, 408, 429, 500, 503])
    it(`has failed when the answer is ${status}`, () =>
      assert.rejects(protocol(answer(status)).gcs.cancel(signal), { code: "upload-refused" }));
});

describe("The size of a chunk", () => {
  const { gcs } = protocol();
  for (const [rate, bytes] of [
    [undefined, 8 * MB],
    [0, MB],
    [100 * KB, MB],
    [MB, 3 * MB],
    [1.3 * MB, 3.75 * MB],
    [5 * MB, 15 * MB],
    [50 * MB, 150 * MB],
  ] as const)
    it(`is ${bytes} at ${rate} bytes a second`, () => assert.equal(gcs.chunkBytes(rate), bytes));

  it("grows while the line is too fast to be measured", async () => {
    const { gcs: fast } = protocol(answer(308, "", { range: `bytes=0-${8 * MB - 1}` }));
    await fast.put(range(0, fast.chunkBytes(undefined)), signal);
    assert.equal(fast.chunkBytes(undefined), 96 * MB);
    assert.equal(fast.chunkBytes(5 * MB), 15 * MB);
  });

  it("is always a multiple of 256 KiB, and at least 1 MiB", () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true, max: 1e15 }), (rate) => {
        const bytes = gcs.chunkBytes(rate);
        assert.ok(bytes % (256 * KB) === 0 && bytes >= MB, String(bytes));
      }),
    ));
});
