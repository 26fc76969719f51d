/** Prints a mail's text as HTML, only from the tree: every name is one of ours, every text is escaped. */
import type { BodyElement, BodyNode, BodyTag } from "../../shared/contract/bodyTree.ts";
import { MAX_IMAGE_WIDTH } from "./htmlAttributes.ts";

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Without a font, Outlook for Windows uses Times New Roman, even in a table within text that has a font. */
const FONT = "font-family:Arial,Helvetica,sans-serif";
const CODE_FONT = "font-family:Consolas,Menlo,monospace;font-size:0.95em";
/**
 * Mail programs drop style sheets, so styles are inline. Text and background keep the recipient's colours,
 * and the grey lines are visible on white and on black: nothing becomes a white box in a dark theme.
 * `test/unit/delivery/mailPrograms.test.ts` knows which program supports which of these styles.
 */
const STYLES: Partial<Record<BodyTag, string>> = {
  pre: "padding:8px 12px;border:1px solid #999;white-space:pre-wrap;word-wrap:break-word",
  code: CODE_FONT,
  kbd: `${CODE_FONT};padding:0 4px;border:1px solid #999`,
  blockquote: "margin-left:0;padding-left:12px;border-left:3px solid #999",
  table: `border-collapse:collapse;${FONT}`,
  img: "max-width:100%;height:auto",
};
/** The look of the cells, once per table: repeated in each cell, it would be most of a long table. */
const TABLE_ATTRIBUTES = { border: "1", cellpadding: "6", cellspacing: "0" };
const VOID: ReadonlySet<BodyTag> = new Set(["br", "hr", "img"]);

/**
 * @param cidOf an image's content id; undefined if it is not attached: then its `alt` text is printed
 * @param sizeOf an image's size; undefined if not known
 */
export function printHtml(
  nodes: readonly BodyNode[],
  cidOf: (src: string) => string | undefined = () => undefined,
  sizeOf: (src: string) => ImageSize | undefined = () => undefined,
): string {
  const print = (node: BodyNode): string => {
    if (typeof node === "string") return escapeHtml(node);
    const children = node.children.map(print).join("");
    if (node.tag === "img") {
      const cid = node.src === undefined ? undefined : cidOf(node.src);
      if (cid === undefined) return escapeHtml(node.alt ?? "");
      return openTag(node, { src: `cid:${cid}`, width: widthOf(node, sizeOf(node.src ?? "")) });
    }
    return openTag(node, {}) + (VOID.has(node.tag) ? "" : `${children}</${node.tag}>`);
  };
  return `<div style="${FONT}">${nodes.map(print).join("")}</div>`;
}

/** The width in the text, else the image's own, in pixels; at most `MAX_IMAGE_WIDTH`. */
function widthOf({ width, height }: BodyElement, size: ImageSize | undefined): number {
  const scaled =
    size !== undefined && height !== undefined ? (size.width * height) / size.height : size?.width;
  return Math.max(1, Math.round(Math.min(width ?? scaled ?? MAX_IMAGE_WIDTH, MAX_IMAGE_WIDTH)));
}

type AttributeValues = Readonly<Record<string, string | number | undefined>>;

function openTag(
  { tag, href, alt, align, start, colspan, rowspan }: BodyElement,
  { src, width }: AttributeValues,
): string {
  const isImage = tag === "img";
  // Apple Mail respects the width attribute only in remote images.
  const own = isImage ? `width:${width}px` : align === undefined ? undefined : `text-align:${align}`;
  const style = [own, STYLES[tag]].filter((part) => part !== undefined).join(";");
  const attributes: AttributeValues = {
    href,
    src,
    alt,
    width,
    align: isImage ? align : undefined,
    start,
    colspan,
    rowspan,
    ...(tag === "table" ? TABLE_ATTRIBUTES : {}),
    style: style === "" ? undefined : style,
  };
  const printed = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escapeHtml(String(value))}"`],
  );
  return `<${tag}${printed.join("")}>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A text with more below it. */
export function htmlWith(body: string, html: string): string {
  // Behind the end of a document of a person's own nothing is shown.
  const end = body.search(/<\/body\s*>(?![\s\S]*<\/body\s*>)/i);
  return end < 0 ? `${body}${html}` : `${body.slice(0, end)}${html}${body.slice(end)}`;
}
