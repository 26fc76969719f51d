import assert from "node:assert/strict";
import { realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { joinedCrc32 } from "../../../src/files/zip/crc32.ts";
import {
  BlockMemory,
  type Deflated,
  DeflatePool,
  type PoolSize,
  poolSize,
} from "../../../src/files/zip/deflatePool.ts";
import { LargeFiles } from "../../../src/files/zip/largeFiles.ts";
import { MemoryRing } from "../../../src/files/zip/memoryRing.ts";
import { ZipWriter } from "../../../src/files/zip/zipWriter.ts";
import { Folder, sample } from "../../support/files.ts";

const MB = 1024 * 1024;
const single: PoolSize = { threads: 1, lanes: 1 };
const text = (bytes: number) =>
  Buffer.from("A line of a log that repeats itself, more or less.\n".repeat(bytes / 50));

describe("Compression on several processors", () => {
  let pool: DeflatePool;
  afterEach(() => pool.close());

  const deflate = (bytes: Uint8Array, isLast = true): Promise<Deflated> => {
    const room = new BlockMemory().room(bytes.length);
    room.set(bytes);
    return pool.deflate({ bytes: room, before: 0, isLast });
  };

  /** A file as an archive has it, and its whole zip. */
  async function packed(content: Uint8Array, size: PoolSize) {
    pool = new DeflatePool(undefined, size);
    const file = {
      stat: async () => ({ size: content.length, mtimeMs: 1e12 }),
      read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
        buffer.set(content.subarray(position, position + length), offset);
        return { bytesRead: Math.min(length, content.length - position) };
      },
    };
    let zip = Buffer.alloc(0);
    const writer = new ZipWriter({
      write: async (bytes, offset, length, position) => {
        const grown = Buffer.alloc(Math.max(zip.length, position + length));
        grown.set(zip);
        grown.set(bytes.subarray(offset, offset + length), position);
        zip = grown;
        return { bytesWritten: length };
      },
      truncate: async (bytes) => {
        zip = zip.subarray(0, bytes);
      },
    });
    const large = new LargeFiles(pool, new AbortController().signal);
    const item = { name: "a", mtimeMs: 1e12, mode: 0o644, size: content.length };
    await writer.addLarge(item, large.blocks(file, content.length, 1e12));
    await writer.finish();
    await pool.close();
    const body = zip.subarray(30 + 1 + 9);
    return { zip, unpacked: inflateRawSync(body), sum: zip.readUInt32LE(14), size: zip.readUInt32LE(18) };
  }

  for (const [what, content] of [
    ["one byte", Buffer.from("x")],
    ["a text", text(5 * MB)],
    ["what does not shrink", sample(3 * MB + 7)],
    ["what shrinks in places", Buffer.concat([text(MB), sample(2 * MB), text(MB), sample(100), text(500)])],
    ["blocks that end with the file", sample(MB)],
  ] as const)
    it(`makes the same of ${what}, however much is compressed at once, and it is one stream of deflate`, async () => {
      const one = await packed(content, single);
      for (const size of [
        { threads: 1, lanes: 3 },
        { threads: 2, lanes: 2 },
        { threads: 3, lanes: 1 },
      ])
        assert.ok(one.zip.equals((await packed(content, size)).zip), JSON.stringify(size));
      assert.ok(one.unpacked.equals(content));
      assert.equal(one.sum, crc32(content));
      assert.ok(one.size < content.length + 1_000);
    });

  it("uses the processors that there are, within bounds", () => {
    const sizes = [1, 2, 3, 4, 16].map((processors) => Object.values(poolSize(processors)).join(" × "));
    assert.deepEqual(sizes, ["1 × 2", "1 × 3", "1 × 3", "2 × 2", "2 × 2"]);
  });

  it("answers each order for small files with what is in these, whichever thread reads them", async () => {
    pool = new DeflatePool(undefined, { threads: 2, lanes: 2 });
    const folder = await Folder.make();
    try {
      const home = await realpath(folder.path);
      const texts = Array.from({ length: 12 }, (_, at) => `${at}: ${"again and again ".repeat(at)}`);
      for (const text of texts) await writeFile(join(home, `${text.length}`), text);
      const ring = new MemoryRing(8_000, 1_000);
      const orders = texts.map(async (text) => {
        const path = join(home, `${text.length}`);
        const order = { given: path, real: path, size: text.length };
        const [file] = await pool.small([order], ring.take(text.length), process.platform);
        assert.ok(file !== undefined && file !== "large");
        const { body } = file.deflated;
        return (body === undefined ? Buffer.from(file.content) : inflateRawSync(body)).toString();
      });
      assert.deepEqual(await Promise.all(orders), texts);
    } finally {
      await folder.remove();
    }
  });

  it("makes it no larger than zlib does by 2 %", async () => {
    const words = Array.from({ length: 400_000 }, (_, at) => `${(at * 7919) % 5003} "name-${at % 613}"`).join(
      ",",
    );
    const content = Buffer.from(words);
    const { size } = await packed(content, { threads: 2, lanes: 2 });
    assert.ok(size < deflateRawSync(content).length * 1.02, `${size}`);
  });

  it("leaves alone what does not shrink, and knows its sum", async () => {
    pool = new DeflatePool(undefined, single);
    for (const content of [sample(300_000), sample(100), Buffer.from("x")])
      assert.deepEqual(await deflate(content), { body: undefined, sum: crc32(content), secret: undefined });
  });

  it("ends with what it is at, and takes nothing afterwards", async () => {
    pool = new DeflatePool(undefined, { threads: 2, lanes: 2 });
    const under = Array.from({ length: 6 }, () => deflate(text(2 * MB)));
    await pool.close();
    for (const block of [...under, deflate(text(100))]) await assert.rejects(block, /was ended/);
  });

  it("knows the CRC-32 of two pieces from those of each", () => {
    pool = new DeflatePool(undefined, single);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.uint8Array({ maxLength: 3_000 }), (one, other) => {
        const whole = crc32(Buffer.concat([one, other]));
        assert.equal(joinedCrc32(crc32(one), crc32(other), other.length), whole);
      }),
    );
    const long = Buffer.alloc(70_000_000);
    assert.equal(
      joinedCrc32(crc32(Buffer.from("x")), crc32(long), long.length),
      crc32(long, crc32(Buffer.from("x"))),
    );
  });
});
