import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mock } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { ContentHash, md5Of, sha256Of } from "../../../src/files/contentHash.ts";
import { crc32c } from "../../../src/files/crc32c.ts";
import { FileSource } from "../../../src/files/fileSource.ts";
import { HashThread } from "../../../src/files/hashThread.ts";
import { PieceSums } from "../../../src/files/secondLook.ts";
import { Folder, sample } from "../../support/files.ts";
import { sha256 } from "../../support/sha256.ts";

const MiB = 1024 * 1024;
const signal = new AbortController().signal;

function crcOf(bytes: Uint8Array): string {
  const crc = crc32c();
  crc.update(bytes);
  return crc.digest();
}

/** A source that gives what lies in memory, in pieces. */
function sourceOf(bytes: Uint8Array, piece = 700) {
  return {
    version: { size: bytes.length },
    reader: () => ({
      async *read(offset: number, length: number) {
        for (let at = offset; at < offset + length; at += piece)
          yield bytes.subarray(at, Math.min(at + piece, offset + length));
      },
    }),
  };
}

for (const [where, threadsFrom] of [
  ["where it is read", Number.POSITIVE_INFINITY],
  ["by a thread", 0],
] as const)
  describe(`The hash of a file, taken ${where}`, () => {
    const content = sample(5000);
    const source = sourceOf(content);
    const options = { withCrc32c: true, threadsFrom };

    it("is that of the bytes, in both spellings", async () => {
      const hash = new ContentHash(source, options);
      await hash.take(0, content);
      assert.deepEqual(await hash.checkpoint(), { bytes: 5000, sha256: sha256(content) });
      assert.equal(await hash.crc32c(), crcOf(content));
      await hash.end();
    });

    it("counts each byte once, whatever is sent again", () =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(5000), fc.nat(1500))), async (pieces) => {
          const hash = new ContentHash(source, options);
          for (const [offset, length] of pieces)
            if (offset <= hash.bytes) await hash.take(offset, content.subarray(offset, offset + length));
          const { bytes } = hash;
          const expected = { bytes, sha256: sha256(content.subarray(0, bytes)) };
          assert.deepEqual(await hash.checkpoint(), expected);
          await hash.end();
        }),
        { numRuns: threadsFrom === 0 ? 5 : 100 },
      ));

    it("can be asked on the way", async () => {
      const hash = new ContentHash(source, options);
      await hash.take(0, content.subarray(0, 100));
      assert.deepEqual(await hash.checkpoint(), { bytes: 100, sha256: sha256(content.subarray(0, 100)) });
      assert.equal(await hash.crc32c(), crcOf(content.subarray(0, 100)));
      await hash.take(100, content.subarray(100));
      assert.equal((await hash.checkpoint()).sha256, sha256(content));
      assert.equal(await hash.crc32c(), crcOf(content));
      await hash.end();
    });

    it("refuses to skip bytes", async () => {
      const hash = new ContentHash(source, options);
      await assert.rejects(hash.take(1, content), /never hashed/);
      await hash.end();
    });
  });

