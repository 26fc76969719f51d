import assert from "node:assert/strict";
import fc from "fast-check";
import { TOKEN_RULES } from "../../../src/files/secrets/gitleaksRules.ts";
import { latin1Of, SECRET_WORDS, secretIn } from "../../../src/files/secrets/secretSearch.ts";
import { WordSearch } from "../../../src/files/secrets/wordSearch.ts";

describe("A search for many words", () => {
  it("finds those that a search for each would find", () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom(..."abc-1"), minLength: 3, maxLength: 6 }), {
          maxLength: 12,
        }),
        fc.string({ unit: fc.constantFrom(..."abcABC-1é\0"), maxLength: 60 }),
        (words, text) => {
          const small = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
          const bounded = words.map((word) => `\b${word}`);
          const expected = [
            ...words.filter((word) => small.includes(word)),
            ...bounded.filter((word) => new RegExp(`(?<!\\w)${word.slice(1)}`).test(small)),
          ];
          const search = new WordSearch([...words, ...bounded]);
          const bytes = Buffer.from(text, "latin1");
          assert.deepEqual([...search.find(bytes)].sort(), expected.sort());
          assert.equal(search.isIn(bytes), expected.length > 0);
        },
      ),
      { numRuns: 2_000 },
    ));

  it("takes more letters than it has numbers for", () => {
    const words = Array.from({ length: 200 }, (_, at) => String.fromCharCode(at + 55, at + 56, at + 55));
    const small = words.map((word) => word.toLowerCase()).filter((word) => !/[^\0-\xff]/.test(word));
    const search = new WordSearch(small);
    for (const word of small) assert.ok(search.find(Buffer.from(word, "latin1")).has(word), word);
  });
});

/** The words that one would look for at first sight: shorter ones, at any place. */
function looselyIn(text: string): Buffer {
  const small = text.toLowerCase();
  const loose = (word: string) => /q~$|^:\$|[^\b].*/.exec(word)?.[0] ?? word;
  const found = SECRET_WORDS.filter((word) => small.includes(loose(word)));
  return latin1Of(`${found.map((word) => word.replace("\b", " ")).join("\n")}${" word".repeat(20)}`);
}
const fragments = fc.constantFrom(
  ...SECRET_WORDS.map((word) => word.replace("\b", "")),
  ...SECRET_WORDS.map((word) => word.replace("\b", "").toUpperCase()),
  ...[
    "\n",
    " ",
    "=",
    ": ",
    '"',
    "'",
    "$",
    "_",
    "é",
    "š",
    "7",
    "a",
    "Zk3",
    "x9".repeat(20),
    "AbC3".repeat(16),
  ],
);
const shapes = TOKEN_RULES.flatMap(({ 2: shape }) => {
  // What the generator knows: neither borders nor what follows.
  const known = shape.source.replace(/\\b|\(\?!\[\\w-\]\)|\(\?:\[\^[^\]]*\]\|\$\)/g, "");
  return known.includes("(?!") || known.includes("(?=")
    ? []
    : [fc.stringMatching(new RegExp(`^(?:${known})$`))];
});

describe("The words that secrets are looked for by", () => {
  it("leave out no shape that would match", () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(fragments, ...shapes), { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        assert.deepEqual(secretIn(text), secretIn(text, looselyIn(text)));
      }),
      { numRuns: 3_000 },
    ));

  it("are known for all that a shape may begin with", () => {
    const drawn = "x9".repeat(16);
    for (const digit of "0123456789")
      assert.equal(secretIn(`abc${digit}Q~${drawn}`)?.what, "an Azure client secret", digit);
    for (const kind of "1 2a 2b 2x 2y 5 6 7 y apr1 argon2 argon2id".split(" "))
      assert.equal(secretIn(`kim:$${kind}$${drawn}`)?.what, "password hashes", kind);
    for (const before of ["", " ", "-", "š", "é"])
      assert.equal(secretIn(`${before}sk-${"AbC3".repeat(12)}`)?.what, "an OpenAI API key", before);
  });
});
