/** The element of a mail's text that an HTML tag becomes, with the few attributes that it may keep. */
import { type BodyElement, isSafeLink } from "../../shared/contract/bodyTree.ts";
import { meaningOf } from "./htmlElements.ts";
import type { Attributes } from "./htmlTokens.ts";

/** The widest that images may be, in pixels: Outlook for Windows only respects their `width` attribute. */
export const MAX_IMAGE_WIDTH = 600;
/** How many cells one may span: browsers allow no more. */
const MAX_SPAN = 1000;

/**
 * @param link the link that the tag is in
 * @returns text that stands for the element; undefined if the tag makes no element
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

/** A checkbox, as text. */
export function box(ticked: boolean): string {
  return ticked ? "☑" : "☐";
}

/** A remote image becomes a link: recipients' mail programs would hide it, or reveal them to its server. */
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

/** In whole pixels; percentages are of a mail's width. */
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

/** As browsers read it: `//` means https, and a space belongs to the address. */
function address(typed: string): string {
  return typed.replace(/^\/\//, "https://").replaceAll(" ", "%20");
}
