import assert from "node:assert/strict";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { printHtml } from "../../../src/delivery/body/bodyHtml.ts";
import { parseMarkdown } from "../../../src/delivery/body/markdown.ts";
import { type BodyElement, BodyTag } from "../../../src/shared/contract/bodyTree.ts";

/** Outlook for Windows, Gmail, Apple Mail and Thunderbird, in this order: shown, shown in part, ignored. */
type Support = readonly [
  "yes" | "part" | "no",
  "yes" | "part" | "no",
  "yes" | "part" | "no",
  "yes" | "part" | "no",
];
interface Entry {
  readonly support: Support;
  /** Why the mail reads well where it is not shown as it should be. */
  readonly otherwise?: string;
}
const everywhere: Entry = { support: ["yes", "yes", "yes", "yes"] };

/** What we know of these programs, from public tables of what they show and from their engines' own pages. */
const PROPERTIES: Readonly<Record<string, Entry>> = {
  "font-family": everywhere,
  "font-size": everywhere,
  "text-align": everywhere,
  "border-collapse": everywhere,
  "margin-left": everywhere,
  border: {
    support: ["part", "yes", "yes", "yes"],
    otherwise: "a line around code and keys helps, and is not needed",
  },
  "border-left": {
    support: ["part", "yes", "yes", "yes"],
    otherwise: "a quote is an element of its own, too",
  },
  padding: {
    support: ["part", "yes", "yes", "yes"],
    otherwise: "in cells cellpadding says it; elsewhere text only stands closer",
  },
  "padding-left": {
    support: ["part", "yes", "yes", "yes"],
    otherwise: "the text of a quote stands closer to its line",
  },
  "white-space": {
    support: ["no", "yes", "yes", "yes"],
    otherwise: "Word wraps what is in a pre at the end of its page",
  },
  "word-wrap": {
    support: ["no", "part", "yes", "yes"],
    otherwise: "only one word that is wider than the mail stays so",
  },
  width: { support: ["part", "yes", "yes", "yes"], otherwise: "the attribute says the same" },
  "max-width": { support: ["no", "yes", "yes", "yes"], otherwise: "the attribute is never more than 600" },
  height: { support: ["part", "yes", "yes", "yes"], otherwise: "none is said, so the shape stays" },
};
const ATTRIBUTES = new Set(
  "href src alt width align start colspan rowspan border cellpadding cellspacing style".split(" "),
);
/** Elements of the first HTML: all four show them. */
const ELEMENTS = new Set(
  "div p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre hr table caption thead tbody tr th td code kbd em strong s u sub sup a br img".split(
    " ",
  ),
);

/** A mail with every element that there can be. */
const everything: BodyElement[] = BodyTag.options.map((tag) => ({
  tag,
  ...(tag === "img" ? { src: "a.png", alt: "a" } : {}),
  ...(tag === "a" ? { href: "https://x.example" } : {}),
  ...(tag === "ol" ? { start: 3 } : {}),
  ...(tag === "td" ? { colspan: 2, rowspan: 2 } : {}),
  align: "right",
  children: ["br", "hr", "img"].includes(tag) ? [] : ["x"],
}));

function elementsOf(html: string): DefaultTreeAdapterTypes.Element[] {
  const found: DefaultTreeAdapterTypes.Element[] = [];
  const look = (nodes: readonly DefaultTreeAdapterTypes.ChildNode[]) => {
    for (const node of nodes)
      if ("tagName" in node) {
        found.push(node);
        look(node.childNodes);
      }
  };
  look(parseFragment(html).childNodes);
  return found;
}

/** What of an HTML text one of the programs may not show. */
function unsupported(html: string): string[] {
  return elementsOf(html).flatMap(({ tagName, attrs }) => [
    ...(ELEMENTS.has(tagName) ? [] : [`<${tagName}>`]),
    ...attrs.flatMap(({ name, value }) =>
      name === "style" ? wrongStyles(value) : ATTRIBUTES.has(name) ? [] : [name],
    ),
  ]);
}

