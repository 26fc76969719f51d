/** Reads HTML into the tree of a mail's text: harmless elements stay, of all others only their text. */
import type { BodyElement, BodyNode } from "../../shared/contract/bodyTree.ts";
import { elementOf } from "./htmlAttributes.ts";
import { isBlock, isHidden, isVoid, meaningOf } from "./htmlElements.ts";
import { type Attributes, type HtmlSink, readTags } from "./htmlTokens.ts";

interface Frame {
  readonly name: string;
  /** The element that the tag made; undefined if its content goes into the element around it. */
  readonly element: BodyElement | undefined;
  /** The element that the children belong to; undefined for the tree's root. */
  readonly owner: BodyElement | undefined;
  readonly children: BodyNode[];
  readonly hidden: boolean;
  /** Spaces and line breaks in it are kept. */
  readonly verbatim: boolean;
  /** Its end tag came while a block inside was still open: it ends with that block. */
  ended: boolean;
}

/** Deeper elements would overflow the stack of code that walks the tree; only their content is kept. */
const MAX_TREE_DEPTH = 150;
/** Tags that can be open at once; more are ignored, to keep the search for each end tag's start short. */
const MAX_OPEN = 500;

/** Elements whose start ends an open one, and within which elements the open one is searched. */
const ENDED_BY: readonly (readonly [begins: RegExp, ended: RegExp, within: RegExp])[] = [
  [/^li$/, /^li$/, /^(?:ul|ol|menu|dir|table|td|th|blockquote|details)$/],
  [/^d[dt]$/, /^d[dt]$/, /^(?:dl|ul|ol|table|td|th)$/],
  [/^t[dh]$/, /^(?:td|th|caption)$/, /^table$/],
  [/^tr$/, /^(?:tr|caption)$/, /^table$/],
  [/^(?:thead|tbody|tfoot)$/, /^(?:thead|tbody|tfoot|caption)$/, /^table$/],
  [/^h[1-6]$/, /^h[1-6]$/, /./],
  [/^a$/, /^a$/, /^(?:td|th|caption)$/],
];
const CELL = /^(?:td|th|caption)$/;
const TABLE = /^table$/;
const TABLE_PART = /^(?:caption|thead|tbody|tfoot|tr|td|th)$/;
const TABLE_INSIDE = /^(?:table|thead|tbody|tr)$/;
/** These stay even if they are empty. */
const EMPTY = /^(?:td|th|tr|li|dt|dd)$/;

/** The blocks of a text in HTML. */
export function readHtml(html: string): BodyElement[] {
  const tree = new HtmlTree();
  readTags(html, tree);
  return tree.blocks();
}

