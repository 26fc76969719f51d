/** A Markdown document as a mail. */
import type { BodyNode } from "../../shared/bodyTree.ts";
import { parse } from "../body/bodyText.ts";

export interface DocumentMail {
  /** Its first heading; undefined when it has none. */
  readonly subject: string | undefined;
  readonly text: string;
}

/** What stands before the text for other programs (front matter) is left out. */
const FRONT_MATTER = /^---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** Characters in which the heading is looked for: one that stands further below is no title. */
const TITLE_WITHIN = 100_000;

export async function readDocument(document: string): Promise<DocumentMail> {
  const text = document
    .replace(/^\uFEFF/, "")
    .replace(FRONT_MATTER, "")
    .trim();
  const heading = (await parse(text.slice(0, TITLE_WITHIN))).find(({ tag }) => /^h[1-6]$/.test(tag));
  const subject = heading === undefined ? "" : words(heading).replace(/\s+/g, " ").trim();
  return { subject: subject === "" ? undefined : subject, text };
}

function words(node: BodyNode): string {
  if (typeof node === "string") return node;
  if (node.tag === "br") return " ";
  return (node.alt ?? "") + node.children.map(words).join("");
}
