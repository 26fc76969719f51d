/** A mail's text as HTML, from nothing but the tree: every name is one of ours, every text is escaped. */
import type { BodyElement, BodyNode, BodyTag } from "../../shared/bodyTree.ts";

/** Mail programs drop style sheets, so each element brings its own; text keeps the recipient's colours. */
const STYLES: Partial<Record<BodyTag, string>> = {
  pre: "padding:8px 12px;border:1px solid #bbb;border-radius:4px;overflow:auto",
  code: "font-family:Consolas,Menlo,monospace;font-size:0.95em",
  blockquote: "margin-left:0;padding-left:12px;border-left:3px solid #999",
  table: "border-collapse:collapse",
  img: "max-width:100%",
};
/** What its cells look like: said once, for in a long table it would be most of the mail. */
const TABLE_ATTRIBUTES = { border: "1", cellpadding: "6", cellspacing: "0" };
const VOID: ReadonlySet<BodyTag> = new Set(["br", "hr", "img"]);

/** @param cidOf the content id that an image travels under; undefined where it is not part of the mail: its words stay */
export function printHtml(
  nodes: readonly BodyNode[],
  cidOf: (src: string) => string | undefined = () => undefined,
): string {
  const print = (node: BodyNode): string => {
    if (typeof node === "string") return escapeHtml(node);
    const children = node.children.map(print).join("");
    if (node.tag === "img") {
      const cid = node.src === undefined ? undefined : cidOf(node.src);
      return cid === undefined ? escapeHtml(node.alt ?? "") : openTag(node, [["src", `cid:${cid}`]]);
    }
    return openTag(node, []) + (VOID.has(node.tag) ? "" : `${children}</${node.tag}>`);
  };
  return `<div>${nodes.map(print).join("")}</div>`;
}

function openTag(
  { tag, href, alt, align, start }: BodyElement,
  more: readonly (readonly [string, string])[],
): string {
  const style = [STYLES[tag], align === undefined ? undefined : `text-align:${align}`]
    .filter((part) => part !== undefined)
    .join(";");
  const attributes = Object.entries({
    href,
    ...Object.fromEntries(more),
    alt,
    start: start === undefined ? undefined : String(start),
    ...(tag === "table" ? TABLE_ATTRIBUTES : {}),
    style: style === "" ? undefined : style,
  });
  const printed = attributes.flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escapeHtml(value)}"`],
  );
  return `<${tag}${printed.join("")}>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
