// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested.
import assert from "node:assert/strict";
import fc from "fast-check";
import { printHtml } from "../../../src/delivery/body/bodyHtml.ts";
import { filledBody, readBlocks } from "../../../src/delivery/body/bodyText.ts";
import {
  fileVariables,
  fillIn,
  findVariables,
  hasVariables,
  readerVariables,
} from "../../../src/delivery/body/variables.ts";
import { beginBody } from "../../../src/delivery/compose/newMailText.ts";
import { moveMarks, type TextMarks } from "../../../src/delivery/record/provenance.ts";
import type { BodyFormat } from "../../../src/shared/contract/form.ts";
import { attachment, delivery, emptyForm } from "../../support/records.ts";

const file = { name: "build.zip", size: 1024 * 1024, sha256: "ab12" };
const other = { name: "log.txt", size: 1024, sha256: "cd34" };

/** The pieces of a text that are marked. */
const marked = (text: string, values: TextMarks["values"]) =>
  values.map(({ at, length }) => text.slice(at, at + length));

describe("Variables of a template", () => {
  it("are filled in where they are known, and stay where they are not", () =>
    assert.equal(
      fillIn("${file} ${size} ${sha256} ${what} $file ${ file} ${date}", fileVariables([file])).text,
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

  it("are marked with what became of them, and as what can still become known", () => {
    const { text, values } = fillIn("${file} at ${what}: ${sha256}", { file: "a b" });
    assert.deepEqual([text, marked(text, values)], ["a b at ${what}: ${sha256}", ["a b", "${sha256}"]]);
    assert.equal(fillIn("${branch}.", { branch: "a\n# b" }).text, "a # b.");
  });

  /** A mail with one file of this name, whose template is this. */
  const mail = (template: string, name: string, format: BodyFormat = "markdown", typed = "") => {
    const { text, values } = fillIn(template, {});
    const attachments = [
      attachment({ name, size: 10, status: "ready", checkpoint: { bytes: 10, sha256: "ab12" } }),
    ];
    const form = { ...emptyForm, to: "Ann Lee <ann@x.example>", format, body: text + typed };
    return delivery({ form, attachments, fillsIn: true, marks: { values, document: null } });
  };
  const html = async (...given: Parameters<typeof mail>) => {
    const record = mail(...given);
    return printHtml(await readBlocks(record, record.form.body)).replace(/ style="[^"]*"/g, "");
  };

  it("are text in Markdown, whatever a file is called", () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(..."a_*[]()<>!`#~|&;:/.-+=1$ \\\n\"'".split("")), maxLength: 20 }),
        async (raw) => {
          // A name has no line breaks, and none begins or ends with a space.
          const name = `${raw.replace(/\s+/g, " ").trimStart()}x`;
          assert.equal(textOf(await html("${file} is here.", name)), `<div><p>${name} is here.</p></div>`);
        },
      ),
    ));

  for (const [what, template, name, expected] of [
    ["in a code span", "`${file}`", "a_[b]*`.zip", "<p><code>a_[b]*`.zip</code></p>"],
    ["in a fence", "```\n${file}\n```", "<a>.zip", "<pre><code><a>.zip\n</code></pre>"],
    ["in bold text", "**${file}**", "__init__.py", "<p><strong>__init__.py</strong></p>"],
    ["in a heading", "# ${file}", "# x #", "<h1># x #</h1>"],
    ["in a list", "- ${file}", "- x", "<ul><li>- x</li></ul>"],
    ["in a quote", "> ${file}", "> x", "<blockquote><p>> x</p></blockquote>"],
    ["at the start of a line", "${file}", "1. x", "<p>1. x</p>"],
    ["in a cell", "| a |\n|---|\n| ${file} |", "x|y", "<td>x|y</td>"],
    ["in a link's words", "[${file}](https://x.example)", "a](b)", '<a href="https://x.example">a](b)</a>'],
    [
      "in an address",
      "[x](https://x.example/${file})",
      "a b?&c",
      '<a href="https://x.example/a%20b%3F%26c">x</a>',
    ],
    [
      "in a bare address",
      "https://x.example/${file}",
      "a b",
      '<a href="https://x.example/a%20b">https://x.example/a b</a>',
    ],
    ["alone as an address: it leads nowhere", "[x](${file})", "javascript:alert(1)", "<p>x</p>"],
    [
      "in words of an image",
      "![${file}](https://x.example/a.png)",
      "a]b",
      '<a href="https://x.example/a.png">a]b</a>',
    ],
    ["in an element", "<kbd>${file}</kbd>", "<b>", "<p><kbd><b></kbd></p>"],
    ["twice", "${file} ${file}", "a*b*c", "<p>a*b*c a*b*c</p>"],
    ["with a hash in code", "`${sha256}`", "x", "<p><code>ab12</code></p>"],
  ] as const)
    it(`are filled in ${what}`, async () => {
      const found = textOf(await html(template, name));
      assert.ok(found.includes(expected), found);
    });

  it("are text in HTML, and only what the template brought", () =>
    assert.equal(
      filledBody(
        mail("<b>${file}</b>", "<img src=x>&", "html", "${file}"),
        mail("<b>${file}</b>", "", "html", "${file}").form,
      ),
      "<b>&#60;img src=x&#62;&#38;</b>${file}",
    ));

  for (const [what, typed] of [
    ["a line of shell", 'for name in *.zip; do echo "${name} ${size}"; done'],
    ["a code span", "use `${file}`"],
    ["a fence", "```sh\nrm ${file}\n```"],
    ["the same variable", "${file}"],
  ] as const)
    it(`leave alone ${what} that a person types`, async () => {
      for (const format of ["markdown", "text"] as const) {
        const record = mail("Here is ${file}.\n\n", "build.zip", format, typed);
        const found =
          format === "text"
            ? filledBody(record, record.form)
            : textOf(printHtml(await readBlocks(record, record.form.body)));
        assert.match(found, /Here is build\.zip\./);
        const [variable = ""] = /\$\{\w+\}/.exec(typed) ?? [];
        assert.ok(found.includes(variable), found);
      }
    });

  it("in a mail of before are all that do not stand in code on lines of its own", () => {
    const text = "${file} `${size}`\n\n```sh\n${name}\n```\n\n${date}\n~~~\n${file}";
    assert.deepEqual(marked(text, findVariables(text)), ["${file}", "${size}", "${date}"]);
  });
});

