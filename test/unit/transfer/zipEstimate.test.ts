import assert from "node:assert/strict";
import { open, truncate } from "node:fs/promises";
import { describeEstimate, estimateZip, verdict } from "../../../src/files/zip/zipEstimate.ts";
import { Folder, sample } from "../../support/files.ts";

const MB = 1024 * 1024;
const LIMIT = 150 * MB;

describe("An estimate of a zip", () => {
  let folder: Folder;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  const estimate = (path: string) => estimateZip(path, new AbortController().signal);

  it("finds that noise does not shrink @slow", async () => {
    const { size, likely, margin } = await estimate(await folder.file("noise", sample(12 * MB)));
    assert.equal(size, 12 * MB);
    assert.ok(likely > 11.9 * MB && likely <= 12 * MB, `${likely}`);
    assert.equal(margin, 0.1);
  });

  it("finds that a file of four billion zeros nearly vanishes", async () => {
    const path = await folder.file("sparse", "");
    await truncate(path, 4e9);
    const { likely, margin } = await estimate(path);
    assert.ok(likely < 10 * MB);
    assert.equal(margin, 0.1);
  });

  it("looks at all of a file, not at its beginning, and is less sure of a mixture", async () => {
    const path = await folder.file("mixed", "");
    await truncate(path, 64 * MB);
    const file = await open(path, "r+");
    await file.write(sample(24 * MB), 0, undefined, 40 * MB);
    await file.close();
    const { likely, margin } = await estimate(path);
    assert.ok(likely * (1 - margin) < 24 * MB && likely * (1 + margin) > 24 * MB, `${likely} ${margin}`);
    assert.ok(margin > 0.3, `${margin}`);
  });

  it("says that a file is no longer there", async () => {
    await assert.rejects(estimate(`${folder.path}/nowhere`), { code: "file-missing" });
  });

  it("ends when it is told to", async () => {
    await assert.rejects(
      estimateZip(await folder.file("a", "a"), AbortSignal.abort()),
      (reason: Error) => reason.name === "AbortError",
    );
  });

  for (const [likely, margin, said, words] of [
    [43 * MB, 0.3, "likely", "A sample suggests that its zip would be about 43 MB (of 210 MB; 30% margin)."],
    [
      140 * MB,
      0.1,
      "perhaps",
      "A sample suggests that its zip would be about 140 MB (of 210 MB; 10% margin): it may or may not fit.",
    ],
    [
      160 * MB,
      0.12,
      "perhaps",
      "A sample suggests that its zip would be about 160 MB (of 210 MB; 15% margin): it may or may not fit.",
    ],
    [
      200 * MB,
      0.1,
      "no",
      "A zip would not fit either: a sample suggests about 200 MB (of 210 MB; 10% margin).",
    ],
    [208 * MB, 0.1, "no", "Compressing it would not help: a sample suggests that it is compressed already."],
  ] as const)
    it(`calls ${likely / MB} MB with ${margin * 100}% “${said}”, and promises nothing`, () => {
      const given = { size: 210 * MB, likely, margin };
      assert.equal(verdict(given, LIMIT), said);
      assert.equal(describeEstimate(given, LIMIT), words);
    });

  it("offers no zip of noise that is a little too large, although the margin would let it fit", () => {
    const noise = { size: 160 * MB, likely: 160 * MB, margin: 0.1 };
    assert.equal(verdict(noise, LIMIT), "no");
    assert.match(describeEstimate(noise, LIMIT), /^Compressing it would not help/);
    assert.equal(verdict({ ...noise, likely: 154 * MB }, LIMIT), "perhaps");
  });
});
