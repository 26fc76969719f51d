import assert from "node:assert/strict";
import fc from "fast-check";
import { WordSearch } from "../../../src/files/secrets/wordSearch.ts";

describe("A search for many words", () => {
  it("finds those that a search for each would find", () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom(..."abc-"), minLength: 1, maxLength: 5 }), {
          maxLength: 12,
        }),
        fc.string({ unit: fc.constantFrom(..."abcABC-é\0"), maxLength: 60 }),
        (words, text) => {
          const small = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
          const expected = words.filter((word) => small.includes(word));
          assert.deepEqual([...new WordSearch(words).find(text)].sort(), expected.sort());
        },
      ),
      { numRuns: 2_000 },
    ));
});
