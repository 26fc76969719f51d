import assert from "node:assert/strict";
import {
  domainOf,
  isFamiliar,
  isMarkedOutside,
  isOutside,
  shownBriefly,
} from "../../../src/shared/outsiders.ts";

describe("A recipient is", () => {
  const none = { addresses: [], domains: [] };
  for (const [email, from, outside] of [
    ["ann@example.com", "me@example.com", false],
    ["ann@EXAMPLE.com", "Me <me@Example.COM>", false],
    ["ann@sub.example.com", "me@example.com", false],
    ["ann@example.com", "me@mail.example.com", false],
    ["ann@example.com.", "me@example.com", false],
    ["ann@notexample.com", "me@example.com", true],
    ["ann@example.com.evil.test", "me@example.com", true],
    ["ann@example.org", "me@example.com", true],
    ["ann@fabrikam.onmicrosoft.test", "me@contoso.onmicrosoft.test", true],
    ["evil@onmicrosoft.com", "me@contoso.onmicrosoft.com", true],
    ['"ann@example.com"@evil.test', "me@example.com", true],
    // Where anybody gets a mailbox, only oneself is inside.
    ["thief@gmail.com", "kim@gmail.com", true],
    ["Kim@Gmail.com", "kim@gmail.com", false],
    ["thief@yahoo.co.uk", "kim@yahoo.co.uk", true],
    ["thief@live.nl", "kim@live.nl", true],
    ["thief@mail.gmail.com", "kim@gmail.com", true],
    ["thief@web.de", "kim@web.de", true],
    ["thief@gmx.at", "kim@gmx.at", true],
    ["thief@gmx.co.uk", "kim@gmx.co.uk", true],
    ["thief@vip.qq.com", "kim@vip.qq.com", true],
    ["thief@inbox.lv", "kim@inbox.lv", true],
    ["thief@outlook.com.br", "kim@outlook.com.br", true],
    ["thief@gmail.com", "Kim <kim@gmail.com>", true],
    ["maria@yahoo-inc.example", "kim@yahoo-inc.example", false],
    ["ann@example.com", "Work", false],
    ["ann@example.com", undefined, false],
  ] as const)
    it(`${outside ? "outside" : "inside"} as ${email} to ${from}`, () =>
      assert.equal(isOutside(email, { from, ours: none }), outside));

  for (const [email, domains, outside] of [
    ["ann@example.org", ["example.org"], false],
    ["ann@eu.example.org", [" @Example.org "], false],
    ["ann@eu.example.org", ["*.example.org"], false],
    ["ann@notexample.org", ["example.org"], true],
    ["ann@xn--mnchen-3ya.example", ["münchen.example"], false],
    ["ann@example.com", ["example.org"], false],
    ["kim@gmail.com", ["example.org"], false],
    ["thief@gmail.com", ["example.org", ""], true],
    ["thief@evil.test", [""], true],
  ] as const)
    it(`${outside ? "outside" : "inside"} as ${email} where ${JSON.stringify(domains)} are named`, () =>
      assert.equal(
        isOutside(email, { from: "me@example.com", ours: { addresses: ["kim@gmail.com"], domains } }),
        outside,
      ));
});

describe("A mark says who is outside", () => {
  for (const [from, domains, email, marked] of [
    ["me@example.com", [], "ann@example.org", true],
    ["me@example.com", [], "ann@example.com", false],
    ["me@example.com", [], "ann@gmail.com", true],
    // Of whom everybody would have it, nobody has.
    ["me@gmail.com", [], "ann@example.org", false],
    ["me@gmail.com", [], "ann@gmail.com", false],
    ["me@gmail.com", ["example.org"], "ann@example.org", false],
    ["me@gmail.com", ["example.org"], "ann@gmail.com", true],
  ] as const)
    it(`${marked ? "of" : "not of"} ${email} to ${from}${domains.length > 0 ? ` of ${domains}` : ""}`, () =>
      assert.equal(isMarkedOutside(email, { from, ours: { addresses: [], domains } }), marked));
});

describe("The name alone", () => {
  const circle = {
    from: "me@example.com",
    ours: { addresses: [], domains: [] },
    known: [
      { name: "Ann Lee", email: "Ann@example.com" },
      { name: "Thief", email: "thief@evil.test" },
    ],
  };
  for (const [what, name, email, brief] of [
    ["is enough for somebody inside who was written to", "Ann Lee", "ann@example.com", "Ann Lee"],
    ["is not, under another name", "Maria", "ann@example.com", "Maria <ann@example.com>"],
    ["is not, for somebody never written to", "Bob", "bob@example.com", "Bob <bob@example.com>"],
    ["is not, outside", "Thief", "thief@evil.test", "Thief <thief@evil.test>"],
  ] as const)
    it(what, () => assert.equal(shownBriefly({ name, email }, circle), brief));

  it("is not, without an account", () =>
    assert.equal(
      isFamiliar({ name: "Ann Lee", email: "ann@example.com" }, { ...circle, from: undefined }),
      false,
    ));
});

describe("An account's domain", () => {
  for (const [label, domain] of [
    ["me@Practice.example", "practice.example"],
    ["Practice Mailbox <me@practice.example>", "practice.example"],
    ["Work", undefined],
    ["", undefined],
  ] as const)
    it(`is ${domain} in “${label}”`, () => assert.equal(domainOf(label), domain));
});
