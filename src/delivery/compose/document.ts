/** A Markdown document as a mail. */
import type { BodyElement, BodyNode } from "../../shared/contract/bodyTree.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { parse } from "../body/bodyText.ts";

export interface DocumentMail {
  /** Its first heading; undefined when it has none. */
  readonly subject: string | undefined;
  readonly text: string;
}

/** Front matter, which is meant for programs: YAML between two marker lines above the text. */
const FRONT_MATTER = /^---[ \t]*\n([\s\S]*?)^(?:---|\.\.\.)[ \t]*(?:\n|$)/m;
/** Tells front matter from a document that begins with a rule, which has text below it, not keys. */
const YAML_LINE = /^(?:[\w"'][^:\n]*:(?:\s.*)?|[ \t]+.*|-(?:[ \t].*)?|#.*|[\]}][,]?|)$/;

/** Within how many characters the heading is looked for: one further down is not a title. */
const TITLE_WITHIN = 100_000;

export async function readDocument(document: string): Promise<DocumentMail> {
  const text = withoutFrontMatter(document.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"))
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
  const beginning = text.slice(0, TITLE_WITHIN);
  const heading = findHeading(await parse(beginning, { from: 0, to: beginning.length }));
  const subject = heading === undefined ? "" : oneLine(words(heading));
  return { subject: subject === "" ? undefined : subject, text };
}

function withoutFrontMatter(text: string): string {
  const [whole = "", yaml = ""] = text.startsWith("---") ? (FRONT_MATTER.exec(text) ?? []) : [];
  const lines = yaml.split("\n");
  const isYaml = lines[0] !== "" || lines.length === 1;
  return isYaml && lines.every((line) => YAML_LINE.test(line)) ? text.slice(whole.length) : text;
}

function findHeading(nodes: readonly BodyNode[]): BodyElement | undefined {
  for (const node of nodes) {
    if (typeof node === "string") continue;
    const found = /^h[1-6]$/.test(node.tag) ? node : findHeading(node.children);
    if (found !== undefined && words(found).trim() !== "") return found;
  }
  return undefined;
}

function words(node: BodyNode): string {
  if (typeof node === "string") return node;
  if (node.tag === "br") return " ";
  // The mark of a footnote is not part of the words.
  return node.tag === "sup" ? "" : (node.alt ?? "") + node.children.map(words).join("");
}