describe("Marks on a text", () => {
  const text = "Here is ${file} (${size}).\n\nKim, ${date}";
  const marks = { values: fillIn(text, {}).values, document: null };
  const all = ["${file}", "${size}", "${date}"];

  for (const [what, after, left] of [
    ["nothing", text, all],
    ["a line above", `Hello\n\n${text}`, all],
    ["a line of its own variables above", `for name in \${file}; do\n${text}`, all],
    ["a line below", `${text}\n\${file}`, all],
    ["words between", text.replace(" (", " and more ("), all],
    ["words at both ends at once", `Hi!\n${text.replace("Kim", "Kim Lee")}`, all],
    ["words on both sides of one", text.replace("is ${file} (", "was once ${file}, ("), all],
    ["one taken away", text.replace("${size}", ""), ["${file}", "${date}"]],
    ["one edited", text.replace("${size}", "${sizes}"), ["${file}", "${date}"]],
    ["another text", "Something else with ${date} and ${date}.", []],
    ["no text", "", []],
    ["the same one right before it", text.replace("${file}", "${file}${file}"), all],
    ["one moved", text.replace("${file} (${size})", "${size} (${file})"), all],
  ] as const)
    it(`know the template's variables after ${what}`, () => {
      const moved = moveMarks(marks, text, after);
      assert.deepEqual(marked(after, moved.values).sort(), [...left].sort());
    });

  for (const [what, change, expected] of [
    ["typed above it", (body: string) => `Hello\n\n${body}`, "# A\n\nb"],
    ["typed below it", (body: string) => `${body}\n\nmore`, "# A\n\nb"],
    ["typed in it", (body: string) => body.replace("A", "A and more"), "# A and more\n\nb"],
    ["taken out of it", (body: string) => body.replace("A\n", "\n"), "# \n\nb"],
    ["taken away with it", () => "Kim", undefined],
  ] as const)
    it(`know the document when something is ${what}`, () => {
      const begun = beginBody({ ...stationery, text: "# A\n\nb", isDocument: true }, []);
      assert.ok(begun.marks);
      const after = change(begun.body);
      const { document } = moveMarks(begun.marks, begun.body, after);
      assert.equal(document === null ? undefined : after.slice(document.from, document.to), expected);
    });

  it("never point outside the text", () =>
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "${file}", "\n", "b"), maxLength: 8 }), {
          minLength: 2,
          maxLength: 6,
        }),
        (texts) => {
          const [first = "", ...edits] = texts;
          let at = first;
          let known: TextMarks = {
            values: findVariables(first),
            document: first === "" ? null : { from: 0, to: first.length },
          };
          for (const next of edits) {
            known = moveMarks(known, at, next);
            at = next;
            for (const piece of marked(at, known.values)) assert.equal(piece, "${file}");
            if (known.document !== null)
              assert.ok(known.document.from < known.document.to && known.document.to <= at.length);
          }
        },
      ),
    ));
});

const stationery = {
  template: "Here is ${file} (${size}), built from ${branch}.",
  signature: "Kim, ${date}",
  variables: { branch: "main", date: "1 May" },
} as const;

describe("A new mail's text", () => {
  const begin = (change: Partial<Parameters<typeof beginBody>[0]>, files = [file]) => {
    const { body, fillsIn, marks } = beginBody({ ...stationery, ...change }, files);
    return [body, fillsIn, marked(body, marks?.values ?? [])];
  };

  it("is the template with the signature below", () =>
    assert.deepEqual(begin({}), [
      "Here is build.zip (1 MB), built from main.\n\nKim, 1 May",
      false,
      ["build.zip", "1 MB", "main", "1 May"],
    ]));

  it("keeps what is not known yet, to be filled in later", () => {
    const { body, fillsIn, marks } = beginBody({ ...stationery, signature: "${sha256}" }, [
      { ...file, sha256: null },
    ]);
    assert.deepEqual([body, fillsIn], ["Here is build.zip (1 MB), built from main.\n\n${sha256}", true]);
    assert.equal(marked(body, marks?.values ?? []).at(-1), "${sha256}");
  });

  it("is the text that was handed over instead of the template, in which nothing is a variable", () =>
    assert.deepEqual(begin({ text: "rm ${file}\n" }, []), ["rm ${file}\n\nKim, 1 May", false, ["1 May"]]));

  it("is empty without either", () =>
    assert.deepEqual(begin({ template: "", signature: "" }), ["", false, []]));

  it("of a document has the signature as it was typed", async () => {
    const {
      body,
      fillsIn,
      marks = null,
    } = beginBody(
      { ...stationery, text: "one\ntwo\\_", isDocument: true, signature: "-- \nKim\nC:\\x\\_y" },
      [],
    );
    const record = delivery({ form: { ...emptyForm, format: "markdown", body }, fillsIn, marks });
    assert.match(
      printHtml(await readBlocks(record, body)),
      /<p>one two_<\/p><p>-- <br>Kim<br>C:\\x\\_y<\/p>/,
    );
  });
});

/** The text of HTML that writes characters as numbers. */
function textOf(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
