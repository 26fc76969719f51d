/**
 * A mail's text as a tree of the few elements that it may have. What is sent as HTML and what the panel previews are
 * both printed from it, so that nothing else can get into either: no markup is ever taken over as it was typed.
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
  /** Of a link: an address that `isSafeLink` has passed. */
  href: z.string().optional(),
  /** Of an image: in the text as it was typed, in a preview an address that the panel may load; none: only its words. */
  src: z.string().optional(),
  /** Of an image: its words. */
  alt: z.string().optional(),
  /** Of an image: what the text says that it measures, in pixels. */
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  /** Of a block: that of its lines; of an image: the side that it stands at. */
  align: z.enum(["left", "center", "right"]).optional(),
  /** Of a numbered list: its first number. */
  start: z.int().optional(),
  /** Of a cell: how many it takes the place of. */
  colspan: z.int().positive().optional(),
  rowspan: z.int().positive().optional(),
});

/** Written out: of types that follow from each other the compiler finds the end or not, as its turns fall. */
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
