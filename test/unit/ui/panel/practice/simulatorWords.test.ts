import assert from "node:assert/strict";
import {
  arrivalVerdict,
  hardshipWords,
  whyNotKill,
} from "../../../../../src/ui/panel/practice/simulatorWords.ts";

const minute = 60_000;
const none = { dropped: 0, answersLost: 0, expired: 0, killed: 0 };

describe("What Make It Hard says", () => {
  it("is what was done, and how often", () => {
    assert.equal(hardshipWords(none), "");
    assert.equal(
      hardshipWords({ ...none, dropped: 2, killed: 1 }),
      "line dropped twice and extension host killed",
    );
    assert.equal(hardshipWords({ ...none, answersLost: 3 }), "answer to Send lost 3 times");
  });

  for (const [times, files, differing, words, isGood] of [
    [1, 2, 0, "Arrived once, identical", true],
    [1, 0, 0, "Arrived once", true],
    [2, 1, 0, "Arrived 2 times", false],
    [1, 3, 1, "Arrived once, 1 file not identical", false],
    [1, 3, 2, "Arrived once, 2 files not identical", false],
  ] as const)
    it(`is “${words}” of a mail that arrived so`, () =>
      assert.deepEqual(arrivalVerdict(times, files, differing), { words, isGood }));
});

describe("The extension host is killed", () => {
  const now = 100 * minute;
  const calm = { hasRealWork: false, isDebugging: false, hasTasks: false, kills: [], now };

  for (const [what, around, reason] of [
    ["where nothing else is at work", {}, undefined],
    ["a second time", { kills: [now - minute] }, undefined],
    ["again when the others are long ago", { kills: [now - 6 * minute, now - minute] }, undefined],
  ] as const)
    it(what, () => assert.equal(whyNotKill({ ...calm, ...around }), reason));

  for (const [what, around, reason] of [
    ["while a real mail is on its way", { hasRealWork: true }, /real account/],
    ["while somebody debugs", { isDebugging: true }, /debug session/],
    ["while a task runs", { hasTasks: true }, /task is running/],
    [
      "a third time in five minutes",
      { kills: [now - 4 * minute, now - minute] },
      /Try again in 60 s\.|in 1 min\./,
    ],
  ] as const)
    it(`not ${what}`, () => assert.match(whyNotKill({ ...calm, ...around }) ?? "", reason));
});
