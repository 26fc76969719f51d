// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of templates.
import assert from "node:assert/strict";
import { printHtml } from "../../../src/delivery/body/bodyHtml.ts";
import { type MarkdownProfile, parseMarkdown } from "../../../src/delivery/body/markdown.ts";

/** What a text becomes, without the looks. */
const inner = (text: string, profile: MarkdownProfile) =>
  printHtml(parseMarkdown(text, profile), (src) => (src.startsWith("http") ? undefined : src))
    .replace(/ (style|border|cellpadding|cellspacing)="[^"]*"/g, "")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/^<div>|<\/div>$/g, "");

type Row = readonly [what: string, text: string, expected: string];
const rows = (profiles: readonly MarkdownProfile[], table: readonly Row[]) => {
  for (const profile of profiles)
    for (const [what, text, expected] of table)
      it(`${what} (${profile})`, () => assert.equal(inner(text, profile), expected));
};

describe("A document is read as VS Code's preview shows it:", () => {
  rows(
    ["document"],
    [
      [
        "lines that its author wrapped",
        "one\ntwo\n\n> three\n> four\n\n- five\n  six",
        "<p>one two</p><blockquote><p>three four</p></blockquote><ul><li>five six</li></ul>",
      ],
      ["breaks by two blanks and by a backslash", "one  \ntwo\\\nthree", "<p>one<br>two<br>three</p>"],
      ["backslashes before marks", "\\*a\\* 1\\. \\<b> \\\\", "<p>*a* 1. <b> \\</p>"],
      ["entities", "&copy; &amp;lt; &#x2713; &mdash; &nosuch;", "<p>© &lt; ✓ — &nosuch;</p>"],
      ["underlined headings", "A\n===\n\nB\n---\n\nC\n-- ", "<h1>A</h1><h2>B</h2><h2>C</h2>"],
      ["a comment in a line", "a <!-- b --> c", "<p>a c</p>"],
      ["a comment on lines of its own", "a\n\n<!--\nb\n\n# c\n-->\n\nd", "<p>a</p><p>d</p>"],
      ["a comment that nobody ends", "a\n\n<!-- b\n\nc", "<p>a</p>"],
      ["a comment in a list", "- a\n  <!-- b -->\n- c", "<ul><li>a</li><li>c</li></ul>"],
      ["definitions that nothing uses", "a\n\n[b]: https://x.example", "<p>a</p>"],
      ["elements that nobody knows", "a <foo-bar x=1>b</foo-bar> <String>c", "<p>a b c</p>"],
      ["scripts and styles", "a\n\n<script>\nb\n</script>\n\n<style>c {}</style>\n\nd", "<p>a</p><p>d</p>"],
      [
        "what is concealed",
        '<div hidden>a</div>\n\nb <span style="display: none">c</span>\n\n<template>d</template>',
        "<p>b</p>",
      ],
      [
        "blocks with Markdown in them",
        '<div align="center">\n\n# A\n\n**b**\n\n</div>\n\nc',
        "<div><h1>A</h1><p><strong>b</strong></p></div><p>c</p>",
      ],
      [
        "cells of HTML, however they are closed",
        "<table><tr><th>a<td>b<tr><td colspan=2>c</table>",
        '<table><tr><th>a</th><td>b</td></tr><tr><td colspan="2">c</td></tr></table>',
      ],
      [
        "a list of HTML",
        "<ol start=3><li>a<li>b<ul><li>c</ul></ol>",
        '<ol start="3"><li>a</li><li>b<ul><li>c</li></ul></li></ol>',
      ],
      ["terms", "<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt><dd>b</dd></dl>"],
      ["elements that overlap", "<b>a <i>b</b> c</i>", "<p><strong>a <em>b</em></strong> c</p>"],
      ["a paragraph in a paragraph", "<p>a<p>b</p></p>c", "<p>a</p><p>b</p><p>c</p>"],
      [
        "text between cells",
        "<table>a<tr>b<td>c</td></tr></table>",
        "<p>ab</p><table><tr><td>c</td></tr></table>",
      ],
      [
        "a link in a link",
        "<a href=https://x.example>a <a href=https://y.example>b</a>",
        '<p><a href="https://x.example">a </a><a href="https://y.example">b</a></p>',
      ],
      [
        "a formula in a line",
        "so $a_1 * b_1 * c$ and $$\\frac{a}{b}$$.",
        "<p>so <code>a_1 * b_1 * c</code> and <code>\\frac{a}{b}</code>.</p>",
      ],
      [
        "a formula on lines of its own",
        "a\n\n$$\na_1 \\\\\nb_1\n$$\n\nc",
        "<p>a</p><pre><code>a_1 \\\\\nb_1\n</code></pre><p>c</p>",
      ],
      ["prices", "from $5 to $6 in $HOME and $PATH", "<p>from $5 to $6 in $HOME and $PATH</p>"],
      [
        "what other programs make of marks",
        ":smile: [[toc]] {#a} ==b== H~2~O ^c^",
        "<p>:smile: [[toc]] {#a} ==b== H~2~O ^c^</p>",
      ],
      ["a rule at its beginning", "---\n\na\n\n---\n\nb", "<hr><p>a</p><hr><p>b</p>"],
      [
        "addresses",
        "https://x.example/a_b, <https://y.example> <a@b.example>, c.md",
        '<p><a href="https://x.example/a_b">https://x.example/a_b</a>, <a href="https://y.example">https://y.example</a> <a href="mailto:a@b.example">a@b.example</a>, c.md</p>',
      ],
      ["boxes of HTML", '<input type=checkbox checked> a <input type="checkbox"> b', "<p>☑ a ☐ b</p>"],
      [
        "a text of definitions alone: it is all that there is",
        "[a]: https://x.example/a",
        '<p>[a]: <a href="https://x.example/a">https://x.example/a</a></p>',
      ],
      [
        "code with HTML and marks in it",
        "`<br>` and\n\n```html\n<b>&amp;</b>\n```",
        "<p><code><br></code> and</p><pre><code><b>&amp;</b>\n</code></pre>",
      ],
      [
        "old-fashioned elements",
        "<center>a</center>\n\n<font color=red>b</font> <tt>c</tt> <strike>d</strike>",
        "<div>a</div><p>b <code>c</code> <s>d</s></p>",
      ],
      ["a name for a place", '<a name="x"></a>\n\n## A\n\n[b](#x)', "<h2>A</h2><p>b</p>"],
    ],
  );

  it("keeps how things stand", () => {
    const text =
      '<p align="right">a</p>\n<div style="text-align: center">b</div>\n<h2 align=center>c</h2>\n\n| d |\n|--:|\n| e |';
    const found = printHtml(parseMarkdown(text, "document"));
    for (const [tag, align] of [
      ["p", "right"],
      ["div", "center"],
      ["h2", "center"],
      ["td", "right"],
    ])
      assert.match(found, new RegExp(`<${tag} style="[^"]*text-align:${align}"`));
  });
});

