import assert from "node:assert/strict";
import fc from "fast-check";
import { readerVariables } from "../../../src/delivery/body/variables.ts";
import { knownAmong } from "../../../src/delivery/compose/correspondents.ts";
import { readableDomain } from "../../../src/shared/addresses/punycode.ts";
import { countHidden, oneLine, withoutHidden } from "../../../src/shared/foreignText.ts";
import { parseRecipients } from "../../../src/shared/recipients.ts";
import { cleanName, shownAddress, shownName, shownRecipient } from "../../../src/shared/shownRecipient.ts";
import { delivery } from "../../support/records.ts";

const THIEF = "thief@evil.example";

describe("A person's name", () => {
  for (const name of [
    // Addresses, and what reads like one.
    "maria@company.example",
    "Maria maria@company.example",
    "maria＠company.example",
    "maria﹫company.example",
    "maria (at) company.example",
    "maria[AT]company.example",
    "https://company.example",
    // Signs that pass for the @.
    "mariaⓐcompany.example",
    "mariaⒶcompany",
    "maria🅐company",
    "maria🄰company",
    "maria⒜company",
    "mariaa\u20ddcompany",
    "maria◎company",
    "maria 【at】 company",
    "maria -at- company",
    "maria_at_company",
    "maria ａｔ company．example",
    "maria at company dot example",
    "maria at company [dot] example",
    // A domain, however its dots are drawn.
    "company.example",
    "maria at company.example",
    "Maria, company.example",
    "www.company.example",
    "X.COM",
    "company.xn--p1ai",
    "компания.рф",
    "company。example",
    "company․example",
    "company·example",
    "companyꓸexample",
    "company٠example",
    "company.ex\u00adample",
    "maria&#64;company.example",
    // Half of an address, and what mail programs make one of.
    "Maria <maria",
    "Maria ＜maria",
    "Maria ‹maria›",
    "Maria ᐸmaria",
    "maria> Maria",
    "=?utf-8?b?bWFyaWFAY29tcGFueS5leGFtcGxl?=",
    "=?utf-8?q?maria=40company?=",
    // Nothing to see.
    "",
    " \t ",
    "\u200b",
    "\u3164",
    "\uffa0\u115f\u1160",
    "\u2800\u2800",
    "\u00ad\u034f\u061c\u180e\ufeff",
    "\u{e0041}\u{e0042}",
    "\u{1d159}",
    "\u0301\u0302",
    "...",
    "\u202e\u2066",
    "\ud83d",
  ])
    it(`gives way to the address when it is ${JSON.stringify(name)}`, () => {
      assert.equal(cleanName(name), null);
      assert.equal(shownRecipient({ name, email: THIEF }), THIEF);
    });

  for (const [name, shown] of [
    ["Ada Lovelace", "Ada Lovelace"],
    ["  Ada\r\n\u0000Lovelace ", "Ada Lovelace"],
    ["Ma\u200bri\u00ada\u202e", "Maria"],
    ["\u3164Maria\u2800", "Maria"],
    ["Jürgen Groß", "Jürgen Groß"],
    ["O'Neil, Bob [DE]", "O'Neil, Bob [DE]"],
    ["山田 太郎", "山田 太郎"],
    ["נועה", "נועה"],
    ["Kim 👩\u200d💻", "Kim 👩\u200d💻"],
    [`Z${"\u0301".repeat(40)}algo`, `Z${"\u0301".repeat(4)}algo`],
    ["A".repeat(200), `${"A".repeat(60)}…`],
    ["\ue000Ann", "\ue000Ann"],
    // What only resembles an address: it stays.
    ["Huber, Max (AT)", "Huber, Max (AT)"],
    ["Smith (AT&T)", "Smith (AT&T)"],
    ["Support at Example", "Support at Example"],
    ["J.R.R.Smith", "J.R.R.Smith"],
    ["Ann Lee, M.Sc.", "Ann Lee, M.Sc."],
    ["Dipl.-Ing. Uwe Groß", "Dipl.-Ing. Uwe Groß"],
    ["Team 2.0", "Team 2.0"],
    ["Gal·la Puig", "Gal·la Puig"],
    ["卡尔·马克思", "卡尔·马克思"],
    ["Dot Warner", "Dot Warner"],
  ] as const)
    it(`is shown as ${shown.slice(0, 20)}`, () => assert.equal(shownName({ name }), shown));

  it("is sent as it is shown: who reads the mail sees no other", () => {
    const read = (text: string) => parseRecipients(text).recipients;
    assert.deepEqual(read(`"maria@company.example" <${THIEF}>, "An\u202en" <ann@x.example>`), [
      { name: null, email: THIEF },
      { name: "Ann", email: "ann@x.example" },
    ]);
  });

  it("greets in a template only with what can be seen", () =>
    assert.deepEqual(
      readerVariables([
        { name: "\u200b", email: THIEF },
        { name: "maria@company.example", email: THIEF },
        { name: "A\u202eda", email: "ada@x.example" },
      ]),
      { name: `${THIEF}, ${THIEF}, Ada` },
    ));

  it("never hides the address, whatever it is @slow @slow", () => {
    let tried = 0;
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (name) => {
        tried++;
        const shown = shownRecipient({ name, email: THIEF });
        const cleaned = shownName({ name }) ?? "";
        assert.equal(shown, cleaned === "" ? THIEF : `${cleaned} <${THIEF}>`);
        assert.doesNotMatch(cleaned, /[@＠\n]/);
        assert.ok(cleaned.length <= 130);
      }),
      { numRuns: 2_000 },
    );
    assert.equal(tried, 2_000);
  });
});

