import assert from "node:assert/strict";
import { crc32c } from "../../../src/files/crc32c.ts";
import { sample } from "../../support/files.ts";

describe("CRC-32C", () => {
  // The check value of the algorithm, and the examples of RFC 3720, B.4.
  for (const [what, bytes, expected] of [
    ["the digits", Buffer.from("123456789"), 0xe3069283],
    ["nothing", Buffer.alloc(0), 0],
    ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
    ["32 bytes of ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
    ["32 bytes that rise", Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ] as const)
    it(`of ${what}, in any pieces`, () => {
      for (const size of [1, 7, 64]) {
        const crc = crc32c();
        for (let at = 0; at < bytes.length; at += size) crc.update(bytes.subarray(at, at + size));
        assert.equal(Buffer.from(crc.digest(), "base64").readUInt32BE(), expected);
      }
    });

  it("is the same wherever the bytes lie", () => {
    const bytes = sample(1000);
    const sums = [0, 1, 2, 3, 4].map((shift) => {
      const crc = crc32c();
      const moved = Buffer.alloc(1100).subarray(shift, shift + 1000);
      moved.set(bytes);
      for (let at = 0; at < 1000; at += 333) crc.update(moved.subarray(at, at + 333));
      return crc.digest();
    });
    assert.equal(new Set(sums).size, 1);
  });
});
