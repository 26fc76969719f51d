// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of templates.
import assert from "node:assert/strict";
import { mock } from "node:test";
import MarkdownIt from "markdown-it";
import { parse, readBody, readImageNames } from "../../../src/delivery/body/bodyText.ts";
import { attachment, delivery, emptyForm } from "../../support/records.ts";

describe("A mail's text as it will be read", () => {
  const mail = (body: string, fillsIn = true) =>
    delivery({
      form: { ...emptyForm, format: "markdown", body },
      fillsIn,
      attachments: [attachment({ name: "a_b_.bin" })],
    });

  it("says of a hash that is not known yet that it is coming, wherever it stands", async () => {
    const { blocks } = await readBody(mail("**${file}** has ${sha256}\n\n- `${sha256}`\n\n${other}"));
    assert.deepEqual(blocks, [
      {
        tag: "p",
        children: [{ tag: "strong", children: ["a_b_.bin"] }, " has (known once uploaded)"],
      },
      {
        tag: "ul",
        children: [{ tag: "li", children: [{ tag: "code", children: ["(known once uploaded)"] }] }],
      },
      { tag: "p", children: ["${other}"] },
    ]);
  });

  it("keeps what looks like a hash where nothing is filled in", async () => {
    const { blocks } = await readBody(mail("${sha256}", false));
    assert.deepEqual(blocks, [{ tag: "p", children: ["${sha256}"] }]);
  });

  it("is parsed once for the preview and its images, with a hash that is not known as well", async () => {
    const read = mock.method(MarkdownIt.prototype, "parse");
    try {
      const record = mail("![](a.png) once ${sha256}");
      assert.deepEqual(await readImageNames(record), ["a.png"]);
      await Promise.all([readBody(record), readImageNames(record), readBody(record)]);
      assert.equal(read.mock.callCount(), 1);
    } finally {
      read.mock.restore();
    }
  });

  it("is not kept as a tree where it is long", async () => {
    const long = "a".repeat(500_001);
    assert.notEqual(await parse(long), await parse(long));
    assert.equal(await parse("short"), await parse("short"));
  });
});
