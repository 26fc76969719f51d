/** Formulas, found as VS Code's preview does. Mail programs cannot show them, so their source stays. */
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";

export function addMath(parser: MarkdownIt): void {
  parser.inline.ruler.after("escape", "math", inlineMath);
  parser.block.ruler.after("blockquote", "math", blockMath, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
}

/** `$a_1$`, or `$$a_1$$`, within a line. */
function inlineMath(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src[pos] !== "$") return false;
  const mark = src[pos + 1] === "$" ? "$$" : "$";
  const begin = pos + mark.length;
  if (mark === "$" && /[\p{L}\p{N}_$\\]/u.test(src[pos - 1] ?? "")) return false;
  let end = src.indexOf(mark, begin);
  while (end !== -1 && src[end - 1] === "\\") end = src.indexOf(mark, end + mark.length);
  if (end <= begin || end + mark.length > posMax) return false;
  if (mark === "$" && /[\p{L}\p{N}_$]/u.test(src[end + 1] ?? "")) return false;
  if (!silent) state.push("code_inline", "code", 0).content = src.slice(begin, end);
  state.pos = end + mark.length;
  return true;
}

/** Lines between a `$$` and the next. */
function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const lineAt = (line: number) =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trim();
  const first = lineAt(startLine);
  if (!first.startsWith("$$") || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  let last = startLine;
  const ends = (line: number) => lineAt(line).endsWith("$$") && (line > startLine || first.length > 4);
  while (last < endLine && !ends(last)) {
    if (last > startLine && (state.sCount[last] ?? 0) < state.blkIndent) return false;
    last++;
  }
  if (last >= endLine || /\$\$./.test(first.slice(2))) return false;
  if (!silent) {
    const block = state.push("code_block", "code", 0);
    const text = state.getLines(startLine, last + 1, state.blkIndent, false).trim();
    block.content = `${text.slice(2, -2).trim()}\n`;
  }
  state.line = last + 1;
  return true;
}
