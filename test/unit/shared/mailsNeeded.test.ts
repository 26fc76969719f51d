import assert from "node:assert/strict";
import { mostBoth } from "../../../src/shared/summary/arrival.ts";
import { shareOut } from "../../../src/shared/summary/mailsNeeded.ts";

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
