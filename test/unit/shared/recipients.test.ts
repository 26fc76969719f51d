import assert from "node:assert/strict";
import type { Person } from "../../../src/shared/contract.ts";
import { domainOf, isExternal, matchPeople } from "../../../src/shared/recipients.ts";

describe("A recipient is", () => {
  for (const [email, own, external] of [
    ["ann@example.com", "example.com", false],
    ["ann@EXAMPLE.com", "Example.COM", false],
    ["ann@sub.example.com", "example.com", false],
    ["ann@example.com", "mail.example.com", false],
    ["ann@notexample.com", "example.com", true],
    ["ann@example.com.evil.test", "example.com", true],
    ["ann@example.org", "example.com", true],
    ["ann@fabrikam.onmicrosoft.test", "contoso.onmicrosoft.test", true],
    ['"ann@example.com"@evil.test', "example.com", true],
  ] as const)
    it(`${external ? "external" : "internal"} as ${email} to ${own}`, () =>
      assert.equal(isExternal(email, own), external));
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

describe("People are found", () => {
  const person = (name: string | null, email: string): Person => ({ name, email, origin: "mail" });
  const people = [
    person("Grace Hopper", "grace@navy.example"),
    person("Jürgen Groß", "j.gross@contoso.example"),
    person(null, "ada.lovelace@engine.example"),
    person("Anna Grace", "anna@other.example"),
  ];
  const found = (typed: string, limit = 8) => matchPeople(people, typed, limit).map(({ email }) => email);

  for (const [typed, expected] of [
    ["gra", ["grace@navy.example", "anna@other.example"]],
    ["GRACE H", ["grace@navy.example"]],
    ["hopper", ["grace@navy.example"]],
    ["jurgen", ["j.gross@contoso.example"]],
    ["gross", ["j.gross@contoso.example"]],
    ["love", ["ada.lovelace@engine.example"]],
    ["ada.lo", ["ada.lovelace@engine.example"]],
    ["@engine", ["ada.lovelace@engine.example"]],
    ["grace@n", ["grace@navy.example"]],
    ["race", []],
    ["grace nobody", []],
  ] as const)
    it(`by “${typed}”`, () => assert.deepEqual(found(typed), expected));

  it("in the order given while nothing is typed, and no more than asked for", () =>
    assert.deepEqual(found("", 2), ["grace@navy.example", "j.gross@contoso.example"]));
});
