import assert from "node:assert/strict";
import fc from "fast-check";
import { changesBetween, withChanges } from "../../src/base/jsonChanges.ts";

const throughDisk = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What somebody reads who has the first value and is told of the changes. */
function told(before: unknown, after: unknown): unknown {
  return withChanges(throughDisk(before), throughDisk(changesBetween(before, after)));
}

describe("Changes between values of JSON", () => {
  it("are none where nothing has changed", () => {
    const value = { a: [1, { b: null }], c: "d" };
    assert.deepEqual(changesBetween(value, structuredClone(value)), []);
    assert.deepEqual(changesBetween({ a: undefined }, {}), []);
  });

  it("name what has changed, and nothing else", () => {
    const files = Array.from({ length: 300 }, (_, at) => ({ id: `${at}`, status: "queued" }));
    const after = files.with(7, { id: "7", status: "ready" });
    assert.deepEqual(changesBetween({ files, name: "a" }, { files: after, name: "a" }), [
      [["files", 7, "status"], "ready"],
    ]);
    assert.deepEqual(changesBetween({ files }, { files: files.toSpliced(5, 2) }), [[["files", 5], 2, []]]);
    assert.deepEqual(changesBetween({ files }, { files: [...files, 1] }), [[["files", 300], 0, [1]]]);
  });

  it("lead from any value to any other one", () => {
    const list = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
    const near = fc.oneof(fc.record({ a: list, b: fc.option(fc.string()) }, { requiredKeys: [] }), list);
    for (const values of [fc.jsonValue({ maxDepth: 4 }), near])
      fc.assert(
        fc.property(values, values, (before, after) => {
          assert.deepEqual(told(before, after), throughDisk(after));
        }),
        { numRuns: 2_000 },
      );
  });

  it("know no special names", () => {
    const after = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}');
    const value = told({}, after);
    assert.equal(JSON.stringify(value), JSON.stringify(after));
    assert.equal(Reflect.get({}, "isAdmin"), undefined);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.throws(() => withChanges({}, [[["__proto__", "isAdmin"], true]]));
    assert.throws(() => withChanges({}, [[["constructor", "prototype", "x"], true]]));
    assert.equal(Reflect.get({}, "x"), undefined);
  });

  for (const changes of [
    null,
    {},
    "[]",
    [[]],
    [null],
    [["a"]],
    [[["a"], 1, [], 1]],
    [[["no", "such"], 1]],
    [[["list", 9], 0, [1]]],
    [[["list", "0"], 1, []]],
    [[["list", 0], "1", []]],
    [[["list", 0], 1, "ab"]],
    [[["text", 0], "x"]],
    [[[{}], 1]],
    [[[1.5], 1]],
  ])
    it(`are not ${JSON.stringify(changes)}`, () => {
      assert.throws(() => withChanges({ list: [1, 2], text: "abc" }, changes));
    });
});