describe("A typed mail stays as it was typed:", () => {
  rows(
    ["mail"],
    [
      [
        "its lines",
        "one\ntwo\n\n> three\n> four",
        "<p>one<br>two</p><blockquote><p>three<br>four</p></blockquote>",
      ],
      [
        "a signature",
        "Kind regards\n-- \nJo Doe\n+49 30 1234",
        "<p>Kind regards<br>-- <br>Jo Doe<br>+49 30 1234</p>",
      ],
      [
        "a signature below its footnotes",
        "a[^1]\n\n[^1]: b\n\n-- \nJo",
        "<p>a<sup>[1]</sup></p><hr><ol><li><p>b</p></li></ol><p>-- <br>Jo</p>",
      ],
      [
        "a signature of its own paragraph",
        "Bye\n\n-- \nJo\n*ACME*",
        "<p>Bye</p><p>-- <br>Jo<br><em>ACME</em></p>",
      ],
      ["a line of signs below another one", "Result\n===\nDone\n--", "<p>Result<br>===<br>Done<br>--</p>"],
      ["a separator", "Done\n---\nJo", "<p>Done</p><hr><p>Jo</p>"],
      ["a share", "\\\\files01\\builds\\_nightly\\[v1]\\*", "<p>\\\\files01\\builds\\_nightly\\[v1]\\*</p>"],
      [
        "paths with stars",
        "C:\\app\\*.ini, D:\\x\\*.ini and src\\*_test.go",
        "<p>C:\\app\\*.ini, D:\\x\\*.ini and src\\*_test.go</p>",
      ],
      [
        "patterns",
        "*.ts, **/*.ts, src/*.log, dir *.* /s, (*)",
        "<p>*.ts, **/*.ts, src/*.log, dir *.* /s, (*)</p>",
      ],
      [
        "factors and powers",
        "2*3*4, a*b*c, f(x)*g(y)*2, 2**3**4",
        "<p>2*3*4, a*b*c, f(x)*g(y)*2, 2**3**4</p>",
      ],
      [
        "names of methods and files",
        "__init__ and __main__.py, _app_.log and _Test_.java",
        "<p>__init__ and __main__.py, _app_.log and _Test_.java</p>",
      ],
      ["faces", "¯\\_(ツ)_/¯ and ^_^ ^_^", "<p>¯\\_(ツ)_/¯ and ^_^ ^_^</p>"],
      [
        "what is emphasized all the same",
        '*a*, **b**. ("*c d*") ***e*** **f!** _g_ __H__ *2*',
        '<p><em>a</em>, <strong>b</strong>. ("<em>c d</em>") <em><strong>e</strong></em> <strong>f!</strong> <em>g</em> <strong>H</strong> <em>2</em></p>',
      ],
      ["code with brackets", "list[0](x), f(y)[1](z)", "<p>list[0](x), f(y)[1](z)</p>"],
      ["a link behind a word", "see[a](https://x.example)", '<p>see<a href="https://x.example">a</a></p>'],
      [
        "an answer below what it answers",
        "> is it there?\nYes.\n\n> > deep\n> less\nmine",
        "<blockquote><p>is it there?</p></blockquote><p>Yes.</p><blockquote><blockquote><p>deep</p></blockquote><p>less</p></blockquote><p>mine</p>",
      ],
      [
        "tables, also in what is quoted",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |\nok",
        "<blockquote><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></blockquote><p>ok</p>",
      ],
      ["a path with underscores", "C:\\__pycache__\\_x_\\y", "<p>C:\\__pycache__\\_x_\\y</p>"],
      ["a folder at the end of a line", "in C:\\builds\\\nor D:\\", "<p>in C:\\builds\\<br>or D:\\</p>"],
      ["a pattern", "^\\d+\\.\\d+\\*\\[a\\]$", "<p>^\\d+\\.\\d+\\*\\[a\\]$</p>"],
      ["a bold path", "**C:\\app** and *\\\\a\\b*", "<p><strong>C:\\app</strong> and <em>\\\\a\\b</em></p>"],
      ["backslashes before marks", "\\# a \\- b \\> c \\` d", "<p>\\# a \\- b \\> c \\` d</p>"],
      ["entities", "write &lt; as &amp;lt; and &nbsp;", "<p>write &lt; as &amp;lt; and &nbsp;</p>"],
      ["types", "a List<String> of Map<K, V> and vec<u>", "<p>a List<String> of Map<K, V> and vec<u></p>"],
      ["names of elements", "the <p> tag, <script> and </div>", "<p>the <p> tag, <script> and </div></p>"],
      ["an element on a line of its own", "use\n<table>\nfor it", "<p>use<br><table><br>for it</p>"],
      ["comparisons", "a < b && c > d, x<y>z", "<p>a < b && c > d, x<y>z</p>"],
      ["a comment that nobody ends", "a <!-- b\n\nc", "<p>a <!-- b</p><p>c</p>"],
      [
        "definitions that nothing uses",
        "see [1]\n\n[1]: https://x.example/a\n[2]: https://x.example/b",
        '<p>see <a href="https://x.example/a">1</a></p><p>[2]: <a href="https://x.example/b">https://x.example/b</a></p>',
      ],
      [
        "definitions alone",
        "[1]: https://x.example/a\n[2]: <b c> 'd'",
        "<p>[1]: <a href=\"https://x.example/a\">https://x.example/a</a><br>[2]: <b c> 'd'</p>",
      ],
      ["dollars", "$a_1$ costs $5", "<p>$a_1$ costs $5</p>"],
      ["a script", "<script>alert(1)</script>", "<p><script>alert(1)</script></p>"],
      ["what a placeholder is made of", "\ue0000\ue000 ${file}", "<p>\ue0000\ue000 ${file}</p>"],
    ],
  );
});