function wrongStyles(style: string): string[] {
  return style.split(";").flatMap((part) => {
    const [, property = "", value = ""] = /^([a-z-]+):(.+)$/.exec(part) ?? [];
    const entry = Object.hasOwn(PROPERTIES, property) ? PROPERTIES[property] : undefined;
    const isKnown = entry?.support.every((support) => support === "yes") || entry?.otherwise !== undefined;
    // Word knows no rem, no functions and nothing below zero.
    return isKnown && !/rem\b|[()]|-\d/.test(value) ? [] : [part];
  });
}

describe("The HTML of a mail", () => {
  // As single elements: a browser would put cells without a table elsewhere.
  const printed = everything.map((element) => {
    const inTable = /^(?:caption|thead|tbody)$/.test(element.tag);
    const inRow = /^t[hd]$/.test(element.tag);
    if (!inTable && !inRow && element.tag !== "tr") return printHtml([element], () => "img1");
    const row: BodyElement = element.tag === "tr" ? element : { tag: "tr", children: [element] };
    return printHtml([{ tag: "table", children: [inTable ? element : row] }], () => "img1");
  });

  it("has only what Outlook for Windows, Gmail, Apple Mail and Thunderbird show, or can do without", () => {
    const html = printed.join("");
    for (const tag of BodyTag.options) assert.match(html, new RegExp(`<${tag}[ >]`));
    assert.deepEqual(unsupported(html), []);
  });

  it("would not pass with anything else", () => {
    for (const [html, wrong] of [
      ['<div style="display:flex">', ["display:flex"]],
      ['<p style="border-radius:4px;border:1px solid #999">', ["border-radius:4px"]],
      ['<p style="font-size:1.2rem">', ["font-size:1.2rem"]],
      ['<p style="margin-left:-4px">', ["margin-left:-4px"]],
      ['<p style="background-color:#fff;color:#000">', ["background-color:#fff", "color:#000"]],
      ["<details class=x><summary>x</summary></details>", ["<details>", "class", "<summary>"]],
      ["<style>p{}</style>", ["<style>"]],
    ] as const)
      assert.deepEqual(unsupported(html), wrong);
  });

  it("leaves all colours but those of lines to the recipient: dark stays dark", () => {
    const colours = printed.join("").match(/[a-z-]+:[^;"]*#[0-9a-f]+/gi) ?? [];
    assert.ok(colours.length > 0);
    for (const colour of colours) assert.match(colour, /^border(?:-left)?:\d+px solid #999$/);
    assert.doesNotMatch(printed.join(""), /(?:background|bgcolor|[";]color)[:=]/);
  });

  it("names a font for the text, and once more for each table, where Word forgets it", () => {
    const html = printHtml(parseMarkdown("a\n\n| b |\n|---|\n| c |"));
    assert.match(html, /^<div style="font-family:Arial,[^"]*sans-serif">/);
    assert.match(html, /<table [^>]*border="1"[^>]*style="[^"]*font-family:Arial/);
  });

  it("lets long lines of code wrap, and no image be wider than the mail", () => {
    const html = printHtml(parseMarkdown("```\nx\n```\n\n![](a.png)"), () => "img1");
    assert.match(html, /<pre style="[^"]*white-space:pre-wrap;word-wrap:break-word/);
    assert.match(html, /<img [^>]*width="600" style="width:600px;max-width:100%;height:auto"/);
  });

  for (const [what, tag, size, width] of [
    ["a photograph", '<img src="a.png">', { width: 3000, height: 2000 }, 600],
    ["an icon", '<img src="a.png">', { width: 16, height: 16 }, 16],
    ["a height that the text names", '<img src="a.png" height="40">', { width: 200, height: 100 }, 80],
    ["a width that the text names", '<img src="a.png" width="120">', { width: 200, height: 100 }, 120],
    ["a width that the text names too large", '<img src="a.png" width="2000">', undefined, 600],
    ["nothing that is known", '<img src="a.png">', undefined, 600],
  ] as const)
    it(`gives an image a width in pixels, never more than a mail is wide: ${what}`, () =>
      assert.match(
        printHtml(
          parseMarkdown(tag, "document"),
          () => "img1",
          () => size,
        ),
        new RegExp(` width="${width}"`),
      ));
});
