import assert from "node:assert/strict";
import fc from "fast-check";
import { OutgoingMessage, readForm } from "../../../src/shared/message.ts";
import { withoutQuotes } from "../../../src/shared/pastedAddress.ts";
import {
  formatRecipient,
  joinEntries,
  parseRecipients,
  readEntries,
  splitList,
  takeFinished,
} from "../../../src/shared/recipients.ts";
import { cleanName } from "../../../src/shared/shownRecipient.ts";
import { emptyForm } from "../../support/records.ts";

const emails = (text: string) => parseRecipients(text).recipients.map(({ email }) => email);
const names = (text: string) => parseRecipients(text).recipients.map(({ name }) => name);
/** How many entries are addresses, and how many are not. */
const counts = (text: string) => {
  const { recipients, problems } = parseRecipients(text);
  return [recipients.length, problems.length];
};

describe("A line of addresses", () => {
  for (const [text, expected] of [
    ["", []],
    [" , ;\n ", []],
    ["ann@x.example", ["ann@x.example"]],
    ["ann@x.example, bob@x.example", ["ann@x.example", "bob@x.example"]],
    ["ann@x.example; bob@x.example;", ["ann@x.example", "bob@x.example"]],
    ["ann@x.example\r\nbob@x.example\n", ["ann@x.example", "bob@x.example"]],
    ["<ann@x.example>", ["ann@x.example"]],
    ["Ann Lee <ann@x.example>", ["ann@x.example"]],
    ["ann.lee+tag@sub.x.example", ["ann.lee+tag@sub.x.example"]],
    ["o'neil@x.example", ["o'neil@x.example"]],
    ["ann@x.example (at work, mostly)", ["ann@x.example"]],
    ["Ann@x.example, ann@X.EXAMPLE, ann@x.example", ["Ann@x.example"]],
    ["ann@xn--mnchen-3ya.example", ["ann@xn--mnchen-3ya.example"]],
    ["ann@münchen.example, ann@xn--mnchen-3ya.example", ["ann@xn--mnchen-3ya.example"]],
    ["ann@例え.example", ["ann@xn--r8jz45g.example"]],
  ] as const)
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(emails(text), expected);
      assert.deepEqual(parseRecipients(text).problems, []);
    });

  for (const [text, name] of [
    ["Ann Lee <ann@x.example>", "Ann Lee"],
    ['"Lee, Ann" <ann@x.example>', "Lee, Ann"],
    ['"Ann; the <one>" <ann@x.example>', "Ann; the <one>"],
    ['"Lee \\"Annie\\" Ann" <ann@x.example>', 'Lee "Annie" Ann'],
    ["Jürgen Groß <j@x.example>", "Jürgen Groß"],
    ["山田太郎 <y@x.example>", "山田太郎"],
    ["ann@x.example", null],
  ] as const)
    it(`finds the name in ${text}`, () => assert.equal(names(text)[0] ?? null, name));

  for (const [text, problem] of [
    ["ann", "“ann” is not an e-mail address."],
    ["ann@", "“ann@” is not an e-mail address."],
    ["@x.example", "“@x.example” is not an e-mail address."],
    ["ann a@x.example b@x.example", "“ann a@x.example b@x.example” is not an e-mail address."],
    ["a..b@x.example", "“a..b@x.example” is not an e-mail address."],
    ["ann@localhost", "“ann@localhost” has no complete domain, such as example.com."],
    [
      "jürgen@x.example",
      "“jürgen@x.example” contains letters that mail services do not accept in an address.",
    ],
    [
      '"ann lee"@x.example',
      "“ann lee@x.example” contains letters that mail services do not accept in an address.",
    ],
    ["ann@[127.0.0.1]", "“ann@[127.0.0.1]” has no complete domain, such as example.com."],
    ["ann@[x,bob@y.example]", "“ann@[x,bob@y.example]” has no complete domain, such as example.com."],
    ...[
      '"a,b"',
      '"a;b"',
      '"a@y.example"',
      '"<a>"',
      '"a>b"',
      '"a\\"b"',
      '"a\\\\b"',
      '".a"',
      '"a..b"',
      '""',
      '"a:b"',
    ].map(
      (local) =>
        [`${local}@x.example`, `“${local}@x.example” needs quotes, which mail services misread.`] as const,
    ),
    ['Team: Ann <"a,bob"@x.example>;', '“"a,bob"@x.example” needs quotes, which mail services misread.'],
    // What some mail programs decode first is another address then.
    ...["=?x?q?thief=40evil.example=3e=00?=ann", "=?utf-8?b?dGhpZWY=?=", "ann=?utf-8?q?=2c?="].map(
      (local) =>
        [
          `${local}@x.example`,
          `“${local}@x.example” contains encoded text, which mail services misread.`,
        ] as const,
    ),
    ["Ann <ann@x.example", "“Ann <ann@x.example” is not an e-mail address."],
    ['"Ann <ann@x.example>', '“"Ann <ann@x.example>” is not an e-mail address.'],
  ] as const)
    it(`says what is wrong with ${text}`, () => assert.deepEqual(parseRecipients(text).problems, [problem]));

  it("counts the others when one entry is wrong, in the order typed", () => {
    const { problems } = parseRecipients("nobody, ann@x.example, nowhere");
    assert.deepEqual(emails("nobody, ann@x.example, nowhere"), ["ann@x.example"]);
    assert.match(problems[0] ?? "", /nobody/);
    assert.match(problems[1] ?? "", /nowhere/);
  });

  for (const [text, expected] of [
    ["Team: ann@x.example, bob@x.example;", ["ann@x.example", "bob@x.example"]],
    [
      "Team: Ann <ann@x.example>, bob@x.example; carl@x.example",
      ["ann@x.example", "bob@x.example", "carl@x.example"],
    ],
    ["undisclosed-recipients:;", []],
  ] as const)
    it(`takes the members of a group: ${text}`, () => {
      assert.deepEqual(emails(text), expected);
      assert.deepEqual(parseRecipients(text).problems, []);
    });

  it("judges an entry that no address can be as long as", () => {
    for (const long of [
      "(".repeat(100_000),
      `A ${" ".repeat(99_997)}@`,
      `<a@b>${" ".repeat(99_994)}x`,
      `[${"@".repeat(99_999)}`,
      '"'.repeat(99_999),
      "a".repeat(100_000),
      "a ".repeat(50_000),
      "\\".repeat(100_000),
    ]) {
      const { problems } = parseRecipients(long);
      assert.equal(problems.length, 1);
      assert.ok((problems[0] ?? "").length < 300, "a sentence that can be read");
    }
  });

  it("never throws, whatever was typed @slow", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string({ unit: fc.constantFrom(...'a@.<>(),;:"\\ []\r\n\té') }),
          fc.string({ unit: fc.constantFrom("(", ")", '"', "\\", "<", ">"), maxLength: 60 }),
          fc.string({ unit: fc.constantFrom(...'",;<>@ .\\a') }).map((local) => `"${local}"@x.example`),
        ),
        (text) => {
          const { recipients } = parseRecipients(text);
          // Whoever reads it, with quotes or without, reads one address, and the same.
          for (const { email } of recipients)
            assert.match(email, /^[^\s"(),:;<>@[\\\]\x80-\uffff]+@[\w.-]+$/);
        },
      ),
    ));

  it("reads any list of plain addresses back as it was", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.emailAddress(), { selector: (text) => text.toLowerCase() }), (list) => {
        assert.deepEqual(emails(list.join(", ")), list);
      }),
    ));

  it("finds as many entries as were separated", () => {
    assert.deepEqual(counts("a@x.example,b@x.example;c@x.example\nnobody"), [3, 1]);
  });
});

