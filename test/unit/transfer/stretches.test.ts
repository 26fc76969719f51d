import assert from "node:assert/strict";
import fc from "fast-check";
import { hasStretch, lettersOf, stretches } from "../../../src/files/secrets/stretches.ts";

describe("Stretches of certain letters", () => {
  const letters = lettersOf(/[ab\s]/);

  it("are those that an expression finds", () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."ab \u00a0xé"), maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (text, least) => {
          const expected = [...text.matchAll(new RegExp(`[ab\\s]{${least},}`, "g"))];
          const bytes = Buffer.from(text, "latin1");
          assert.deepEqual(
            [...stretches(bytes, letters, least)],
            expected.map(({ 0: run, index }) => ({ index, end: index + run.length })),
          );
          assert.equal(hasStretch(bytes, letters, least), expected.length > 0);
        },
      ),
      { numRuns: 2_000 },
    ));
});