describe("The hash of a large file", () => {
  const SIZE = 20 * MiB + 3;
  let folder: Folder;
  let source: FileSource;
  const content = sample(SIZE);
  before(async () => {
    folder = await Folder.make();
    source = await FileSource.open(await folder.file("a.bin", content), SIZE);
  });
  after(async () => {
    await source.close();
    await folder.remove();
  });
  afterEach(() => mock.restoreAll());

  it("is right although memory is read into again and again, however late the thread comes", async () => {
    const { take } = HashThread.prototype;
    mock.method(HashThread.prototype, "take", async function (this: HashThread, bytes: Uint8Array) {
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      await take.call(this, bytes);
    });
    const hash = new ContentHash(source, { withCrc32c: true });
    for await (const chunk of source.reader().read(0, SIZE)) await hash.take(hash.bytes, chunk);
    assert.equal((await hash.checkpoint()).sha256, sha256(content));
    assert.equal(await hash.crc32c(), crcOf(content));
    await hash.end();
  });

  it("is taken without holding up this thread, and its memory is not copied", async () => {
    const sent: unknown[] = [];
    const { postMessage } = Worker.prototype;
    mock.method(Worker.prototype, "postMessage", function (this: Worker, order: unknown) {
      sent.push(order);
      postMessage.call(this, order);
    });
    assert.equal(await sha256Of(source, signal), sha256(content));
    const chunks = sent.flatMap((order) => Object(order)[2]?.bytes ?? []);
    assert.equal(chunks.length, 21);
    assert.ok(chunks.every(({ buffer }) => buffer instanceof SharedArrayBuffer));
  });

  it("shares its thread with the others that are uploaded meanwhile, and ends it with the last", async () => {
    let ended = 0;
    const { terminate } = Worker.prototype;
    const started = mock.method(Worker.prototype, "on");
    mock.method(Worker.prototype, "terminate", function (this: Worker) {
      ended++;
      return terminate.call(this);
    });
    const hashes = [1, 2, 3].map(() => new ContentHash(source, { withCrc32c: true }));
    const workers = new Set(started.mock.calls.map((call) => call.this));
    assert.equal(workers.size, 1);
    // Each its own bytes, in turns.
    for (let at = 0; at < 5; at++)
      for (const [which, hash] of hashes.entries())
        await hash.take(at * 1000, sample(1000, which * 10 + at + 1));
    for (const [which, hash] of hashes.entries()) {
      const bytes = Buffer.concat([0, 1, 2, 3, 4].map((at) => sample(1000, which * 10 + at + 1)));
      assert.equal((await hash.checkpoint()).sha256, sha256(bytes));
      assert.equal(await hash.crc32c(), crcOf(bytes));
      assert.equal(ended, 0);
      await hash.end();
      await hash.end();
    }
    assert.equal(ended, 1);
  });

  /** A thread that ends after so many messages, or cannot be started. */
  const mortal = (orders: number) => {
    mock.method(HashThread.prototype, "take", async function (this: HashThread) {
      if (orders-- <= 0) await this.end();
    });
  };
  for (const orders of [0, 3, 40])
    it(`is taken here when the thread is lost after ${orders} chunks`, async () => {
      mortal(orders);
      const hash = new ContentHash(source, { withCrc32c: true });
      let isHalf = false;
      for await (const chunk of source.reader().read(0, SIZE)) {
        await hash.take(hash.bytes, chunk);
        // What has to be known on the way is read again, and then goes on here.
        if (orders > 20 || isHalf || hash.bytes < SIZE / 2) continue;
        isHalf = true;
        await hash.end();
        assert.equal((await hash.checkpoint()).sha256, sha256(content.subarray(0, hash.bytes)));
      }
      await hash.end();
      assert.equal((await hash.checkpoint()).sha256, sha256(content));
      assert.equal(await hash.crc32c(), crcOf(content));
    });

  it("is the MD5 where a storage tells no other sum", async () => {
    assert.equal(await md5Of(source, signal), createHash("md5").update(content).digest("base64"));
  });

  describe("looks at the file once more with the same thread", () => {
    /** All that was read of the file, in pieces. */
    async function piecesOf() {
      const sums = new PieceSums();
      let at = 0;
      for await (const chunk of source.reader().read(0, SIZE)) {
        sums.note(at, chunk);
        at += chunk.length;
      }
      return sums.pieces;
    }

    it("and finds it as it was, and any byte that is another one", async () => {
      const hash = new ContentHash(source, { withCrc32c: true });
      const pieces = await piecesOf();
      await source.assertStill(pieces, signal, hash.isStill);
      for (const at of [0, 1, pieces.length - 1]) {
        const wrong = pieces.map((piece, index) => (index === at ? { ...piece, sum: piece.sum ^ 1 } : piece));
        await assert.rejects(source.assertStill(wrong, signal, hash.isStill), { code: "file-changed" });
      }
      const beyond = [...pieces, { offset: SIZE - 1, length: 2, sum: 0 }];
      await assert.rejects(source.assertStill(beyond, signal, hash.isStill), { code: "file-changed" });
      await hash.end();
      await source.assertStill(pieces, signal, hash.isStill);
    });

    it("and ends with its signal, when no thread reads any more", async () => {
      const hash = new ContentHash(source, { withCrc32c: true });
      const pieces = await piecesOf();
      const abort = new AbortController();
      const looking = source.assertStill(Array(50).fill(pieces).flat(), abort.signal, hash.isStill);
      abort.abort();
      await assert.rejects(looking, { name: "AbortError" });
      await hash.end();
    });
  });
});

describe("A thread that hashes", () => {
  for (const [what, program] of [
    ["cannot be read", "("],
    ["fails at once", "throw new Error()"],
    ["ends at once", ""],
    [
      "fails at the first bytes",
      'require("node:worker_threads").parentPort.on("message", () => { throw 1; })',
    ],
  ] as const)
    it(`is nobody's trouble whose program ${what}`, async () => {
      const thread = new HashThread(["sha256"], program);
      await thread.take(sample(10));
      assert.equal(await thread.digest("sha256"), undefined);
      assert.equal(await thread.isStill(0, []), undefined);
      await thread.end();
    });

  it("is nobody's trouble where none can be started", async () => {
    mock.method(Worker.prototype, "on", () => assert.fail("there is none"));
    const thread = new HashThread(["sha256"], Object(1n));
    assert.equal(await thread.digest("sha256"), undefined);
    await thread.end();
    mock.restoreAll();
  });
});
