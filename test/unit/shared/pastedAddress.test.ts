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
  // People without a separator, each with an address of their own.
  ["Ann <ann@x.example> Bob <bob@x.example>", "Ann|ann@x.example", "Bob|bob@x.example"],
  ["Ann Lee<ann@x.example>Bob Fox<bob@x.example>", "Ann Lee|ann@x.example", "Bob Fox|bob@x.example"],
  ["<ann@x.example><bob@x.example>", "ann@x.example", "bob@x.example"],
  ["Ann <ann@x.example> / Bob <bob@x.example>", "Ann|ann@x.example", "Bob|bob@x.example"],
  ["ann@x.example / bob@x.example & cy@x.example", "ann@x.example", "bob@x.example", "cy@x.example"],
  ["ann@x.example, bob@x.example, and cy@x.example", "ann@x.example", "bob@x.example", "cy@x.example"],
  ["ann@x.example, bob@x.example und cy@x.example", "ann@x.example", "bob@x.example", "cy@x.example"],
  ["ann@x.example y bob@x.example", "ann@x.example", "bob@x.example"],
  ["ann@x.example, et bob@x.example", "ann@x.example", "bob@x.example"],
  ["Ann <ann@x.example>؛ bob@x.example، cy@x.example", "Ann|ann@x.example", "bob@x.example", "cy@x.example"],
  // Commas in names, without semicolons.
  ["Lee, Ann <ann@x.example>", "Lee, Ann|ann@x.example"],
  ["Lee, Ann <ann@x.example>, Fox, Bob <bob@x.example>", "Lee, Ann|ann@x.example", "Fox, Bob|bob@x.example"],
  [
    '"Lee, Ann" <ann@x.example>, Fox, Bob <bob@x.example>, cy@x.example',
    "Lee, Ann|ann@x.example",
    "Fox, Bob|bob@x.example",
    "cy@x.example",
  ],
  ["Dr. Ann Lee, PhD <ann@x.example>", "Dr. Ann Lee, PhD|ann@x.example"],
  [
    "„Lee, Ann“ <ann@x.example>, «Fox, Bob» <bob@x.example>",
    "Lee, Ann|ann@x.example",
    "Fox, Bob|bob@x.example",
  ],
  ["'Lee, Ann' <ann@x.example>", "Lee, Ann|ann@x.example"],
  [
    "To: Lee, Ann <ann@x.example>; Fox, Bob <bob@x.example>\nCc: Cy <cy@x.example>",
    "Lee, Ann|ann@x.example",
    "Fox, Bob|bob@x.example",
    "Cy|cy@x.example",
  ],
  // Names before an address, and around it.
  ['"Ann L" ann@x.example, "Bob F" bob@x.example', "Ann L|ann@x.example", "Bob F|bob@x.example"],
  ["Ann Lee ann@x.example; Bob Fox - bob@x.example", "Ann Lee|ann@x.example", "Bob Fox|bob@x.example"],
  [
    "Ann Lee\n<ann@x.example>,\nFox, Bob\r\n <bob@x.example>",
    "Ann Lee|ann@x.example",
    "Fox, Bob|bob@x.example",
  ],
  ['"Ann Lee <ann@x.example>"', "Ann Lee|ann@x.example"],
  ["'Ann Lee <ann@x.example>'", "Ann Lee|ann@x.example"],
  ['"ann@x.example, bob@x.example"', "ann@x.example", "bob@x.example"],
  ['["ann@x.example", "bob@x.example"]', "ann@x.example", "bob@x.example"],
  // Words before it that no list names, also those of commits.
  ["Von: Ann Lee <ann@x.example>", "Ann Lee|ann@x.example"],
  ["Para: ann@x.example", "ann@x.example"],
  ["收件人：ann@x.example", "ann@x.example"],
  [
    "Signed-off-by: Ann Lee <ann@x.example>\nCo-authored-by: Bob <bob@x.example>",
    "Ann Lee|ann@x.example",
    "Bob|bob@x.example",
  ],
  // Lists, quotations and tables.
  ["- ann@x.example\n- Bob <bob@x.example>", "ann@x.example", "Bob|bob@x.example"],
  ["1. ann@x.example\n2) bob@x.example", "ann@x.example", "bob@x.example"],
  ["• ann@x.example\n> bob@x.example, cy@x.example", "ann@x.example", "bob@x.example", "cy@x.example"],
  [
    "|---|---|\n| Ann Lee | ann@x.example |\n| Bob | <bob@x.example> |",
    "Ann Lee|ann@x.example",
    "Bob|bob@x.example",
  ],
  // Links, as they are escaped.
  ["mailto:ann%2Btag@x.example", "ann+tag@x.example"],
  ["mailto:Ann%20Lee%20%3Cann@x.example%3E", "Ann Lee|ann@x.example"],
  ["mailto:ann@x.example,bob@x.example?subject=Hi%20there", "ann@x.example", "bob@x.example"],
  ["mailto:100%@x.example", "100%@x.example"],
  [
    "Ann Lee &lt;ann@x.example&gt;; &quot;Bob&quot; &lt;bob@x.example&gt;",
    "Ann Lee|ann@x.example",
    "Bob|bob@x.example",
  ],
  // Other signs for the same.
  ["山田 太郎＜y@x.example＞", "山田 太郎|y@x.example"],
  ["ann＠x。example", "ann@x.example"],
  ["ann\u2011lee@x\u2010y.example", "ann-lee@x-y.example"],
  // What cannot be seen.
  ["\u200bann@x.example", "ann@x.example"],
  ["\u202aann@x.example\u202c", "ann@x.example"],
  ["ann@exam\u00adple.example", "ann@example.example"],
  ["\ufeffAnn\u200e <ann@x.example\u2060>", "Ann|ann@x.example"],
  ["Ann\u00a0Lee\u00a0<ann@x.example>", "Ann Lee|ann@x.example"],
  ["ann@x.example,\u00a0bob@x.example", "ann@x.example", "bob@x.example"],
  [`Ann Lee${" ".repeat(500)}<ann@x.example>`, "Ann Lee|ann@x.example"],
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
    "ann bob@x.example",
    "mailto:ann@x.example?bcc=bob@x.example",
    "https://x.example/?to=ann@x.example",
    "sip:ann@x.example",
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
      "mailto:a?".repeat(50),
      "A, ".repeat(150),
      "<a@b> ".repeat(80),
      "- ".repeat(200),
      "|".repeat(400),
      `a@${"。".repeat(400)}`,
    ];
    for (const text of texts) parseRecipients(`${text}\n`.repeat(1_000));
  });
});
