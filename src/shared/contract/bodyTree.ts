/**
 * A mail's text as a tree of the few elements that it may have. The HTML that is sent and the panel's preview
 * are both printed from it, so that nothing else can get into either: markup is never copied as it was typed.
 */
import * as z from "zod";

export const BodyTag = z.enum([
  "p",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "ul",
  "ol",
  "li",
  "blockquote",
  "pre",
  "hr",
  "dl",
  "dt",
  "dd",
  "div",
  "table",
  "caption",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
  "code",
  "kbd",
  "em",
  "strong",
  "s",
  "u",
  "sub",
  "sup",
  "a",
  "br",
  "img",
]);
export type BodyTag = z.infer<typeof BodyTag>;

const Attributes = z.object({
  tag: BodyTag,
  /** Of a link: an address that `isSafeLink` accepts. */
  href: z.string().optional(),
  /** Of an image: in the text as typed, in a preview what the panel may load; unset: only `alt` is shown. */
  src: z.string().optional(),
  /** Of an image: its alternative text. */
  alt: z.string().optional(),
  /** Of an image: its size in pixels, as the text gives it. */
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  /** Of a block: the alignment of its lines; of an image: the side that it is on. */
  align: z.enum(["left", "center", "right"]).optional(),
  /** Of a numbered list: its first number. */
  start: z.int().optional(),
  /** Of a cell: how many columns and rows it spans. */
  colspan: z.int().positive().optional(),
  rowspan: z.int().positive().optional(),
});

/** Written out: if these types were inferred, it would depend on the order of checks whether they resolve. */
export interface BodyElement extends z.infer<typeof Attributes> {
  children: BodyNode[];
}
export type BodyNode = BodyElement | string;

export const BodyNode: z.ZodType<BodyNode> = z.union([z.string(), z.lazy(() => BodyElement)]);
export const BodyElement: z.ZodType<BodyElement> = Attributes.extend({ children: z.array(BodyNode) });

/** Where a link in a mail may lead. Others would run something, or mean nothing on another machine. */
export function isSafeLink(address: string): boolean {
  return /^(?:https?:\/\/|mailto:|tel:)[^\s\p{Cc}]+$/iu.test(address);
}
