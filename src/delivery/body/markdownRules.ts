/** Extensions of Markdown for documents and typed mails alike. */
import type { MarkdownIt, StateBlock, StateCore, StateInline, Token } from "markdown-it";
import { box } from "./htmlAttributes.ts";

/** Blocks nested deeper than this stay as text, with their marks as typed. */
const MAX_BLOCK_DEPTH = 98;

/** Stays below the parser's own limit, beyond which it silently drops blocks. */
export function keepBlocksShallow(parser: MarkdownIt): void {
  parser.block.ruler.before("table", "deep", (state, startLine, endLine) => {
    if (state.level < MAX_BLOCK_DEPTH) return false;
    let end = startLine + 1;
    while (end < endLine && (state.isEmpty(end) || (state.sCount[end] ?? 0) >= state.blkIndent)) end++;
    pushParagraph(state, state.getLines(startLine, end, state.blkIndent, false).trim());
    state.line = end;
    return true;
  });
}

function pushParagraph(state: StateBlock, content: string): void {
  state.push("paragraph_open", "p", 1);
  const inline = state.push("inline", "", 0);
  inline.content = content;
  inline.children = [];
  state.push("paragraph_close", "p", -1);
}

/** `- [x] done` gets a ticked box. */
export function addTaskLists(parser: MarkdownIt): void {
  parser.core.ruler.after("inline", "task_lists", ({ tokens }) => {
    for (const [at, { type, children }] of tokens.entries()) {
      if (type !== "inline" || tokens[at - 2]?.type !== "list_item_open") continue;
      const [first] = children ?? [];
      if (first?.type === "text")
        first.content = first.content.replace(/^\[([ xX])\](?=[ \t]+\S|[ \t]*$)/, (typed, mark: string) =>
          first.content === typed && children?.length === 1 ? typed : box(mark !== " "),
        );
    }
  });
}

/** `![x](my chart.png)`: people do not encode spaces in paths. */
export function addImagePaths(parser: MarkdownIt): void {
  const path =
    /\([ \t]*((?:[^()<>\n]|\([^()\n]*\)){1,500}?\.(?:png|jpe?g|gif|webp|bmp|svg))[ \t]*(?:"[^"\n]*"[ \t]*)?\)/iy;
  parser.inline.ruler.after("image", "image_path", (state, silent) => {
    if (!state.src.startsWith("![", state.pos)) return false;
    const labelEnd = parser.helpers.parseLinkLabel(state, state.pos + 1, false);
    if (labelEnd < 0) return false;
    path.lastIndex = labelEnd + 1;
    const src = path.exec(state.src)?.[1];
    if (src === undefined || path.lastIndex > state.posMax || !/[^\s]\s+[^\s]/.test(src)) return false;
    const href = parser.normalizeLink(src);
    if (!parser.validateLink(href)) return false;
    if (!silent) pushImage(state, href, state.src.slice(state.pos + 2, labelEnd));
    state.pos = path.lastIndex;
    return true;
  });
}

function pushImage(state: StateInline, href: string, words: string): void {
  const image = state.push("image", "img", 0);
  image.attrs = [
    ["src", href],
    ["alt", ""],
  ];
  image.content = words;
  image.children = [];
  state.md.inline.parse(words, state.md, state.env, image.children);
}

/**
 * Keeps link definitions that no link uses as text.
 * @param which "unused": all of them; "alone": only if the text has nothing else
 */
export function keepDefinitions(parser: MarkdownIt, which: "unused" | "alone"): void {
  parser.core.ruler.disable("strip_references");
  parser.core.ruler.after("inline", "definitions", (state) => {
    const { tokens } = state;
    const isDefinition = ({ type }: Token) => type === "reference_definition";
    if (!tokens.some(isDefinition)) return;
    const kept = which === "unused" || tokens.every(isDefinition) ? unusedOf(tokens) : new Set<Token>();
    const lines = kept.size === 0 ? [] : state.src.split("\n");
    const result: Token[] = [];
    let typed: string[] = [];
    const end = () => {
      if (typed.length > 0) for (const token of paragraph(state, typed.join("  \n"))) result.push(token);
      typed = [];
    };
    for (const token of tokens) {
      const [from, to] = token.map ?? [0, 0];
      if (kept.has(token)) for (const line of lines.slice(from, to)) typed.push(line.replace(/^[\s>]+/, ""));
      if (isDefinition(token)) continue;
      end();
      result.push(token);
    }
    end();
    state.tokens = result;
  });
}

function unusedOf(tokens: readonly Token[]): Set<Token> {
  const used = new Set<unknown>();
  const look = (inside: readonly Token[]) => {
    for (const { type, meta, children } of inside) {
      if (type !== "reference_definition" && meta?.["label"] !== undefined) used.add(meta["label"]);
      if (children !== null) look(children);
    }
  };
  look(tokens);
  return new Set(
    tokens.filter(({ type, meta }) => type === "reference_definition" && !used.has(meta?.["label"])),
  );
}

function paragraph(state: StateCore, content: string): Token[] {
  const [open, inline, close] = [
    new state.Token("paragraph_open", "p", 1),
    new state.Token("inline", "", 0),
    new state.Token("paragraph_close", "p", -1),
  ];
  inline.content = content;
  inline.children = [];
  // Parsed with an empty environment, without definitions, so that they do not become links to themselves.
  state.md.inline.parse(content, state.md, {}, inline.children);
  return [open, inline, close];
}