describe("An address", () => {
  for (const [email, shown] of [
    ["ann@x.example", "ann@x.example"],
    ["ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example (münchen.example)"],
    // Cyrillic letters that look like a well-known name.
    ["ann@xn--80ak6aa92e.com", "ann@xn--80ak6aa92e.com (аррӏе.com)"],
    ["ann@xn--eckwd4c7cu47r2wf.jp", "ann@xn--eckwd4c7cu47r2wf.jp (ドメイン名例.jp)"],
    ["ann@xn--a.example", "ann@xn--a.example"],
    ["ann@xn--99999999999.example", "ann@xn--99999999999.example"],
  ] as const)
    it(`is shown as ${shown}`, () => assert.equal(shownAddress(email), shown));

  it("reads every domain as the platform does", () => {
    let tried = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(..."äöüßéèñçабвгдежз日本語一二三αβγ0a-"), { minLength: 2, maxLength: 20 }),
        (letters) => {
          const url = URL.parse(`https://${letters.join("")}.example`);
          if (url === null || !url.hostname.startsWith("xn--")) return;
          tried++;
          const back = readableDomain(url.hostname);
          if (back !== undefined) assert.equal(URL.parse(`https://${back}`)?.hostname, url.hostname);
          else assert.fail(url.hostname);
        },
      ),
      { numRuns: 1_000 },
    );
    assert.ok(tried > 300, `${tried}`);
  });
});

describe("Text of strangers", () => {
  it("loses what cannot be seen, or shows where it is", () => {
    assert.equal(withoutHidden("a\u202eb\u200bc"), "abc");
    assert.equal(withoutHidden("a\u202eb", "\ufffd"), "a\ufffdb");
    assert.equal(oneLine("a\n\tb\u2028c \u00a0 d"), "a b c d");
    assert.equal(countHidden("a\u200bb\r\n\tc\u{e0041}"), 2);
  });

  it("keeps the joiners that a script or an emoji needs", () => {
    for (const text of ["می\u200cخواهم", "👨\u200d👩\u200d👧", "❤\ufe0f"])
      assert.equal(withoutHidden(text), text);
    assert.equal(withoutHidden("ma\u200cria\u200d"), "maria");
  });
});

describe("Recipients who are known", () => {
  it("are those of the form who were written to, under each name that they had", () => {
    const message = {
      ...{ to: [{ name: "Ann", email: "Ann@x.example" }], cc: [{ name: null, email: "bob@x.example" }] },
      ...{ bcc: [], replyTo: [], headers: [], subject: "", body: "", format: "text" as const },
    };
    const history = [
      delivery({ phase: "sent", message }),
      delivery({ phase: "composing", message }),
      // Nobody got this one: it makes nobody known.
      delivery({
        ...{ phase: "sent", accountId: "practice" },
        message: { ...message, bcc: [{ name: "New", email: "new@x.example" }] },
      }),
    ];
    const form = { to: "ann@x.example", cc: "", bcc: "new@x.example" };
    assert.deepEqual(knownAmong(form, history), [{ name: "Ann", email: "Ann@x.example" }]);
    assert.deepEqual(knownAmong({ to: "", cc: "", bcc: "" }, history), []);
  });
});
