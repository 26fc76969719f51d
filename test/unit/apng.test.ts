import assert from "node:assert/strict";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { makeApng, pngChunks } from "../../scripts/apng.ts";

/** One row of grey pixels. */
function png(...grey: readonly number[]): Buffer {
  const part = (name: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const number = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
    return Buffer.concat([number(data.length), named, number(crc32(named))]);
  };
  const header = Buffer.from([0, 0, 0, grey.length, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    part("IHDR", header),
    part("IDAT", deflateSync(Buffer.from([0, ...grey]))),
    part("IEND", Buffer.alloc(0)),
  ]);
}

describe("A moving picture", () => {
  const made = makeApng([
    { png: png(1, 2), ms: 500 },
    { png: png(3, 4), ms: 1500 },
    { png: png(5, 6), ms: 65_535 },
  ]);
  const chunks = pngChunks(made);
  const of = (name: string) => chunks.filter((each) => each.name === name).map(({ data }) => data);

  it("has its parts in the order that APNG wants, numbered without a gap", () => {
    assert.deepEqual(
      chunks.map(({ name }) => name),
      ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
    );
    const numbered = chunks.filter(({ name }) => /^f[cd]/.test(name));
    assert.deepEqual(
      numbered.map(({ data }) => data.readUInt32BE(0)),
      [0, 1, 2, 3, 4],
    );
  });

  it("says how many pictures there are, of which size, and how long each stands", () => {
    assert.deepEqual(
      of("acTL").map((data) => [data.readUInt32BE(0), data.readUInt32BE(4)]),
      [[3, 1]],
    );
    assert.deepEqual(
      of("fcTL").map((data) => [
        data.readUInt32BE(4),
        data.readUInt32BE(8),
        data.readUInt16BE(20),
        data.readUInt16BE(22),
      ]),
      [
        [2, 1, 500, 1000],
        [2, 1, 1500, 1000],
        [2, 1, 65_535, 1000],
      ],
    );
  });

  it("keeps every pixel", () => {
    const rows = [...of("IDAT"), ...of("fdAT").map((data) => data.subarray(4))].map((data) => [
      ...inflateSync(data),
    ]);
    assert.deepEqual(rows, [
      [0, 1, 2],
      [0, 3, 4],
      [0, 5, 6],
    ]);
  });

  it("has checksums that hold", () => {
    for (let at = 8; at < made.length; ) {
      const length = made.readUInt32BE(at);
      assert.equal(made.readUInt32BE(at + 8 + length), crc32(made.subarray(at + 4, at + 8 + length)));
      at += length + 12;
    }
  });

  it("is not made of pictures of two sizes, of none, or of what is no picture", () => {
    assert.throws(
      () =>
        makeApng([
          { png: png(1), ms: 1 },
          { png: png(1, 2), ms: 1 },
        ]),
      /one size/,
    );
    assert.throws(() => makeApng([]), /needs a frame/);
    assert.throws(() => makeApng([{ png: Buffer.from("GIF89a and more"), ms: 1 }]), /not a PNG/);
  });
});
