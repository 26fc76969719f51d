import assert from "node:assert/strict";
import { isFile, matchFiles } from "../../../src/services/graph/attachedFile.ts";

const file = { name: "a.bin", size: 4_000_000 };

describe("A file in a draft's list", () => {
  for (const [what, listed, expected] of [
    ["of its very size", { id: "1", name: "a.bin", size: 4_000_000 }, true],
    ["with what Exchange adds", { id: "1", name: "a.bin", size: 4_180_128 }, true],
    ["as base64", { id: "1", name: "a.bin", size: 5_333_400 }, true],
    ["whose size is not told", { id: "1", name: "a.bin", size: null }, true],
    ["that is not whole", { id: "1", name: "a.bin", size: 3_999_999 }, false],
    ["that is another one's", { id: "1", name: "a.bin", size: 9_000_000 }, false],
    ["of another name", { id: "1", name: "b.bin", size: 4_000_000 }, false],
    ["without a name", { id: "1", size: 4_000_000 }, false],
  ] as const)
    it(`${what}: ${expected}`, () => assert.equal(isFile(listed, file), expected));

  const a = { id: "A", name: "a.bin", size: 10 };
  const b = { id: "B", name: "a.bin", size: 10 };
  it("is known by its id first", () => {
    assert.deepEqual(matchFiles([{ id: "B", name: "a.bin", size: 10 }], [a, b]), [b]);
  });
  it("is known by name and size when its id is of another kind, and once only", () => {
    const wanted = { id: "other", name: "a.bin", size: 10 };
    assert.deepEqual(matchFiles([wanted, { ...wanted, id: "A" }], [a, b]), [b, a]);
    assert.deepEqual(matchFiles([wanted, wanted], [a]), [a, undefined]);
  });
  it("is missing when a mail of an earlier version knows only an id that is not there", () => {
    assert.deepEqual(matchFiles([{ id: "other" }], [a]), [undefined]);
  });
});
