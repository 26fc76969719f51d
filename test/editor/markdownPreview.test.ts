import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { printHtml } from "../../src/delivery/body/bodyHtml.ts";
import { parse } from "../../src/delivery/body/bodyText.ts";
import { readDocument } from "../../src/delivery/compose/document.ts";
import { type Seen, seenOf } from "../support/seenHtml.ts";

const modules = join(import.meta.dirname, "../../node_modules");
/** Characters: an empty page compares nothing, and a history of ten years is no more than more of the same. */
const SIZES = { least: 1_000, most: 60_000 };
const MOST_DOCUMENTS = 60;

/** What packages rarely write. */
const OWN: Readonly<Record<string, string>> = {
  comments: "a <!-- b --> c\n\n<!--\nd\n\n# e\n-->\n\n- f\n  <!-- g -->\n- h\n\n<!-- i\n\nj",
  "HTML that is open at both ends":
    "<div align=center>\n\n# A\n\n<b>b <i>c</b> d</i>\n\n</div>\n\n<p>e<p>f</p></p>g <foo>h</foo>",
  tables:
    "<table>a<tr><th>b<td>c<tr>d<td colspan=2>e</table>\n\n| f | g |\n|--|:-:|\n| h<br>i \\| j | `k \\| l` |",
  "what is concealed":
    "<div hidden>a</div>\n\nb<span style='display:none'>c</span>\n\n<script>d</script>\n\n<style>e{}</style>\n\nf\n\n<template>g</template>\n\n<video>h</video>",
  escapes: "\\*a\\* &copy; &amp;lt; &#x2713; `\\*` \\\nb  \nc\\\\ <!----> &notit; AT&T &copy 2020",
  lists: "1) a\n   - b\n\n     > c\n     > ```\n     > d\n     > ```\n2) e\n\n* f\n+ g\n- h",
  links:
    "[a]: https://x.example/a 'b'\n[c]: d.png\n\n[a] [b][a] ![c] [![e](f.png)](https://x.example) <https://y.example> https://z.example/a_(b) www.x.example g.md <h@i.example> [j](javascript:k) [l](#m) [n](o.md)",
  headings: "A\n===\n\nB\n---\n\nC\n-- \n\n### D ###\n#E\n####### F",
  "folds and keys":
    "<details><summary>a <kbd>b</kbd></summary>\n\n- c\n\n</details>\n\nd<sub>e</sub><sup>f</sup>",
  images:
    '<picture><source srcset="a.png"><img alt="b" src="c.png" width=300></picture> <img src="d e.png"> <a href="https://x.example"><img src="https://y.example/a.svg" alt="f"></a> ![g](https://y.example/b.png)',
  "marks of other programs": ':smile: [[toc]] {#a} ==b== H~2~O ^c^ ++d++ @e #1 a--b ... (c) "f"',
  prices: "from $5 to $6 in $HOME and $PATH, $ 7 $",
  "text that looks like HTML": "a < b > c <d e=f g> <3 </ > <1> <!doctype html> <?php h ?> i",
};

describe("A Markdown document in a mail", () => {
  it("shows what VS Code's preview shows, and nothing that it hides", async function () {
    // An old preview has an old parser, which finds other links in bare text.
    if (process.env["FREIGHT_EDITION"] === "oldest") this.skip();
    const documents = { ...OWN, ...(await readmes()) };
    assert.ok(Object.keys(documents).length > 30 + Object.keys(OWN).length);
    const different: string[] = [];
    let [links, images] = [0, 0];
    for (const [name, written] of Object.entries(documents)) {
      const rendered = await vscode.commands.executeCommand<string>("markdown.api.render", written);
      const { text } = await readDocument(written);
      const blocks = await parse(text, { from: 0, to: text.length });
      const wanted = seenOf(rendered);
      const sent = seenOf(printHtml(blocks, (src) => src));
      links += sent.links.length;
      images += sent.images.length;
      different.push(...differences(name, sent, withBoxes(wanted)));
    }
    assert.deepEqual(different, []);
    console.log(`      ${Object.keys(documents).length} documents, ${links} links, ${images} images`);
  });
});

function differences(name: string, sent: Seen, wanted: Seen): string[] {
  const [ours, theirs] = [withBoxes(sent).text, wanted.text];
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  const near = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 50));
  return [
    ...(ours === theirs ? [] : [`${name}: ${near(ours)} is not ${near(theirs)}`]),
    ...(sent.links.join() === wanted.links.join()
      ? []
      : [`${name}: other links: ${firstOther(sent.links, wanted.links)}`]),
    ...(sent.images.join() === wanted.images.join()
      ? []
      : [`${name}: other images: ${firstOther(sent.images, wanted.images)}`]),
  ];
}

function firstOther(ours: readonly string[], theirs: readonly string[]): string {
  const at = ours.findIndex((one, index) => one !== theirs[index]);
  return `${ours[at]} is not ${theirs[at === -1 ? ours.length : at]}`;
}

/** The preview leaves the boxes of task lists as they were typed. */
function withBoxes(seen: Seen): Seen {
  const text = seen.text.replace(
    /(^| )\[([ xX])\](?= )/g,
    (_, blank: string, mark: string) => `${blank}${mark === " " ? "☐" : "☑"}`,
  );
  return { ...seen, text };
}

/** Those of packages, by their path; without footnotes, which the preview does not know. */
async function readmes(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(modules, { recursive: true })).sort()) {
    if (!/(?:^|[\\/])(?:readme|changelog|history)\.(?:md|markdown)$/i.test(name)) continue;
    const text = await readFile(join(modules, name), "utf8");
    const fits = text.length >= SIZES.least && text.length <= SIZES.most;
    if (fits && !/^\[\^[^\]]+\]:/m.test(text)) found[name] = text;
  }
  const names = Object.keys(found);
  const step = Math.max(1, Math.ceil(names.length / MOST_DOCUMENTS));
  return Object.fromEntries(Object.entries(found).filter((_, at) => at % step === 0));
}
