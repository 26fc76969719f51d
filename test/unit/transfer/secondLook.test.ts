import assert from "node:assert/strict";
import fc from "fast-check";
import { isStill, PieceSums, type ReadableFile } from "../../../src/files/secondLook.ts";
import { sample } from "../../support/files.ts";

/** A file in memory. `most`: how many bytes a read gives at once. */
function fileOf(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): ReadableFile {
  return {
    read: async (buffer, offset, length, position) => {
      const some = bytes.subarray(position, position + Math.min(length, most));
      buffer.set(some, offset);
      return { bytesRead: some.length };
    },
  };
}

/** Notes the whole in pieces of so many bytes. */
function summed(bytes: Uint8Array, step: number): PieceSums {
  const sums = new PieceSums();
  for (let at = 0; at < bytes.length; at += step) assert.ok(sums.note(at, bytes.subarray(at, at + step)));
  return sums;
}

describe("The second look at a file", () => {
  const content = sample(10_000);

  it("finds it as it was, however it is read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12_000 }),
        fc.integer({ min: 1, max: 500 }),
        async (step, most) => assert.ok(await isStill(fileOf(content, most), summed(content, step).pieces)),
      ),
      { numRuns: 50 },
    );
  });

  it("finds any byte that is another one", async () => {
    const sums = summed(content, 1_000);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = Buffer.from(content);
        other[at] = (content[at] ?? 0) ^ change;
        assert.equal(await isStill(fileOf(other), sums.pieces), false);
      }),
      { numRuns: 200 },
    );
  });

  it("finds that it ends early", async () => {
    const sums = summed(content, 1_000);
    for (const length of [0, 1, 999, 1_000, 9_999])
      assert.equal(await isStill(fileOf(content.subarray(0, length)), sums.pieces), false);
  });

  it("reads each piece once, also one that was sent twice", async () => {
    const sums = summed(content, 1_000);
    assert.ok(sums.note(3_000, content.subarray(3_000, 4_000)));
    const read: number[] = [];
    const file = fileOf(content);
    const watched: ReadableFile = {
      read: (buffer, offset, length, position) => {
        read.push(position);
        return file.read(buffer, offset, length, position);
      },
    };
    assert.ok(await isStill(watched, sums.pieces));
    assert.deepEqual(
      read.sort((a, b) => a - b),
      [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000],
    );
  });

  it("is not needed for what is another one when it is sent again", () => {
    const sums = summed(content, 1_000);
    assert.equal(sums.note(3_000, content.subarray(4_000, 5_000)), false);
  });

  it("tells why it cannot be read, when nothing reads any more", async () => {
    let reading = 0;
    const broken: ReadableFile = {
      read: async (_buffer, _offset, length, position) => {
        reading++;
        await new Promise(setImmediate);
        reading--;
        if (position === 0) throw new Error("EIO");
        return { bytesRead: length };
      },
    };
    await assert.rejects(isStill(broken, summed(content, 1_000).pieces), { message: "EIO" });
    assert.equal(reading, 0);
  });

  it("ends with its signal", async () => {
    await assert.rejects(isStill(fileOf(content), summed(content, 1_000).pieces, AbortSignal.abort()), {
      name: "AbortError",
    });
  });
});
