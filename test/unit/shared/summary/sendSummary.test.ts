import assert from "node:assert/strict";
import { describeSend } from "../../../../src/shared/summary/sendSummary.ts";
import { attachment, snapshot } from "../../../webview/snapshots.ts";

const MiB = 1024 * 1024;

describe("The line above Send", () => {
  it("warns of a mail that is too large for a recipient, in whichever field", () => {
    const large = attachment({ name: "build.zip", sizeBytes: 44 * MiB });
    for (const field of ["to", "cc", "bcc"]) {
      const form = { to: "", cc: "", bcc: "", [field]: "ann@gmail.com" };
      assert.equal(
        describeSend(form, snapshot({ attachments: [large] })).tooLarge,
        "60.2 MB as a mail. ann@gmail.com can receive at most 50 MB.",
      );
    }
  });

  const view = snapshot({
    accounts: [{ id: "kim", label: "kim@x.example" }],
    accountId: "kim",
    attachments: [attachment({ name: "build.zip", sizeBytes: 20 * MiB })],
    known: [
      { name: "Ada", email: "ada@x.example" },
      { name: "Carl", email: "carl@x.example" },
    ],
    method: { label: "Upload session", reason: "Microsoft mailbox" },
  });
  const words = (to: string, change = {}, cc = "") =>
    describeSend({ to, cc, bcc: "" }, { ...view, ...change });

  for (const [to, cc, who] of [
    ["", "", "From kim@x.example, no recipients yet"],
    ["ada@", "", "From kim@x.example, no recipients yet"],
    ["Ada <ada@x.example>", "", "kim@x.example to Ada"],
    ["Maria <ada@x.example>", "", "kim@x.example to Maria <ada@x.example>"],
    ["Bob <bob@x.example>", "", "kim@x.example to Bob <bob@x.example>"],
    ["Ada <ada@y.example>", "", "kim@x.example to Ada <ada@y.example> (1 outside)"],
    ['"maria@x.example" <thief@y.example>', "", "kim@x.example to thief@y.example (1 outside)"],
    ['"\u200b" <thief@x.example>', "", "kim@x.example to thief@x.example"],
    // Whoever has to be looked at is not among those that are only counted.
    [
      "Ada <ada@x.example>, Ada <ada@x.example>, Carl <carl@x.example>",
      "Thief <thief@y.example>",
      "kim@x.example to Thief <thief@y.example>, Ada and 1 more recipient (1 outside)",
    ],
    [
      "a@x.example, b@y.example; c@x.example",
      "d@z.example",
      "kim@x.example to a@x.example, b@y.example, c@x.example and d@z.example (2 outside)",
    ],
    ["a@y.example", "b@y.example", "kim@x.example to a@y.example and b@y.example (all outside)"],
  ] as const)
    it(`says “${who}”`, () => assert.equal(words(to, {}, cc).who, who));

  it("marks nobody where anybody could have the sender's kind of mailbox, and spells everybody out", () => {
    const accounts = [{ id: "a", label: "kim@gmail.com" }];
    assert.equal(
      words("Ann <ann@gmail.com>, b@y.example", { accounts, accountId: "a" }).who,
      "kim@gmail.com to Ann <ann@gmail.com> and b@y.example",
    );
  });

  it("marks nobody in practice, where nobody gets the mail", () => {
    const { who } = words("a@y.example", { practice: "Practice: nobody gets this mail." });
    assert.equal(who, "kim@x.example to a@y.example");
  });

  it("says that there is no account", () => {
    assert.equal(
      words("a@x.example", { accounts: [], accountId: null }).who,
      "To a@x.example, no account yet",
    );
  });

  for (const [body, told] of [
    ["Hello\n".repeat(10), "no files"],
    [`Hello${"\n".repeat(400)}wire the money`, "no files · text of 401 lines"],
    ["word ".repeat(300), "no files · text of 1,500 characters"],
    ["x".repeat(2_000_000), "no files · text of 1.91 MB"],
    ["pay\u200b me\u202e", "no files · 2 invisible characters in the text"],
    ["👩\u200d💻", "no files"],
  ] as const)
    it(`says of a text that is not in sight: ${told}`, () =>
      assert.equal(
        describeSend({ to: "", cc: "", bcc: "", body }, { ...view, attachments: [], method: null }).what,
        told,
      ));

  it("says what leaves, how large it is in the mail, and on which method", () => {
    assert.equal(words("").what, "build.zip, 20 MB (27.4 MB in the mail) · Upload session");
    const two = [attachment({ id: "1", sizeBytes: MiB }), attachment({ id: "2", sizeBytes: 2 * MiB })];
    assert.equal(words("", { attachments: two, method: null }).what, "2 files, 3 MB (4.11 MB in the mail)");
    assert.equal(words("", { attachments: [], method: null }).what, "no files");
    const gone = attachment({ id: "3", sizeBytes: 5 * MiB, status: "cancelled" });
    assert.equal(
      words("", { attachments: [...two, gone], method: null }).what,
      "2 files, 3 MB (4.11 MB in the mail)",
    );
  });
});
