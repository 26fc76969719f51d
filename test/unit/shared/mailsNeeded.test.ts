import assert from "node:assert/strict";
import { encodedBytes } from "../../../src/shared/message.ts";
import { cutUp, largestFile, shareOut } from "../../../src/shared/summary/mailsNeeded.ts";
import { mostBoth } from "../../../src/shared/summary/sizeDoubts.ts";

const MB = 1024 * 1024;
const files = (...sizes: number[]) => sizes.map((size, at) => ({ name: String(at), size: size * MB }));
const share = (most: number, sizes: number[], text = 0, images: number[] = []) =>
  shareOut(files(...sizes), most * MB, { text, images })?.map((mail) =>
    mail.map(({ size }) => Math.round(size / MB)),
  );

describe("sharing files out among mails", () => {
  for (const [title, most, sizes, expected] of [
    [
      "fills each with as many as fit",
      50,
      [20, 30, 5, 10],
      [
        [30, 5],
        [20, 10],
      ],
    ],
    [
      "keeps the order within a mail",
      50,
      [5, 30, 10, 20],
      [
        [5, 30],
        [10, 20],
      ],
    ],
    ["counts what base64 adds", 50, [18, 18.6], [[19], [18]]],
    ["has nothing to share out where one is enough", 50, [20, 10], undefined],
    ["has nothing to share out of one file", 50, [30], undefined],
    ["cannot where a file fits in no mail", 50, [40, 10], undefined],
    ["cannot where there are no files", 50, [], undefined],
    ["cannot where there would be too many", 2, Array.from({ length: 21 }, () => 1), undefined],
    ["can up to that", 2, Array.from({ length: 20 }, () => 1), Array.from({ length: 20 }, () => [1])],
    ["has nothing to do where nobody knows a limit", Number.POSITIVE_INFINITY, [900, 900], undefined],
    ["takes empty files along", 30, [0, 20, 20], [[0, 20], [20]]],
  ] as const)
    it(title, () => assert.deepEqual(share(most, [...sizes]), expected));

  it("leaves room for the text and its images in the first", () => {
    assert.deepEqual(share(50, [25, 10, 20]), [[25, 10], [20]]);
    assert.deepEqual(share(50, [25, 10, 20], 0, [5 * MB]), [[25], [10, 20]]);
    assert.deepEqual(share(50, [25, 10, 20], 2 * MB), [[25], [10, 20]]);
  });
});

describe("cutting files for mails", () => {
  const letter = { text: 0, images: [] };
  const full = largestFile(50 * MB);
  const cut = (...sizes: number[]) =>
    cutUp(
      sizes.map((size) => ({ size })),
      50 * MB,
      letter,
    );
  const parts = (...sizes: number[]) => cut(...sizes).map(({ size }) => size);

  it("makes parts as large as a mail takes, and not a byte more", () => {
    assert.deepEqual(parts(full), [full]);
    assert.deepEqual(parts(full + 1), [full, 1]);
    assert.deepEqual(parts(2 * full), [full, full]);
    assert.deepEqual(parts(2 * full + 1), [full, full, 1]);
    assert.ok(encodedBytes([full]) <= 50 * MB - 128 * 1024);
    assert.ok(encodedBytes([full + 1]) > 50 * MB - 128 * 1024);
  });

  it("leaves no byte out, and takes none twice", () => {
    let next = 0;
    for (const { size, slice } of cut(3 * full + 17)) {
      assert.equal(slice?.start, next);
      next += size;
    }
    assert.equal(next, 3 * full + 17);
  });

  it("leaves whole what fits, and what would be more than 20 parts", () => {
    assert.deepEqual(parts(5, 20 * full + 1, full), [5, 20 * full + 1, full]);
    assert.equal(parts(20 * full).length, 20);
  });

  it("knows the largest file for any limit", () => {
    for (let most = 200 * 1024; most < 200 * 1024 + 400; most++) {
      const [largest, room] = [largestFile(most), most - 128 * 1024];
      assert.ok(encodedBytes([largest]) <= room && encodedBytes([largest + 1]) > room, String(most));
    }
  });

  it("cuts nothing where there is no room", () => {
    assert.deepEqual(
      cutUp([{ size: 9 }], 1000, letter).map(({ size }) => size),
      [9],
    );
    assert.deepEqual(
      cutUp([{ size: 9 }], Number.POSITIVE_INFINITY, letter).map(({ size }) => size),
      [9],
    );
  });
});

describe("what both ends of a mail take", () => {
  const circle = { from: "me@firm.example", ours: { addresses: ["me@firm.example"], domains: [] } };
  const own = { bytes: 35 * MB, canBeRaised: true };
  for (const [title, emails, limit, learned, expected] of [
    ["is the sender's where that is less", ["ann@gmail.com"], own, [], 35],
    ["is the smallest recipient's", ["ann@gmail.com", "bob@icloud.com"], own, [], 20],
    ["is what a domain has shown", ["ann@gmail.com"], own, [{ domain: "gmail.com", bytes: 9 * MB }], 9],
    ["is a guess where nobody knows", ["ann@x.example"], own, [], 25],
    ["is without end among colleagues where nobody knows", ["ann@firm.example"], null, [], Infinity],
  ] as const)
    it(title, () => assert.equal(mostBoth(emails, limit, circle, [...learned]) / MB, expected));
});