describe("A list of recipients", () => {
  const texts = (text: string) => readEntries(text).map((entry) => entry.text);
  const odd = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'a@.<>(),;:"\\ []\r\n\té') }),
    fc.string({ unit: fc.constantFrom("ann@x.example", '"', ",", ";", ":", "\\", "(", "\n") }),
    fc.string({ unit: fc.constantFrom("Lee", "Ann", "<ann@x.example>", " ", ",", ";", ":", "\n", "\t") }),
  );

  it("tells the entries apart, each as it was typed, good or bad", () => {
    assert.deepEqual(readEntries('"Lee, Ann" <ann@x.example>; nobody'), [
      {
        text: '"Lee, Ann" <ann@x.example>',
        recipient: { name: "Lee, Ann", email: "ann@x.example" },
        problem: null,
      },
      { text: "nobody", recipient: null, problem: "“nobody” is not an e-mail address." },
    ]);
  });

  it("leaves the comma in a name as Outlook writes it, and takes no word that is half typed for a surname", () => {
    assert.deepEqual(names("Lee, Ann <ann@x.example>; Groß, J. <j@x.example>;"), ["Lee, Ann", "Groß, J."]);
    assert.deepEqual(names("van Lee, Ann <ann@x.example>; c@x.example"), ["van Lee, Ann", null]);
    assert.deepEqual(names("Lee, Ann <ann@x.example>"), ["Lee, Ann"]);
    assert.deepEqual(counts("ann, Bob <bob@x.example>"), [1, 1]);
    assert.deepEqual(counts("Ann, bob <bob@x.example>"), [1, 1]);
    assert.deepEqual(counts("Ann, bob@x.example"), [1, 1]);
    assert.deepEqual(emails("bob@x.example, Ann <ann@x.example>; c@x.example"), [
      "bob@x.example",
      "ann@x.example",
      "c@x.example",
    ]);
  });

  it("makes an entry of each member of a group", () => {
    assert.deepEqual(texts('Team: "Lee, Ann" <ann@x.example>, bob@x.example;'), [
      '"Lee, Ann" <ann@x.example>',
      "bob@x.example",
    ]);
  });

  it("does not let a quote that stays open swallow the next line", () => {
    assert.deepEqual(texts('"Ann <ann@x.example\nbob@x.example'), ['"Ann <ann@x.example', "bob@x.example"]);
  });

  it("loses nothing of an entry that ends in the middle of an escape", () => {
    assert.deepEqual(texts('"Ann\\'), ['"Ann\\']);
  });

  for (const [text, entries, open] of [
    ["", [], ""],
    ["ann@x.example", ["ann@x.example"], ""],
    ["ann@x.example, bo", ["ann@x.example"], "bo"],
    ["ann@x.example, bo,", ["ann@x.example", "bo"], ""],
    ["bo\n", ["bo"], ""],
    ['"Lee, An', [], '"Lee, An'],
  ] as const)
    it(`knows what of ${JSON.stringify(text)} is still being typed`, () => {
      const list = splitList(text);
      assert.deepEqual([list.entries.map((entry) => entry.text), list.open], [entries, open]);
      assert.deepEqual(splitList(joinEntries(list.entries, list.open)), list);
    });

  for (const [text, entries] of [
    ["<(@a.example>, <b@c.example", ["<(@a.example>", "<b@c.example"]],
    ["<(@a.example> , <b@c.example>,", ["<(@a.example>", "<b@c.example>"]],
    [":;\nLee\nAnn <a@b.example>", [":;", "Lee", "Ann <a@b.example>"]],
    ["Lee,\n<a@b.example>", ["Lee", "<a@b.example>"]],
    ["Lee\nann <a@b.example>\n:;", ["Lee", "ann <a@b.example>", ":;"]],
    ['["a@b.example"]', ["a@b.example"]],
    ['["a@b.example", "c@d.example"]', ["a@b.example", "c@d.example"]],
  ] as const)
    it(`is the same after a second reading: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(texts(text), entries);
      assert.deepEqual(texts(joinEntries(readEntries(text), "")), entries);
    });

  it("is the same list again after it was written as a text @slow", () =>
    fc.assert(
      fc.property(odd, odd, (text, more) => {
        const entries = [...readEntries(text), ...readEntries(more)];
        assert.deepEqual(splitList(joinEntries(entries, "")), { entries, open: "" });
      }),
      { numRuns: 1000 },
    ));

  it("is written with nothing after its last address", () => {
    assert.equal(
      joinEntries(readEntries("Ann <ann@x.example>\nbob@x.example;"), ""),
      "Ann <ann@x.example>, bob@x.example",
    );
  });

  for (const [typed, finished, open] of [
    ["ann@x.example,", "ann@x.example,", ""],
    ["ann@x.example, ", "ann@x.example, ", ""],
    ["ann@x.example, bob ", "ann@x.example, ", "bob "],
    [",", ",", ""],
    ["a@x.example; Lee, Ann <ann@x.example>", "a@x.example; Lee, Ann <ann@x.example>", ""],
  ] as const)
    it(`has finished ${JSON.stringify(finished)} when ${JSON.stringify(typed)} is typed`, () =>
      assert.deepEqual(takeFinished(typed), { finished, open }));
  for (const typed of ["", " ", "ann", '"Lee, Ann', "Ann <ann@x.example,"])
    it(`has finished nothing when ${JSON.stringify(typed)} is typed`, () =>
      assert.equal(takeFinished(typed), undefined));

  it("names a recipient so that the name is found again", () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aé ,;:\"\\()<>[]@.山'-") }), (raw) => {
        const name = raw.replace(/ +/g, " ").trim();
        const recipient = { name: name === "" ? null : name, email: "ann@x.example" };
        const found = cleanName(recipient.name === null ? null : withoutQuotes(recipient.name));
        assert.deepEqual(readEntries(formatRecipient(recipient)), [
          {
            text: formatRecipient(recipient),
            // One that would pass for an address is not taken over, nor one without a letter, nor quotes around one.
            recipient: { ...recipient, name: found },
            problem: null,
          },
        ]);
      }),
    ));

  // Text of a folder's tasks comes in here: it must not hold the editor up for minutes.
  it("is read in time that grows with its length, whatever it says", () => {
    assert.equal(splitList(`${"\n".repeat(99_999)}x`).open, "x");
    assert.equal(parseRecipients("-\n".repeat(50_000)).problems.length, 1_001);
    const bracketed = parseRecipients(`${"(".repeat(480)}a@b.example\n`.repeat(200));
    assert.deepEqual([bracketed.recipients.length, bracketed.problems.length], [0, 200]);
  });

  it("has an end, after which the rest is one entry that says so", () => {
    const addresses = Array.from({ length: 1_200 }, (_, number) => `a${number}@b.example`);
    const { recipients, problems } = parseRecipients(addresses.join(", "));
    assert.equal(recipients.length, 1_000);
    assert.deepEqual(problems, ["A field can have at most 1,000 recipients."]);
    const { entries } = splitList(addresses.join(", "));
    assert.deepEqual(splitList(joinEntries(entries, "")).entries, entries);
  });
});

describe("A form", () => {
  const rules = { xHeadersOnly: true, addressed: true };

  it("becomes a message once it names a reader", () => {
    const form = {
      to: "Ann <ann@x.example>",
      cc: "bob@x.example",
      bcc: "",
      replyTo: "desk@x.example",
      headers: "X-Project: Tide: 2\n\nx-run:7",
      subject: "Build 7",
      body: "Here it is.\n",
      format: "markdown",
    } as const;
    const read = readForm(form, rules);
    assert.deepEqual(read, {
      message: {
        to: [{ name: "Ann", email: "ann@x.example" }],
        cc: [{ name: null, email: "bob@x.example" }],
        bcc: [],
        replyTo: [{ name: null, email: "desk@x.example" }],
        headers: [
          { name: "X-Project", value: "Tide: 2" },
          { name: "x-run", value: "7" },
        ],
        subject: "Build 7",
        body: "Here it is.\n",
        format: "markdown",
      },
    });
    assert.ok("message" in read && OutgoingMessage.safeParse(read.message).success);
  });

  it("may be without subject and text", () => {
    assert.ok("message" in readForm({ ...emptyForm, to: "ann@x.example" }, rules));
  });

  // For whom it is, and whether the service wants somebody in To: who is in To then.
  for (const [to, cc, bcc, standIn, sent, saved] of [
    ["", "", "", false, undefined, ""],
    ["", "", "", true, undefined, ""],
    ["", "", "b", false, "", ""],
    ["", "", "b", true, "me", ""],
    ["", "", "b, c", false, "", ""],
    ["", "", "b; c", true, "me", ""],
    ["", "", "me", true, "me", ""],
    ["", "c", "", false, "", ""],
    ["", "c", "", true, "me", ""],
    ["", "c", "b", false, "", ""],
    ["", "c", "b", true, "me", ""],
    ["t", "", "b", false, "t", "t"],
    ["t", "", "b", true, "t", "t"],
    ["t", "c", "b", false, "t", "t"],
    ["t", "c", "b", true, "t", "t"],
    [" ", "\t", "b", true, "me", ""],
    [",", ";", "b", true, "me", ""],
  ] as const)
    it(`is for ${JSON.stringify([to, cc, bcc])}${standIn ? " where somebody has to be in To" : ""}`, () => {
      const whole = (names: string) => names.replace(/\w+/g, "$&@x.example");
      const form = { ...emptyForm, to: whole(to), cc: whole(cc), bcc: whole(bcc) };
      const inTo = (addressed: boolean) => {
        const stand = standIn ? { standIn: "me@x.example" } : {};
        const read = readForm(form, { ...rules, ...stand, addressed });
        if ("problem" in read) return undefined;
        const { message } = read;
        assert.equal(message.bcc.map(({ email }) => email).join(), whole(bcc).replace(/[;,] ?/g, ","));
        return message.to.map(({ email }) => email.replace("@x.example", "")).join();
      };
      assert.deepEqual([inTo(true), inTo(false)], [sent, saved]);
    });

  it("needs no recipient when it becomes a draft, but no false one either", () => {
    const draft = { ...rules, addressed: false };
    assert.ok("message" in readForm(emptyForm, draft));
    assert.ok("problem" in readForm({ ...emptyForm, to: "nobody" }, draft));
  });

  for (const [change, field] of [
    [{}, "to"],
    [{ replyTo: "ann@x.example" }, "to"],
    [{ to: "nobody" }, "to"],
    [{ to: "ann@x.example", cc: "nobody" }, "cc"],
    [{ to: "ann@x.example", bcc: "nobody" }, "bcc"],
    [{ to: "nobody", cc: "nowhere" }, "to"],
    [{ to: "ann@x.example", replyTo: "nobody" }, "replyTo"],
    [{ to: "ann@x.example", headers: "Priority: high" }, "headers"],
  ] as const)
    it(`is sent back to “${field}” when it says ${JSON.stringify(change)}`, () => {
      const read = readForm({ ...emptyForm, ...change }, rules);
      assert.equal("problem" in read && read.problem.field, field);
    });
});
