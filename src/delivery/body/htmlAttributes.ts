/** The element that an HTML tag makes in a mail's text, with the few attributes that it may keep. */
import { type BodyElement, isSafeLink } from "../../shared/contract/bodyTree.ts";
import { meaningOf } from "./htmlElements.ts";
import type { Attributes } from "./htmlTokens.ts";

/** What images are bounded to, in pixels: Outlook for Windows heeds no other bound than their `width`. */
export const MAX_IMAGE_WIDTH = 600;
/** Cells that one may span: browsers take no more. */
const MAX_SPAN = 1000;

/**
 * @param link the link around it
 * @returns a text where words stand for the element; undefined where there is none
 */
export function elementOf(
  name: string,
  attributes: Attributes,
  link: BodyElement | undefined,
): BodyElement | string | undefined {
  const read = (key: string) => attributes.get(key)?.trim() ?? "";
  const tag = meaningOf(name);
  if (name === "input") return /^checkbox$/i.test(read("type")) ? box(attributes.has("checked")) : undefined;
  if (tag === undefined || tag === "plain") return undefined;
  if (tag === "img") return imageOf(read, link);
  if (tag === "a") {
    const href = address(read("href"));
    return isSafeLink(href) ? { tag, href, children: [] } : undefined;
  }
  const element: BodyElement = { tag, children: [] };
  const align = name === "center" ? "center" : alignOf(read);
  if (align !== undefined && !/^(?:br|hr|code|kbd)$/.test(tag)) element.align = align;
  if (tag === "ol" && /^-?\d{1,9}$/.test(read("start")) && read("start") !== "1")
    element.start = Number(read("start"));
  if (tag === "td" || tag === "th")
    for (const span of ["colspan", "rowspan"] as const) {
      const cells = Number(read(span));
      if (Number.isInteger(cells) && cells > 1 && cells <= MAX_SPAN) element[span] = cells;
    }
  return element;
}

/** A box to tick. */
export function box(ticked: boolean): string {
  return ticked ? "☑" : "☐";
}

/** An image that lies elsewhere becomes a link: recipients' mail programs hide it, or tell its server. */
function imageOf(
  read: (key: string) => string,
  link: BodyElement | undefined,
): BodyElement | string | undefined {
  const src = read("src");
  const alt = read("alt").replace(/\s+/g, " ");
  const remote = address(src);
  if (/^https?:/i.test(remote) && isSafeLink(remote)) {
    if (link !== undefined) return alt || (link.href ?? "");
    return { tag: "a", href: remote, children: [alt || remote] };
  }
  if (src === "") return alt;
  const width = pixels(read("width")) ?? pixels(/(?:^|;)\s*width\s*:([^;]*)/i.exec(read("style"))?.[1] ?? "");
  const height = pixels(read("height"));
  const align = /^(?:left|right)$/i.exec(read("align"))?.[0].toLowerCase();
  return {
    tag: "img",
    src,
    alt,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined || read("height").endsWith("%") ? {} : { height }),
    ...(align === "left" || align === "right" ? { align } : {}),
    children: [],
  };
}

/** Whole pixels; a share is one of the width that a mail has. */
function pixels(size: string): number | undefined {
  const [, number = "", unit] = /^\s*(\d{1,5}(?:\.\d+)?)\s*(px|%)?\s*$/i.exec(size) ?? [];
  const value = Math.round(unit === "%" ? (Number(number) / 100) * MAX_IMAGE_WIDTH : Number(number));
  return value > 0 ? value : undefined;
}

function alignOf(read: (key: string) => string): "left" | "center" | "right" | undefined {
  const styled = /(?:^|;)\s*text-align\s*:\s*([a-z]+)/i.exec(read("style"))?.[1];
  const align = (styled ?? read("align")).toLowerCase().replace(/^middle$/, "center");
  return align === "left" || align === "center" || align === "right" ? align : undefined;
}

/** As browsers read it: without a scheme it is that of the page, and a blank is one of the address. */
function address(typed: string): string {
  return typed.replace(/^\/\//, "https://").replaceAll(" ", "%20");
}
