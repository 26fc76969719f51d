import assert from "node:assert/strict";
import fc from "fast-check";
import { printHtml } from "../../../src/delivery/body/bodyHtml.ts";
import { imageNames } from "../../../src/delivery/body/bodyImages.ts";
import { parseMarkdown } from "../../../src/delivery/body/markdown.ts";
import { BodyNode, BodyTag } from "../../../src/shared/contract/bodyTree.ts";

const html = (text: string) =>
  printHtml(parseMarkdown(text)).replace(/ (style|border|cellpadding|cellspacing)="[^"]*"/g, "");
const PROFILES = ["mail", "document"] as const;
const inner = (text: string) => html(text).replace(/^<div>|<\/div>$/g, "");

describe("Markdown of a mail", () => {
  for (const [text, expected] of [
    [
      "# One\n\ntwo *three* **four** ~~five~~ `six`",
      "<h1>One</h1><p>two <em>three</em> <strong>four</strong> <s>five</s> <code>six</code></p>",
    ],
    ["a line\nand the next", "<p>a line<br>and the next</p>"],
    ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
    ["3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'],
    ["> said\n> so", "<blockquote><p>said<br>so</p></blockquote>"],
    ["```sh\nls <dir> & more\n```", "<pre><code>ls &#60;dir&#62; &#38; more\n</code></pre>"],
    ["    indented", "<pre><code>indented\n</code></pre>"],
    ["---", "<hr>"],
    [
      "| a | b |\n|:--|--:|\n| 1 | 2 |",
      "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    ],
    ["[here](https://x.example/a?b=1&c=2)", '<p><a href="https://x.example/a?b=1&#38;c=2">here</a></p>'],
    [
      "see https://x.example/a and ann@x.example",
      '<p>see <a href="https://x.example/a">https://x.example/a</a> and <a href="mailto:ann@x.example">ann@x.example</a></p>',
    ],
    ["see report.md", "<p>see report.md</p>"],
    ["[the guide](docs/guide.md) and [below](#below)", "<p>the guide and below</p>"],
    ["![chart](https://x.example/chart.png)", '<p><a href="https://x.example/chart.png">chart</a></p>'],
    ["![a *fine* chart](chart.png)", "<p>a fine chart</p>"],
    ["", ""],
  ] as const)
    it(`turns ${JSON.stringify(text)} into ${expected}`, () => assert.equal(inner(text), expected));

  it("keeps the alignment of a table", () => {
    const found = printHtml(parseMarkdown("| a | b |\n|:-:|--:|\n| 1 | 2 |"));
    assert.match(found, /<th style="text-align:center">a/);
    assert.match(found, /<td style="text-align:right">2/);
  });

  it("makes little more of a long table than what was typed", () => {
    const rows = Array.from({ length: 500 }, (_, i) => `| 12:00:${i} | info | w${i % 8} | ok |`);
    const text = ["| time | level | worker | note |", "|---|---|---|---|", ...rows].join("\n");
    assert.ok(printHtml(parseMarkdown(text)).length < 3 * text.length);
  });

  it("names an image that travels with the mail by its content id", () => {
    const tree = parseMarkdown('![the "chart"](out/chart.png)');
    const found = printHtml(tree, (src) => (src === "out/chart.png" ? "img1" : undefined));
    assert.match(
      found,
      /<img src="cid:img1" alt="the &#34;chart&#34;" width="600" style="width:600px;max-width:100%;height:auto">/,
    );
  });

  describe("cannot carry", () => {
    for (const text of [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "<b onclick='x()'>bold</b>",
      "<iframe src=https://x.example></iframe>",
      "<!-- comment -->",
      "<style>body{display:none}</style>",
      "[x](javascript:alert(1))",
      "[x](JaVaScRiPt:alert(1))",
      "[x](&#106;avascript:alert(1))",
      "[x](<java\nscript:alert(1)>)",
      "[x](vbscript:x)",
      "[x](data:text/html,<script>alert(1)</script>)",
      "[x](file:///etc/passwd)",
      "[x](command:workbench.action.quit)",
      "<javascript:alert(1)>",
      "![x](javascript:alert(1))",
      "![x](data:image/svg+xml;base64,PHN2Zz4=)",
      '![x](a.png" onerror="alert(1))',
      '[x](https://x.example/" onclick="alert(1))',
      "[x]: javascript:alert(1)\n\n[x]",
      '```"><script>alert(1)</script>\nx\n```',
      "| <script>x</script> |\n|--|\n| <img src=x onerror=y> |",
      "<a href='java&#x73;cript:alert(1)'>x</a>",
      "<a href=' javascript:alert(1)'>x</a>",
      "<a href='https://x.example' onclick='x()' style='background:url(https://x.example)'>x</a>",
      "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
      "<img src='cid:img1\" onerror=\"alert(1)'>",
      "<p style='position:fixed;top:0;background:url(https://x.example/a)'>x</p>",
      "<p align='center\" onclick=\"x()'>x</p>",
      "<td colspan='2\" x=\"'>x</td>",
      "<form action='https://x.example'><input name=password><button>Send</button></form>",
      "<object data=x><embed src=x><base href='https://x.example'><link rel=stylesheet href=x><meta http-equiv=refresh>",
      "<math><mtext></p><script>x</script></mtext></math>",
      "<!--><script>alert(1)</script>-->",
      "<scr<script>ipt>alert(1)</scr</script>ipt>",
      "&lt;script&gt;alert(1)&lt;/script&gt;",
      "<kbd>&lt;script&gt;</kbd>",
      "<textarea></textarea><script>x</script></textarea>",
    ])
      it(`${JSON.stringify(text)}`, () => {
        for (const profile of PROFILES) assertSafe(printHtml(parseMarkdown(text, profile), () => "img1"));
      });

    it("whatever is typed", () =>
      fc.assert(
        fc.property(
          fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 }),
          (parts) => {
            for (const profile of PROFILES) {
              const tree = parseMarkdown(parts.join(""), profile);
              for (const block of tree) BodyNode.parse(block);
              assertSafe(printHtml(tree, () => "img1"));
            }
          },
        ),
        { numRuns: 500 },
      ));
  });

  describe("loses no text at any depth @slow", () => {
    /** What each depth says, in the order of the depths. */
    const said = (depth: number) => Array.from({ length: depth }, (_, at) => `word${at}.`);
    const nested: Readonly<Record<string, (depth: number) => string>> = {
      "a list": (depth) =>
        said(depth)
          .map((word, at) => `${"  ".repeat(at)}- ${word}`)
          .join("\n"),
      "a numbered list": (depth) =>
        said(depth)
          .map((word, at) => `${"   ".repeat(at)}1. ${word}`)
          .join("\n"),
      "a quote": (depth) =>
        said(depth)
          .map((word, at) => `${"> ".repeat(at + 1)}${word}`)
          .join("\n"),
      "a quote in one line": (depth) => `${"> ".repeat(depth)}${said(depth).join(" ")}`,
      "a list in one line": (depth) => `${"- ".repeat(depth)}${said(depth).join(" ")}`,
      "quotes and lists by turns": (depth) => `${"> - 1. ".repeat(depth)}${said(depth).join(" ")}`,
      "a list with text after it": (depth) =>
        [...said(depth).map((word, at) => `${"  ".repeat(at)}- ${word}`), "", "after."].join("\n"),
      "a table in a quote": (depth) =>
        ["| word0. | b |", "|---|---|", ...said(depth).map((word) => `| ${word} | c |`)]
          .map((line) => `${"> ".repeat(depth)}${line}`)
          .join("\n"),
      "code in a quote": (depth) =>
        ["```", ...said(depth), "```"].map((line) => `${"> ".repeat(depth)}${line}`).join("\n"),
      "strong text": (depth) => `${"**".repeat(depth)}${said(depth).join(" ")}${"**".repeat(depth)}`,
      "strong and struck text": (depth) =>
        `${"**~~".repeat(depth)}${said(depth).join(" ")}${"~~**".repeat(depth)}`,
      "words of images": (depth) =>
        `${"![".repeat(depth)}${said(depth).join(" ")}${"](x.png)".repeat(depth)}`,
      footnotes: (depth) =>
        said(depth)
          .map((word, at) => `${word} [^${at + 1}]\n\n[^${at}]: note`)
          .join("\n\n"),
      "footnotes in footnotes": (depth) =>
        said(depth)
          .map((word, at) => `${"    ".repeat(at)}[^${at}]: ${word}`)
          .join("\n"),
      elements: (depth) => `${"<b><i>".repeat(depth)}${said(depth).join(" ")}${"</i></b>".repeat(depth)}`,
      "elements on lines": (depth) =>
        said(depth)
          .map((word) => `<div>\n\n${word}\n`)
          .join("\n"),
      "tables of elements": (depth) =>
        `${"<table><tr><td>".repeat(depth)}${said(depth).join(" ")}${"</td></tr></table>".repeat(depth)}`,
      links: (depth) => `${"[".repeat(depth)}${said(depth).join(" ")}${"](https://x.example)".repeat(depth)}`,
      "links in a list": (depth) =>
        said(depth)
          .map((word, at) => `${"  ".repeat(at)}- [${word}](https://x.example)`)
          .join("\n"),
    };
    for (const [what, write] of Object.entries(nested))
      it(`in ${what}`, () => {
        for (const depth of [1, 40, 48, 49, 50, 51, 95, 97, 98, 99, 100, 101, 150, 800]) {
          for (const profile of PROFILES) {
            const found = printHtml(parseMarkdown(write(depth), profile));
            for (const word of said(depth))
              assert.ok(found.includes(word), `${word} of ${depth}, ${profile}`);
            if (what.endsWith("after it")) assert.match(found, /after\./);
          }
        }
      });

    it("and lets nobody fall who walks the tree", () => {
      const depthOf = (nodes: readonly BodyNode[]): number =>
        1 + Math.max(0, ...nodes.map((node) => (typeof node === "string" ? 0 : depthOf(node.children))));
      for (const [what, write] of Object.entries(nested))
        for (const profile of PROFILES) assert.ok(depthOf(parseMarkdown(write(800), profile)) < 200, what);
    });

    it("still finds the image of a list that is too deep", () => {
      const text = Array.from({ length: 120 }, (_, at) => `${"  ".repeat(at)}- a`).join("\n");
      assert.deepEqual(imageNames(parseMarkdown(`${text} ![chart](chart.png)`)), ["chart.png"]);
    });
  });

  for (const [what, text] of [
    ["a paragraph of many lines", "x\n".repeat(100_000)],
    ["many paragraphs", "x\n\n".repeat(70_000)],
    ["many words in stars", "*x* ".repeat(70_000)],
    ["a long list", "- x\n".repeat(70_000)],
  ] as const)
    it(`takes ${what} @slow`, () => {
      assert.equal(printHtml(parseMarkdown(text)).match(/x/g)?.length, text.match(/x/g)?.length);
    });

  it("is read in bearable time, however deep it is", () => {
    for (const text of [">".repeat(50_000), "[".repeat(20_000), "*a_".repeat(20_000), "- ".repeat(20_000)])
      for (const profile of PROFILES) assertSafe(printHtml(parseMarkdown(text, profile)));
  });
});

