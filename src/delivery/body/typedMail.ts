/** Markdown in typed mails: line breaks, backslashes, signatures and most apparent HTML stay as typed. */
import type { Env, MarkdownIt, StateBlock, StateInline } from "markdown-it";
import { isBlock, isVoid, meaningOf } from "./htmlElements.ts";

interface TypedText {
  /** The elements whose tags are meant as HTML. */
  readonly meant: ReadonlySet<string>;
  /** No HTML block, and no comment, starts before these offsets. */
  noBlocks: number;
  noComments: number;
}

/** By the parser's environment, one per run. */
const texts = new WeakMap<Env, TypedText>();
const TAG_NAME = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])/g;
/** Part of a path or a pattern, without what could end bold text. */
const BEHIND_BACKSLASH = /\\(?:[*_~]+(?![*_~\p{L}\p{N}.])|(?:[*_~]*[\\\p{L}\p{N}.$%@#+-])+)/uy;

export function keepAsTyped(parser: MarkdownIt): void {
  // In a mail, a line of "=" or "-" makes no heading: it is a separator, or starts a signature.
  parser.block.ruler.disable("lheading");
  parser.inline.ruler.disable("entity");
  parser.inline.ruler.at("escape", backslash);
  parser.inline.ruler.before("newline", "signature", signature);
  parser.inline.ruler.before("emphasis", "typed_mark", typedMark);
  parser.inline.ruler.before("link", "typed_brackets", typedBrackets);
  // A line without ">" ends the quote, even without an empty line between: in a mail it is the answer.
  const isQuoted = ({ parentType }: StateBlock) => parentType === "blockquote";
  parser.block.ruler.before("paragraph", "answer", (state, _, __, silent) => silent && isQuoted(state), {
    alt: ["blockquote"],
  });
  parser.inline.ruler.before("html_inline", "typed_tag", typedTag);
  parser.block.ruler.at("html_block", htmlBlock, { alt: ["paragraph", "reference", "blockquote"] });
  parser.core.ruler.after("normalize", "meant", (state) => {
    texts.set(state.env, { meant: meantIn(state.src), noBlocks: 0, noComments: 0 });
  });
}

/** A backslash escapes nothing in `C:\app\*.ini` and `\d+`. */
function backslash(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "\\" || /^[\n\r]?$/.test(state.src[state.pos + 1] ?? "")) return false;
  BEHIND_BACKSLASH.lastIndex = state.pos;
  const run = BEHIND_BACKSLASH.exec(state.src)?.[0] ?? state.src.slice(state.pos, state.pos + 2);
  const text = run.slice(0, state.posMax - state.pos);
  if (!silent) state.push("text_special", "", 0).content = text;
  state.pos += text.length;
  return true;
}

const STARS = /\*+/y;
/** Part of a Python method's name, of a file name, or of an emoticon. */
const UNDERSCORES = /__[a-z][a-z\d_]{0,60}__(?![\p{L}\p{N}])|_\w{1,60}_(?=\.[a-z\d])|_{1,3}(?=[/\\^])/uy;

/** Marks that are not meant as emphasis: `2*3*4`, `*.log`, `__init__`. */
function typedMark(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  const marks = src[pos] === "*" ? STARS : UNDERSCORES;
  marks.lastIndex = pos;
  const run = marks.exec(src)?.[0];
  if (run === undefined) return false;
  const [before, behind] = [
    src.slice(Math.max(0, pos - 2), pos),
    src.slice(pos + run.length, pos + run.length + 2),
  ];
  const isWithin = /[\p{Script=Latin}\p{N})\]]$/u.test(before) && /^[\p{Script=Latin}\p{N}(]/u.test(behind);
  const isPattern = /(?:^|[\s/\\([{=:|<>,;])$/.test(before) && /^[./,;:!?)\]}|=&%]/.test(behind);
  if (marks === STARS && !isWithin && !isPattern) return false;
  if (!silent) state.pending += run;
  state.pos += run.length;
  return true;
}

/** `list[0](x)` is code, not a link: the bracket follows a name, and the parentheses have no address. */
function typedBrackets(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  if (src[pos] !== "[" || !/[\p{L}\p{N})\]]$/u.test(src.slice(Math.max(0, pos - 2), pos))) return false;
  const end = state.md.helpers.parseLinkLabel(state, pos);
  if (end < 0 || !/^\((?![ \t]*<?(?:[a-z][a-z\d+.-]*:|#))/i.test(src.slice(end + 1, end + 100))) return false;
  if (!silent) state.pending += "[";
  state.pos++;
  return true;
}

/** Keeps the space in "-- ": mail programs recognize a signature by it. */
function signature(state: StateInline, silent: boolean): boolean {
  if (state.pending !== "-- " || state.src[state.pos] !== "\n") return false;
  if (!silent) state.push("softbreak", "br", 0);
  state.pos++;
  return true;
}

/** A tag is meant as HTML if its element is known and closed: "List<String>" or "a <p> tag" is just text. */
function meantIn(src: string): ReadonlySet<string> {
  const opened = new Map<string, number>();
  const closed = new Map<string, number>();
  const prose = src.replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
  for (const [, slash, name = ""] of prose.matchAll(TAG_NAME)) {
    const counts = slash === "/" ? closed : opened;
    counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  }
  const names = [...opened.keys()].filter(
    (name) => meaningOf(name) !== undefined && (isVoid(name) || opened.get(name) === closed.get(name)),
  );
  return new Set(names);
}

function typedTag(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "<") return false;
  const [, name = ""] =
    /^<\/?([a-z][a-z0-9]*)(?=[\s/>])/i.exec(state.src.slice(state.pos, state.pos + 20)) ?? [];
  if (state.src.startsWith("<!--", state.pos) || texts.get(state.env)?.meant.has(name.toLowerCase()))
    return false;
  if (!silent) state.pending += "<";
  state.pos++;
  return true;
}

/** Lines up to the next empty one in which every tag is meant as HTML; or a comment. */
function htmlBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const { src, bMarks, tShift, eMarks, sCount } = state;
  const start = (bMarks[startLine] ?? 0) + (tShift[startLine] ?? 0);
  const text = texts.get(state.env);
  const isComment = src.startsWith("<!--", start);
  const [, name = ""] = /^<\/?([a-z][a-z0-9]*)(?=[\s/>])/i.exec(src.slice(start, start + 20)) ?? [];
  if (text === undefined || !(isComment ? start >= text.noComments : start >= text.noBlocks)) return false;
  if (
    !isComment &&
    ((!isBlock(name.toLowerCase()) && !/^picture$/i.test(name)) || !text.meant.has(name.toLowerCase()))
  )
    return false;
  if (silent) return true;
  let end = startLine + 1;
  const isOver = () =>
    isComment ? src.slice(bMarks[end - 1], eMarks[end - 1]).includes("-->") : state.isEmpty(end);
  while (end < endLine && !isOver() && (state.isEmpty(end) || (sCount[end] ?? 0) >= state.blkIndent)) end++;
  const stop = eMarks[end - 1] ?? start;
  const typed = isComment ? (isOver() ? -1 : stop) : notMeant(text, src, start, stop);
  if (typed >= 0) {
    // No line before that offset can start one either.
    text[isComment ? "noComments" : "noBlocks"] = typed;
    return false;
  }
  state.push("html_block", "", 0).content = state.getLines(startLine, end, state.blkIndent, true);
  state.line = end;
  return true;
}

/** Finds the first tag that is just text. @returns its offset; -1 for none */
function notMeant({ meant }: TypedText, src: string, start: number, end: number): number {
  for (const { index, 2: name = "" } of src.slice(start, end).matchAll(TAG_NAME))
    if (!meant.has(name.toLowerCase())) return start + index;
  return -1;
}
