/** Markdown as a tree. Loaded when it is needed: the parser is larger than the rest of what sends a mail. */
import MarkdownIt, { type Token } from "markdown-it";
import { type BodyElement, type BodyNode, BodyTag, isSafeLink } from "../../shared/bodyTree.ts";

// `html: false` makes markup that was typed text like any other; line breaks stay as people set them in a mail.
const parser = new MarkdownIt("default", { html: false, linkify: true, breaks: true });
// "report.md" is a file, not a site; what is meant as a link says so.
parser.linkify.set({ fuzzyLink: false });

/** Blocks deeper than this are no blocks any more: their text stays, with the marks that were typed. */
const MAX_BLOCK_DEPTH = 98;
/** Elements deeper than this would end whoever walks the tree; what they hold moves up into the one around them. */
const MAX_TREE_DEPTH = 150;

// Below the parser's own limit, where it drops what is deeper without a word.
parser.block.ruler.before("table", "deep", (state, startLine, endLine) => {
  if (state.level < MAX_BLOCK_DEPTH) return false;
  let end = startLine + 1;
  while (end < endLine && (state.isEmpty(end) || (state.sCount[end] ?? 0) >= state.blkIndent)) end++;
  state.push("paragraph_open", "p", 1);
  const inline = state.push("inline", "", 0);
  inline.content = state.getLines(startLine, end, state.blkIndent, false).trim();
  inline.children = [];
  state.push("paragraph_close", "p", -1);
  state.line = end;
  return true;
});

/** The blocks of a text. An image that lies elsewhere becomes a link: recipients' mail programs hide it, or tell its server. */
export function parseMarkdown(text: string): BodyElement[] {
  const blocks: BodyNode[] = [];
  grow(parser.parse(text, {}), blocks, 0);
  return blocks.filter((node) => typeof node !== "string");
}

/** Builds the tree that a flat list of opening and closing tokens means. @param depth of what it is built into */
function grow(tokens: readonly Token[], root: BodyNode[], depth: number): void {
  // What stands open: where children go, and whether the token that closes it has one of its own.
  const open: BodyNode[][] = [root];
  for (const token of tokens) {
    const parent = open.at(-1) ?? root;
    if (token.nesting === 1) {
      const isTooDeep = depth + open.length > MAX_TREE_DEPTH;
      const element = token.hidden || isTooDeep ? undefined : elementOf(token);
      if (element !== undefined) parent.push(element);
      // Without an element of its own, what is inside belongs to the parent.
      open.push(element?.children ?? parent);
    } else if (token.nesting === -1) open.pop();
    else if (token.type === "inline") grow(token.children ?? [], parent, depth + open.length);
    else {
      const node = leaf(token);
      if (node !== undefined) parent.push(node);
    }
  }
}

/** What a token opens; undefined for what has no element, such as a link that leads nowhere. */
function elementOf(token: Token): BodyElement | undefined {
  const tag = BodyTag.safeParse(token.tag).data;
  if (tag === undefined) return undefined;
  const element: BodyElement = { tag, children: [] };
  if (tag === "a") {
    const href = String(token.attrGet("href") ?? "");
    return isSafeLink(href) ? { ...element, href } : undefined;
  }
  const align = /^text-align:(left|center|right)$/.exec(String(token.attrGet("style") ?? ""))?.[1];
  if (align === "left" || align === "center" || align === "right") return { ...element, align };
  const start = Number(token.attrGet("start") ?? 1);
  return tag === "ol" && Number.isSafeInteger(start) && start !== 1 ? { ...element, start } : element;
}

/** Undefined for what has nothing in it. */
function leaf(token: Token): BodyNode | undefined {
  switch (token.type) {
    case "image":
      return imageOf(token);
    case "code_inline":
      return { tag: "code", children: [token.content] };
    case "fence":
    case "code_block":
      return { tag: "pre", children: [{ tag: "code", children: [token.content] }] };
    case "hr":
      return { tag: "hr", children: [] };
    case "hardbreak":
    case "softbreak":
      return { tag: "br", children: [] };
    default:
      return token.content === "" ? undefined : token.content;
  }
}

function imageOf(token: Token): BodyNode {
  const src = String(token.attrGet("src") ?? "");
  const alt = words(token.children ?? []);
  if (/^https?:/i.test(src) && isSafeLink(src)) return { tag: "a", href: src, children: [alt || src] };
  return { tag: "img", src, alt, children: [] };
}

function words(tokens: readonly Token[]): string {
  return tokens.map(({ children, content }) => (children ? words(children) : content)).join("");
}
