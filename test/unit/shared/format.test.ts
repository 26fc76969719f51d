import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatAgo,
  formatBytes,
  formatCountdown,
  formatDuration,
  formatRate,
  percent,
} from "../../../src/shared/format.ts";

const KB = 1024;
const MB = 1024 * KB;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe("A number of bytes in words", () => {
  for (const [bytes, expected] of [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1,023 bytes"],
    [KB, "1 KB"],
    [2560, "2.5 KB"],
    [1.234 * KB, "1.23 KB"],
    [99.96 * KB, "100 KB"],
    [999 * KB, "999 KB"],
    [MB, "1 MB"],
    [157_286_400, "150 MB"],
    [1024 * MB, "1 GB"],
    [1536 * MB, "1.5 GB"],
  ] as const)
    it(`${bytes} is ${expected}`, () => assert.equal(formatBytes(bytes), expected));

  it("never has more than four digits below a terabyte", () =>
    fc.assert(
      fc.property(fc.nat({ max: 1023 * 1024 * MB }), (bytes) => {
        assert.match(formatBytes(bytes), /^(\d{1,4}|\d\.\d\d?|\d\d\.\d) (bytes?|KB|MB|GB)$/);
      }),
    ));

  it("becomes a rate by the second", () => assert.equal(formatRate(12.3 * MB), "12.3 MB/s"));
});

describe("A length of time in words", () => {
  for (const [ms, expected] of [
    [-5 * minute, "0 s"],
    [0, "0 s"],
    [499, "0 s"],
    [8 * second, "8 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [42 * minute, "42 min"],
    [119 * minute, "119 min"],
    [120 * minute, "2 h"],
    [47 * hour, "47 h"],
    [48 * hour, "2 days"],
  ] as const)
    it(`${ms} ms is ${expected}`, () => assert.equal(formatDuration(ms), expected));

  for (const [ms, expected] of [
    [-1, "0:00"],
    [0, "0:00"],
    [1, "0:01"],
    [9 * second, "0:09"],
    [59 * minute + 4 * second, "59:04"],
    [60 * minute, "60:00"],
  ] as const)
    it(`counts ${ms} ms down as ${expected}`, () => assert.equal(formatCountdown(ms), expected));

  for (const [ms, expected] of [
    [0, "just now"],
    [44_999, "just now"],
    [3 * minute, "3 min ago"],
    [59 * minute, "59 min ago"],
    [60 * minute, "1 h ago"],
    [100 * minute, "1 h ago"],
    [2 * hour, "2 h ago"],
    [50 * hour, "2 days ago"],
  ] as const)
    it(`${ms} ms back is ${expected}`, () => assert.equal(formatAgo(ms), expected));
});

describe("A percentage", () => {
  for (const [part, whole, expected] of [
    [0, 100, 0],
    [43, 100, 43],
    [157_286_399, 157_286_400, 99],
    [157_286_400, 157_286_400, 100],
    [1, 0, 0],
    [2, 1, 100],
  ] as const)
    it(`of ${part} in ${whole} is ${expected}`, () => assert.equal(percent(part, whole), expected));

  it("is 100 only when everything is there", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9), (whole, part) => {
        assert.equal(percent(part, whole) === 100, part >= whole);
      }),
    ));
});
