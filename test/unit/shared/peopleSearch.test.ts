import assert from "node:assert/strict";
import type { Person } from "../../../src/shared/contract/messages.ts";
import { matchPeople } from "../../../src/shared/peopleSearch.ts";

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
