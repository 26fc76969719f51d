import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import { readComposeRequest } from "../../../src/delivery/compose/composeRequest.ts";

describe("A request to fill a mail", () => {
  it("may hold nothing at all", () => {
    assert.deepEqual(readComposeRequest({}), { files: [] });
  });

  it("takes recipients as a text or as a list", () => {
    const { to, cc } = readComposeRequest({
      to: ["Ada <ada@x.example>", "bob@x.example"],
      cc: "c@x.example; d@",
    });
    assert.deepEqual([to, cc], ["Ada <ada@x.example>, bob@x.example", "c@x.example; d@"]);
  });

  for (const [what, value, named] of [
    ["a key that there is none of", { file: "a" }, /not valid: \w.*"file"/],
    ["a wrong type", { subject: 7 }, /subject: /],
    ["a format that is none", { format: "rtf" }, /format: /],
    ["a list in the place of an object", ["a.bin"], /not valid: \w.*expected object/],
    ["a file without a name", { files: [""] }, /files\.0: /],
    ["something in a list of readers", { to: ["a@x.example", null] }, /to: /],
  ] as const)
    it(`is refused for ${what}, which the error names together with what there is`, () => {
      assert.throws(
        () => readComposeRequest(value),
        (error) =>
          error instanceof FreightError &&
          error.is("bad-arguments") &&
          named.test(error.message) &&
          error.message.endsWith("files, to, cc, bcc, subject, body, format and account."),
      );
    });
});
