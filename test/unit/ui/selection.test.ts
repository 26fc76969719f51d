import assert from "node:assert/strict";
import { selectionName, selectionText } from "../../../src/ui/editor/selection.ts";

const lines = (first: number, last: number, text = "") => ({ first, last, text });

describe("The lines that are selected", () => {
  it("become a file that says which they are", () => {
    assert.equal(selectionName("main.ts", [lines(9, 19)]), "main-L10-L20.ts");
    assert.equal(selectionName("Makefile", [lines(0, 0)]), "Makefile-L1");
    assert.equal(selectionName("a.test.ts", [lines(0, 1), lines(4, 4)]), "a.test-L1-L2-L5.ts");
  });

  it("keep the name short when there are many", () => {
    const many = Array.from({ length: 100 }, (_, index) => lines(index, index));
    assert.equal(selectionName("a.csv", many), "a-L1-L2-L3-L4.csv");
  });

  it("stay apart when several are joined, and are not changed when it is one", () => {
    assert.equal(selectionText([lines(0, 0, "a"), lines(1, 1, "b\n"), lines(2, 2, "c")], "\n"), "a\nb\nc");
    assert.equal(selectionText([lines(0, 0, "only")], "\r\n"), "only");
  });
});