const pieces = [
  ..."[]()<>!\"'`*_#>-|\\ \n:&;=/".split(""),
  ...[
    "javascript:",
    "data:",
    "https://x.example",
    "mailto:",
    "onerror=",
    "<script>",
    "<img src=x ",
    ..."<p align=center>,</p>,<a href=,</a>,<!--,-->,<td,<table>,</table>,<kbd>,</kbd>,<style>,<details>".split(
      ",",
    ),
    "&lt;",
    "&#x3c;",
  ],
  ...["![", "](", "```\n", "| a |\n|--|\n", "\n\n", "    ", "[x]: ", "cid:"],
];

const ATTRIBUTES = new Set(
  "href src alt start style width align colspan rowspan border cellpadding cellspacing".split(" "),
);

/** Reads the HTML as strictly as it is meant to be written: these elements with these attributes, and nothing else. */
function assertSafe(text: string): void {
  const rest = text.replace(
    /<(\/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>/g,
    (_, close: string, tag: string, attributes: string) => {
      assert.ok(tag === "div" || BodyTag.safeParse(tag).success, tag);
      if (close === "/") assert.equal(attributes, "");
      for (const [, name = "", value = ""] of attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
        assert.ok(ATTRIBUTES.has(name), name);
        if (name === "href") assert.match(value, /^(https?:\/\/|mailto:|tel:)/i);
        if (name === "src") assert.equal(value, "cid:img1");
        if (/^(width|colspan|rowspan)$/.test(name)) assert.match(value, /^\d+$/);
        if (name === "align") assert.match(value, /^(left|right)$/);
        if (/^(border|cellpadding|cellspacing)$/.test(name)) assert.match(`${tag} ${value}`, /^table \d$/);
        if (name === "style") assert.match(value, /^[\w:;,.#% -]+$/);
      }
      return "";
    },
  );
  assert.doesNotMatch(rest, /[<>"']/);
}