describe("A document and a typed mail have in common", () => {
  rows(
    ["mail", "document"],
    [
      [
        "footnotes",
        "a[^1] b[^x]\n\n[^1]: https://x.example\n[^x]: *c*",
        '<p>a<sup>[1]</sup> b<sup>[2]</sup></p><hr><ol><li><p><a href="https://x.example">https://x.example</a></p></li><li><p><em>c</em></p></li></ol>',
      ],
      [
        "a footnote of several paragraphs",
        "a[^1]\n\n[^1]: b\n\n    c\n\n    - d\n\n    ```\n    e\n    ```\n\nf",
        "<p>a<sup>[1]</sup></p><p>f</p><hr><ol><li><p>b</p><p>c</p><ul><li>d</li></ul><pre><code>e\n</code></pre></li></ol>",
      ],
      [
        "a footnote that is used twice",
        "a[^1] b[^1]\n\n[^1]: c",
        "<p>a<sup>[1]</sup> b<sup>[1]</sup></p><hr><ol><li><p>c</p></li></ol>",
      ],
      [
        "footnotes in the order of the text",
        "a[^b] c[^a]\n\n[^a]: 1\n[^b]: 2",
        "<p>a<sup>[1]</sup> c<sup>[2]</sup></p><hr><ol><li><p>2</p></li><li><p>1</p></li></ol>",
      ],
      [
        "a footnote that nothing refers to, and one that is not there",
        "a[^1]\n\n[^2]: b",
        "<p>a[^1]</p><hr><ol><li><p>b</p></li></ol>",
      ],
      [
        "two footnotes of one name",
        "a[^1]\n\n[^1]: b\n\n[^1]: c",
        "<p>a<sup>[1]</sup></p><hr><ol><li><p>b</p></li><li><p>c</p></li></ol>",
      ],
      [
        "a footnote in a footnote",
        "a[^1]\n\n[^1]: b[^2]\n[^2]: c",
        "<p>a<sup>[1]</sup></p><hr><ol><li><p>b<sup>[2]</sup></p></li><li><p>c</p></li></ol>",
      ],
      [
        "a footnote in a quote, a list and a table",
        "> a[^1]\n>\n> [^1]: b\n\n- c[^2]\n\n| d[^3] |\n|---|\n\n[^2]: e\n[^3]: f",
        "<blockquote><p>a<sup>[1]</sup></p></blockquote><ul><li>c<sup>[2]</sup></li></ul><table><thead><tr><th>d<sup>[3]</sup></th></tr></thead></table><hr><ol><li><p>b</p></li><li><p>e</p></li><li><p>f</p></li></ol>",
      ],
      [
        "footnotes in code: none",
        "`a[^1]`\n\n    [^1]: b",
        "<p><code>a[^1]</code></p><pre><code>[^1]: b\n</code></pre>",
      ],
      [
        "task lists",
        "- [x] a\n- [ ] **b**\n- [X] c",
        "<ul><li>☑ a</li><li>☐ <strong>b</strong></li><li>☑ c</li></ul>",
      ],
      [
        "task lists with numbers, and deeper ones",
        "1. [ ] a\n   - [x] b\n2. [x] c",
        "<ol><li>☐ a<ul><li>☑ b</li></ul></li><li>☑ c</li></ol>",
      ],
      [
        "task lists with room between",
        "- [ ] a\n\n- [x] b\n\n  c",
        "<ul><li><p>☐ a</p></li><li><p>☑ b</p><p>c</p></li></ul>",
      ],
      [
        "brackets that are no boxes",
        "- [y] a\n- [x](https://x.example)\n- [ ]\n\n[ ] b",
        '<ul><li>[y] a</li><li><a href="https://x.example">x</a></li><li>[ ]</li></ul><p>[ ] b</p>',
      ],
      [
        "images with blanks in their path",
        '![a](my chart.png) ![b](<my chart.png>) ![c](a/b (1).jpg "t")',
        '<p><img src="cid:my%20chart.png" alt="a" width="600"> <img src="cid:my%20chart.png" alt="b" width="600"> <img src="cid:a/b%20(1).jpg" alt="c" width="600"></p>',
      ],
      ["blanks that make no image", "![a](b c) ![d](e f.txt)", "<p>![a](b c) ![d](e f.txt)</p>"],
      [
        "images by reference",
        "![a][b] ![c]\n\n[b]: d.png\n[c]: e.png",
        '<p><img src="cid:d.png" alt="a" width="600"> <img src="cid:e.png" alt="c" width="600"></p>',
      ],
      [
        "an image in a link",
        "[![a](b.png)](https://x.example)",
        '<p><a href="https://x.example"><img src="cid:b.png" alt="a" width="600"></a></p>',
      ],
      [
        "a badge",
        "[![build](https://b.example/x.svg)](https://x.example/ci)",
        '<p><a href="https://x.example/ci">build</a></p>',
      ],
      [
        "a badge without words",
        "[![](https://b.example/x.svg)](https://x.example/ci)",
        '<p><a href="https://x.example/ci">https://x.example/ci</a></p>',
      ],
      [
        "sizes of images",
        '<img src="a.png" width="300" alt="b"> <img src=c.png width=50% > <img src=\'d.png\' style="width: 40px">',
        '<p><img src="cid:a.png" alt="b" width="300"> <img src="cid:c.png" alt="" width="300"> <img src="cid:d.png" alt="" width="40"></p>',
      ],
      [
        "an image that is too wide",
        '<img src="a.png" width="3000" align="right">',
        '<p><img src="cid:a.png" alt="" width="600" align="right"></p>',
      ],
      [
        "pictures",
        '<picture>\n<source srcset="a.webp">\n<img src="b.png" alt="c">\n</picture>',
        '<p><img src="cid:b.png" alt="c" width="600"></p>',
      ],
      [
        "an image on the web",
        '<img src="https://x.example/a.png" alt="b"> <img src="//x.example/c.png">',
        '<p><a href="https://x.example/a.png">b</a> <a href="https://x.example/c.png">https://x.example/c.png</a></p>',
      ],
      [
        "breaks in cells",
        "| a |\n|---|\n| b<br>c<br/>d |",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b<br>c<br>d</td></tr></tbody></table>",
      ],
      [
        "keys, heights and depths",
        "<kbd>Ctrl</kbd>+<kbd>C</kbd> H<sub>2</sub>O x<sup>2</sup> <ins>u</ins> <mark>m</mark>",
        "<p><kbd>Ctrl</kbd>+<kbd>C</kbd> H<sub>2</sub>O x<sup>2</sup> <u>u</u> <strong>m</strong></p>",
      ],
      [
        "folds, open",
        "<details>\n<summary>A <b>b</b></summary>\n\n- c\n\n```\nd\n```\n\n</details>\n\ne",
        "<div><p><strong>A <strong>b</strong></strong></p><ul><li>c</li></ul><pre><code>d\n</code></pre></div><p>e</p>",
      ],
      [
        "a fold in a list",
        "- a\n\n  <details><summary>b</summary>\n\n  c\n\n  </details>",
        "<ul><li><p>a</p><div><p><strong>b</strong></p><p>c</p></div></li></ul>",
      ],
      [
        "lists in quotes with tables",
        "> - a\n>   1. b\n>\n>      | c |\n>      |---|\n>      | d |",
        "<blockquote><ul><li>a<ol><li><p>b</p><table><thead><tr><th>c</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table></li></ol></li></ul></blockquote>",
      ],
      [
        "versions of packages",
        "mime-db@1.54.0, mime-db@~1.39.0, x@2.0.0-beta.1, a@b.example",
        '<p>mime-db@1.54.0, mime-db@~1.39.0, x@2.0.0-beta.1, <a href="mailto:a@b.example">a@b.example</a></p>',
      ],
      [
        "links by reference",
        "[a][b] [b]\n\n[b]: https://x.example 'c'",
        '<p><a href="https://x.example">a</a> <a href="https://x.example">b</a></p>',
      ],
    ],
  );
});

describe("An image in a mail", () => {
  const sized = (text: string, [width, height]: readonly [number, number]) =>
    printHtml(
      parseMarkdown(text),
      () => "img1",
      () => ({ width, height }),
    );
  for (const [what, text, size, width] of [
    ["is as wide as it is", "![](a.png)", [16, 16], 16],
    ["is bounded where it is large", "![](a.png)", [3000, 2000], 600],
    ["is as wide as the text says", '<img src="a.png" width="200">', [3000, 2000], 200],
    ["keeps its shape where the text says how high it is", '<img src="a.png" height="20">', [400, 100], 80],
    ["is bounded where the text says that it is high", '<img src="a.png" height="2000">', [400, 100], 600],
    ["is never too small to be seen", '<img src="a.png" height="1">', [1, 400], 1],
  ] as const)
    it(what, () =>
      assert.match(sized(text, size), new RegExp(`<img src="cid:img1" alt="" width="${width}"`)),
    );
});
