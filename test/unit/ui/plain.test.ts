import assert from "node:assert/strict";
import { plain } from "../../../src/ui/notices/plain.ts";

describe("Text in VS Code's messages", () => {
  for (const [text, shown] of [
    ["see [here](command:x)", "see [here] (command:x)"],
    // What is hidden must not come between the signs of a link until it is taken out.
    ["see [here]\u200b(command:x)", "see [here] (command:x)"],
    ["see [here]\u202e\u2066(command:x)", "see [here] (command:x)"],
    ["two\nlines\u2028three", "two lines three"],
    ["x".repeat(800), `${"x".repeat(700)}…`],
  ] as const)
    it(`is ${JSON.stringify(shown.slice(0, 40))}`, () => assert.equal(plain(text), shown));
});
