// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested.
import assert from "node:assert/strict";
import fc from "fast-check";
import { printHtml } from "../../../src/delivery/body/bodyHtml.ts";
import { parseMarkdown } from "../../../src/delivery/body/markdown.ts";
import {
  fileVariables,
  fillIn,
  hasVariables,
  readerVariables,
} from "../../../src/delivery/body/variables.ts";
import { beginBody } from "../../../src/delivery/compose/newMailText.ts";

const file = { name: "build.zip", size: 1024 * 1024, sha256: "ab12" };
const other = { name: "log.txt", size: 1024, sha256: "cd34" };

describe("Variables of a template", () => {
  it("are filled in where they are known, and stay where they are not", () =>
    assert.equal(
      fillIn("${file} ${size} ${sha256} ${what} $file ${ file} ${date}", fileVariables([file]), "text"),
      "build.zip 1 MB ab12 ${what} $file ${ file} ${date}",
    ));

  it("say which hash is whose when there are several files", () => {
    const { file: names, size, sha256 } = fileVariables([file, other]);
    assert.deepEqual(
      [names, size, sha256],
      ["build.zip, log.txt", "1 MB", "ab12 (build.zip), cd34 (log.txt)"],
    );
  });

  it("know no hash before every file is uploaded, and nothing without files", () => {
    assert.equal(fileVariables([file, { ...other, sha256: null }]).sha256, undefined);
    assert.equal(fileVariables([{ ...file, sha256: null }], "(soon)").sha256, "(soon)");
    assert.deepEqual(fileVariables([], "(soon)"), {});
  });

  it("know the readers by name, and those without one by address", () => {
    const to = [
      { name: "Ann Lee", email: "ann@x.example" },
      { name: null, email: "bob@x.example" },
    ];
    assert.equal(readerVariables(to).name, "Ann Lee, bob@x.example");
    assert.deepEqual(readerVariables([]), {});
  });

  it("are found where they can still be filled in", () => {
    assert.equal(hasVariables("a ${sha256} b"), true);
    assert.equal(hasVariables("a ${other} $sha256 {file} b"), false);
  });

  it("are text in Markdown, whatever a file is called", () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."a_*[]()<>!`#~|&;:/.-+=1 \\\n\"'".split("")), maxLength: 20 }),
        (raw) => {
          // A name has no line breaks, and none begins or ends with a space.
          const name = `${raw.replace(/\s+/g, " ").trimStart()}x`;
          const html = printHtml(parseMarkdown(fillIn("${file} is here.", { file: name }, "markdown")));
          assert.equal(textOf(html), `<div><p>${name} is here.</p></div>`);
        },
      ),
    ));

  it("are text in HTML", () =>
    assert.equal(
      fillIn("<b>${file}</b>", { file: "<img src=x>&" }, "html"),
      "<b>&#60;img src=x&#62;&#38;</b>",
    ));
});

/** The text of HTML that writes characters as numbers. */
function textOf(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

describe("A new mail's text", () => {
  const stationery = {
    format: "markdown",
    template: "Here is ${file} (${size}), built from ${branch}.",
    signature: "Kim, ${date}",
    variables: { branch: "main", date: "1 May" },
  } as const;

  it("is the template with the signature below", () =>
    assert.deepEqual(beginBody(stationery, [file]), {
      body: "Here is build.zip (1 MB), built from main.\n\nKim, 1 May",
      fillsIn: false,
    }));

  it("keeps what is not known yet, to be filled in later", () =>
    assert.deepEqual(beginBody({ ...stationery, signature: "${sha256}" }, [{ ...file, sha256: null }]), {
      body: "Here is build.zip (1 MB), built from main.\n\n${sha256}",
      fillsIn: true,
    }));

  it("is the document instead of the template, in which nothing is a variable", () =>
    assert.deepEqual(beginBody({ ...stationery, document: "rm ${file}\n" }, []), {
      body: "rm ${file}\n\nKim, 1 May",
      fillsIn: false,
    }));

  it("is empty without either", () =>
    assert.deepEqual(beginBody({ ...stationery, template: "", signature: "" }, [file]), {
      body: "",
      fillsIn: false,
    }));
});
