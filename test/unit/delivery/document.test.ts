import assert from "node:assert/strict";
import { readDocument } from "../../../src/delivery/compose/document.ts";

describe("A document as a mail", () => {
  for (const [what, document, subject] of [
    ["its first heading", "Intro\n\n## The *big* `plan` ##\n\n# Later", "The big plan"],
    ["an underlined heading", "Report\n======\n\ntext", "Report"],
    ["a heading with a link", "# See [the docs](https://x.example)", "See the docs"],
    ["no comment in a script", "```sh\n# not this\n```\n\n# This", "This"],
    ["no heading that stands far below", `${"text\n".repeat(20_000)}\n# Late`, undefined],
    ["nothing without a heading", "Just text", undefined],
    ["nothing for an empty heading", "#\n\ntext", undefined],
    ["no sign that cannot be seen", "# \u200bReport\u202e 7\u00ad", "Report 7"],
    ["nothing for a heading that cannot be seen", "# \u200b\n\ntext", undefined],
    ["no heading in its front matter", "---\ntitle: x\n# no\n---\n# Yes", "Yes"],
  ] as const)
    it(`has as its subject ${what}`, async () =>
      assert.equal((await readDocument(document)).subject, subject));

  for (const [what, document, text] of [
    ["its front matter", "---\ntitle: x\n---\n\n# Yes\n", "# Yes"],
    ["an empty front matter", "---\n---\n# Yes", "# Yes"],
    ["a byte order mark", "\uFEFF---\r\na: b\r\n---\r\ntext", "text"],
  ] as const)
    it(`leaves out ${what}`, async () => assert.equal((await readDocument(document)).text, text));

  for (const text of ["---\n\ntext", "---\nThis is text\n\n---\n\nmore", "---\nnobody ends it: x"])
    it(`keeps a line that opens no front matter: ${JSON.stringify(text)}`, async () =>
      assert.equal((await readDocument(text)).text, text));
});
