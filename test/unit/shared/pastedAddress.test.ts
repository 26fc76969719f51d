import assert from "node:assert/strict";
import { joinEntries, parseRecipients, splitList } from "../../../src/shared/recipients.ts";

/** What was pasted or typed, and whom it means: `address`, or `name|address`. */
const FORMS: readonly (readonly [string, ...string[]])[] = [
  // Names that are addresses, and names as directories have them.
  ["ann@x.example <ann@x.example>", "ann@x.example"],
  ["ann@x.example <ann@x.example>; bob@x.example <bob@x.example>", "ann@x.example", "bob@x.example"],
  ["'ann@x.example' <ann@x.example>", "ann@x.example"],
  ['"ann@x.example" <ann@x.example>', "ann@x.example"],
  [
    "Lee, Ann (Ext) <ann@x.example>; Fox, Bob [DE] <bob@x.example>",
    "Lee, Ann (Ext)|ann@x.example",
    "Fox, Bob [DE]|bob@x.example",
  ],
  ["Fox, Bob (IT/DE) <bob@x.example>;", "Fox, Bob (IT/DE)|bob@x.example"],
  ["Bob [DE] <bob@x.example>", "Bob [DE]|bob@x.example"],
  ["Ann / QA <ann@x.example>", "Ann / QA|ann@x.example"],
  // Quotes that programs add.
  ["'ann@x.example'", "ann@x.example"],
  ["'Ann Lee' <ann@x.example>", "Ann Lee|ann@x.example"],
  ["“Ann Lee” <ann@x.example>", "Ann Lee|ann@x.example"],
  ["‘ann@x.example’; “bob@x.example”", "ann@x.example", "bob@x.example"],
  ["Ann Lee <'ann@x.example'>", "Ann Lee|ann@x.example"],
  // What links, heads of mails and contact cards look like.
  ["mailto:ann@x.example", "ann@x.example"],
  ["<mailto:ann@x.example>", "ann@x.example"],
  ["Ann Lee <mailto:ann@x.example>", "Ann Lee|ann@x.example"],
  ["Ann Lee [mailto:ann@x.example]", "Ann Lee|ann@x.example"],
  ["Ann Lee <mailto:ann@x.example?subject=Hi>", "Ann Lee|ann@x.example"],
  ["[Ann Lee](mailto:ann@x.example)", "Ann Lee|ann@x.example"],
  ["ann@x.example<mailto:ann@x.example>", "ann@x.example"],
  ["To: ann@x.example, bob@x.example", "ann@x.example", "bob@x.example"],
  ["EMAIL TYPE=work:ann@x.example", "ann@x.example"],
  ["EMAIL;TYPE=work:ann@x.example", "ann@x.example"],
  ["item1.EMAIL;type=INTERNET;type=pref:ann@x.example", "ann@x.example"],
  [
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lee;Ann;;;\r\nFN:Lee\\, Ann\r\nEMAIL;TYPE=INTERNET;TYPE=WORK:ann@x.example\r\n" +
      "TEL:+49 1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nEMAIL:bob@x.example\r\n" +
      "EMAIL;PREF=1:bob@a-very-long.\r\n example\r\nEND:VCARD\r\n",
    "Lee, Ann|ann@x.example",
    "Bob|bob@x.example",
    "Bob|bob@a-very-long.example",
  ],
  ["BEGIN:VCARD\nVERSION:3.0\nEMAIL:ann@x.example\nEND:VCARD", "ann@x.example"],
  ["E-Mail: ann@x.example", "ann@x.example"],
  ["SMTP:ann@x.example", "ann@x.example"],
  ["ann@x.example.", "ann@x.example"],
  ["<ann@x.example>.", "ann@x.example"],
  // What stands between two.
  ["ann@x.example\tbob@x.example", "ann@x.example", "bob@x.example"],
  ["ann@x.example bob@x.example  eve@x.example", "ann@x.example", "bob@x.example", "eve@x.example"],
  ["<ann@x.example> <bob@x.example>", "ann@x.example", "bob@x.example"],
  ["ann@x.example；bob@x.example", "ann@x.example", "bob@x.example"],
  ["ann@x.example，bob@x.example、eve@x.example", "ann@x.example", "bob@x.example", "eve@x.example"],
  ["ann@x.example\u2028bob@x.example\u2029eve@x.example", "ann@x.example", "bob@x.example", "eve@x.example"],
  ["ann@x.example\u0085bob@x.example\vcy@x.example", "ann@x.example", "bob@x.example", "cy@x.example"],
  ["Ann Lee\tann@x.example\nBob\tFox\tbob@x.example", "Ann Lee|ann@x.example", "Bob Fox|bob@x.example"],
  ["Lee, Ann\tann@x.example", "Lee, Ann|ann@x.example"],
  // What cannot be seen.
  ["\u200bann@x.example", "ann@x.example"],
  ["\u202aann@x.example\u202c", "ann@x.example"],
  ["ann@exam\u00adple.example", "ann@example.example"],
  ["\ufeffAnn\u200e <ann@x.example\u2060>", "Ann|ann@x.example"],
  ["Ann\u00a0Lee\u00a0<ann@x.example>", "Ann Lee|ann@x.example"],
  ["ann@x.example,\u00a0bob@x.example", "ann@x.example", "bob@x.example"],
  ["ann＠x.example", "ann@x.example"],
];

describe("Addresses as other programs write them", () => {
  for (const [text, ...people] of FORMS)
    it(`are read: ${JSON.stringify(text)}`, () => {
      const { recipients, problems } = parseRecipients(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        recipients.map(({ name, email }) => (name === null ? email : `${name}|${email}`)),
        people,
      );
      // The form keeps them as text, and reads that again.
      const { entries } = splitList(`${text}\n`);
      assert.deepEqual(
        splitList(joinEntries(entries, "")).entries.map(({ recipient }) => recipient),
        recipients,
      );
    });

  for (const text of [
    '"Ann <ann@x.example>',
    "Ann Lee",
    "ann bob@x.example eve@x.example",
    "ann@x.example or bob@x.example",
    "ann@@x.example",
    "mailto:",
    "Ann [mailto:]",
    "'ann@'",
    "<ann@x.example",
    "ann at x.example",
    "Ann Lee\tSales",
  ])
    it(`are not made of ${JSON.stringify(text)}`, () => {
      const { recipients, problems } = parseRecipients(text);
      assert.deepEqual(recipients, []);
      assert.ok(problems.length > 0);
    });

  it("are the addresses in the brackets, whatever a name says", () => {
    for (const text of [
      "maria@company.example <thief@evil.example>",
      "'maria@company.example' <thief@evil.example>",
      "[maria@company.example](mailto:thief@evil.example)",
      "maria@company.example [mailto:thief@evil.example]",
    ])
      assert.deepEqual(parseRecipients(text).recipients, [{ name: null, email: "thief@evil.example" }], text);
  });

  it("are read in time that grows with the text", () => {
    const texts = [
      "'".repeat(400),
      "<[(".repeat(130),
      `${"a@b".repeat(100)}>`,
      "a ".repeat(200),
      `${"x@y.z ".repeat(80)}>`,
      `BEGIN:VCARD ${"EMAIL;".repeat(60)}`,
    ];
    for (const text of texts) parseRecipients(`${text}\n`.repeat(1_000));
  });
});
