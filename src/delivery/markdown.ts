/** Markdown as a tree. Loaded when it is needed: the parser is larger than the rest of a mail's road. */
import MarkdownIt, { type Token } from "markdown-it";
import { type BodyElement, type BodyNode, BodyTag, isSafeLink } from "../shared/bodyTree.ts";

// `html: false` makes markup that was typed text like any other; line breaks stay as people set them in a mail.
const parser = new MarkdownIt("default", { html: false, linkify: true, breaks: true });
// "report.md" is a file, not a site; what is meant as a link says so.
parser.linkify.set({ fuzzyLink: false });

/** The blocks of a text. An image that lies elsewhere becomes a link: readers' programs hide it, or tell its server. */
export function parseMarkdown(text: string): BodyElement[] {
  return grow(parser.parse(text, {})).filter((node) => typeof node !== "string");
}

/** Builds the tree that a flat list of opening and closing tokens means. */
function grow(tokens: readonly Token[]): BodyNode[] {
  const root: BodyNode[] = [];
  // What stands open: where children go, and whether the token that closes it has one of its own.
  const open: BodyNode[][] = [root];
  const add = (...nodes: readonly BodyNode[]) => open.at(-1)?.push(...nodes);
  for (const token of tokens) {
    if (token.nesting === 1) {
      const element = token.hidden ? undefined : elementOf(token);
      if (element !== undefined) add(element);
      // Without an element of its own, what is inside belongs to the parent.
      open.push(element?.children ?? open.at(-1) ?? root);
    } else if (token.nesting === -1) open.pop();
    else add(...leaf(token));
  }
  return root;
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

function leaf(token: Token): BodyNode[] {
  switch (token.type) {
    case "inline":
      return grow(token.children ?? []);
    case "image":
      return [imageOf(token)];
    case "code_inline":
      return [{ tag: "code", children: [token.content] }];
    case "fence":
    case "code_block":
      return [{ tag: "pre", children: [{ tag: "code", children: [token.content] }] }];
    case "hr":
      return [{ tag: "hr", children: [] }];
    case "hardbreak":
    case "softbreak":
      return [{ tag: "br", children: [] }];
    default:
      return token.content === "" ? [] : [token.content];
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