class HtmlTree implements HtmlSink {
  readonly #root: BodyNode[] = [];
  readonly #bottom: Frame = {
    name: "",
    element: undefined,
    owner: undefined,
    children: this.#root,
    hidden: false,
    verbatim: false,
    ended: false,
  };
  readonly #open: Frame[] = [this.#bottom];
  #depth = 0;

  open(name: string, attributes: Attributes): void {
    this.#endBefore(name);
    const around = this.#top;
    const hidden = around.hidden || isHidden(name) || isConcealed(attributes);
    const isFull = this.#open.length >= MAX_OPEN;
    const isLost = hidden || isFull || this.#depth >= MAX_TREE_DEPTH || !this.#fits(name);
    const made = isLost && !isVoid(name) ? undefined : elementOf(name, attributes, this.#link);
    if (made !== undefined && !hidden) this.#add(made);
    if (isVoid(name) || isFull) return;
    const element = typeof made === "string" ? undefined : made;
    this.#open.push({
      name,
      element,
      owner: element ?? around.owner,
      children: hidden ? [] : (element?.children ?? around.children),
      hidden,
      verbatim: around.verbatim || /^(?:pre|code)$/.test(meaningOf(name) ?? "") || name === "textarea",
      ended: false,
    });
    if (element !== undefined) this.#depth++;
    if (name === "q") this.text("“");
    // It is a heading for what follows.
    if (name === "summary" && !hidden) this.open("b", new Map());
  }

  close(name: string): void {
    const isHeading = /^h[1-6]$/.test(name);
    const within = TABLE_PART.test(name) ? TABLE : name === "table" ? /^$/ : CELL;
    const at = this.#find(isHeading ? /^h[1-6]$/ : name, within);
    const frame = this.#open[at];
    if (frame === undefined) return;
    if (name === "q") this.text("”");
    // An inline element ends together with an open block inside it; a block ends everything open in it.
    if (!isBlock(name) && this.#open.slice(at + 1).some((inner) => isBlock(inner.name))) frame.ended = true;
    else this.#endFrom(at);
  }

  text(typed: string): void {
    const { hidden, verbatim, children, owner } = this.#top;
    if (hidden) return;
    if (verbatim) {
      const isStart = owner?.tag === "pre" && children.length === 0;
      this.#append(isStart ? typed.replace(/^\n/, "") : typed);
      return;
    }
    const words = typed.replace(/[ \t\n\f\r]+/g, " ");
    const before = children.at(-1);
    const isAtStart =
      before === undefined
        ? owner === undefined || isBlock(owner.tag)
        : typeof before === "string"
          ? before.endsWith(" ")
          : before.tag === "br" || isBlock(before.tag);
    this.#append(isAtStart ? words.replace(/^ /, "") : words);
  }

  /** What was read so far; inline content outside of blocks becomes paragraphs. */
  blocks(): BodyElement[] {
    this.#endFrom(1);
    trimEnd(this.#root);
    const blocks: BodyElement[] = [];
    let paragraph: BodyElement | undefined;
    for (const node of this.#root) {
      if (typeof node !== "string" && isBlock(node.tag)) {
        blocks.push(node);
        paragraph = undefined;
      } else if (paragraph === undefined) {
        paragraph = { tag: "p", children: [node] };
        blocks.push(paragraph);
      } else paragraph.children.push(node);
    }
    return blocks;
  }

  get #top(): Frame {
    return this.#open.at(-1) ?? this.#bottom;
  }

  /** The link that is open. */
  get #link(): BodyElement | undefined {
    return this.#open.findLast(({ element }) => element?.tag === "a")?.element;
  }

  #fits(name: string): boolean {
    return !TABLE_PART.test(name) || this.#find("table", /^$/) !== -1;
  }

  #add(node: BodyNode): void {
    if (typeof node === "string") this.text(node);
    else {
      const { children } = this.#top;
      if (isBlock(node.tag)) trimEnd(children);
      children.push(node);
    }
  }

  #append(text: string): void {
    const { children, owner } = this.#top;
    if (text === "") return;
    // Text between the cells of a table goes above the table, as in browsers.
    if (owner !== undefined && TABLE_INSIDE.test(owner.tag)) {
      const table = this.#open.findLastIndex(({ element }) => element?.tag === "table");
      const around = this.#open[table - 1]?.children;
      if (text.trim() !== "") around?.splice(-1, 0, text);
      return;
    }
    const before = children.at(-1);
    if (typeof before === "string") children[children.length - 1] = before + text;
    else children.push(text);
  }

  #endBefore(name: string): void {
    if (isBlock(name) && !TABLE_PART.test(name)) this.#endFrom(this.#find(/^(?:p|summary)$/, CELL));
    for (const [begins, ended, within] of ENDED_BY)
      if (begins.test(name)) this.#endFrom(this.#find(ended, within));
  }

  /** Finds the innermost matching frame, looking no further out than `within`. @returns its index, or -1 */
  #find(wanted: string | RegExp, within: RegExp): number {
    for (let at = this.#open.length - 1; at > 0; at--) {
      const name = this.#open[at]?.name ?? "";
      if (typeof wanted === "string" ? name === wanted : wanted.test(name)) return at;
      if (within.test(name)) return -1;
    }
    return -1;
  }

  #endFrom(at: number): void {
    if (at < 1) return;
    while (this.#open.length > at || (this.#open.length > 1 && this.#top.ended)) {
      const { element } = this.#top;
      this.#open.pop();
      if (element === undefined) continue;
      this.#depth--;
      if (isBlock(element.tag) && element.tag !== "pre") trimEnd(element.children);
      const { children } = this.#top;
      if (element.children.length === 0 && !EMPTY.test(element.tag) && children.at(-1) === element)
        children.pop();
    }
  }
}

function isConcealed(attributes: Attributes): boolean {
  const style = attributes.get("style") ?? "";
  return attributes.has("hidden") || /(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style);
}

/** Removes the space at the end of a block's last line. */
function trimEnd(children: BodyNode[]): void {
  const last = children.at(-1);
  if (typeof last !== "string") return;
  const rest = last.replace(/ $/, "");
  if (rest === "") children.pop();
  else children[children.length - 1] = rest;
}
