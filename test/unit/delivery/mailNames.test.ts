import assert from "node:assert/strict";
import { filesSubject } from "../../../src/delivery/compose/newMailText.ts";
import { tabTitle } from "../../../src/delivery/record/describeMail.ts";
import { emptyForm } from "../../support/records.ts";

describe("What a mail of files is called", () => {
  const parts = Array.from({ length: 33 }, (_, at) => `part-${at + 1}.bin`);
  for (const [names, subject] of [
    [[], ""],
    [["report.pdf"], "report.pdf"],
    [["a.zip", "b.zip", "c.zip"], "a.zip, b.zip, c.zip"],
    [["a.zip", "b.zip", "c.zip", "d.zip"], "a.zip and 3 more files"],
    [parts, "part-1.bin and 32 more files"],
    [[`${"x".repeat(90)}.zip`, "b.zip"], `${"x".repeat(90)}.zip and 1 more file`],
  ] as const)
    it(`names ${names.length} in few words: ${subject.slice(0, 30)}`, () =>
      assert.equal(filesSubject(names), subject));

  for (const [subject, title] of [
    ["", "New Mail"],
    ["x".repeat(30), "x".repeat(30)],
    ["x".repeat(31), `${"x".repeat(29)}…`],
    ["Numbers of the second quarter, and more", "Numbers of the second quarter…"],
    // A flag is two code points, and four units of UTF-16.
    ["🇨🇭".repeat(31), `${"🇨🇭".repeat(29)}…`],
  ] as const)
    it(`has a title that leaves room for other tabs: ${title.slice(0, 12)}`, () =>
      assert.equal(tabTitle({ form: { ...emptyForm, subject } }), title));

  it("has the number of one of a set in its title, however long that is", () => {
    const set = { mails: ["a", "b", "c"], at: 1, files: [], moving: [], answers: null };
    const title = (subject: string) => tabTitle({ form: { ...emptyForm, subject }, set });
    assert.equal(title("Build"), "Build (2/3)");
    assert.equal(title("x".repeat(31)), `${"x".repeat(29)}… (2/3)`);
  });
});
