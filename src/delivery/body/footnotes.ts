/** Footnotes: `[^1]` in the text; notes (`[^1]: …`) anywhere become a numbered list below the text. */
import type { Env, MarkdownIt, StateBlock, StateCore, StateInline, Token } from "markdown-it";

interface Note {
  /** Its number in the list; undefined until the text refers to it. */
  number: number | undefined;
}

interface Notes {
  readonly byLabel: Map<string, Note>;
  readonly byToken: Map<Token, Note>;
  referred: number;
}

/** By the parser's environment, one per run. */
const notes = new WeakMap<Env, Notes>();
const DEFINITION = /\[\^([^\s\]]{1,200})\]:/y;
const REFERENCE = /\[\^([^\s\]]{1,200})\]/y;
/** Lines with this indentation belong to the note above. */
const INDENT = 4;

export function addFootnotes(parser: MarkdownIt): void {
  parser.block.ruler.before("reference", "footnote", define, { alt: ["paragraph", "reference"] });
  parser.inline.ruler.before("link", "footnote", refer);
  parser.core.ruler.after("inline", "footnotes", putBelow);
  parser.renderer.rules["footnote"] = (tokens, at) => `<sup>[${tokens[at]?.content}]</sup>`;
}

function define(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const begin = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  DEFINITION.lastIndex = begin;
  const label = DEFINITION.exec(state.src)?.[1];
  if (label === undefined) return false;
  if (silent) return true;
  const end = DEFINITION.lastIndex;
  const text = state.skipSpaces(end);
  const note: Note = { number: undefined };
  const known = notes.get(state.env) ?? { byLabel: new Map(), byToken: new Map(), referred: 0 };
  notes.set(state.env, known);
  if (!known.byLabel.has(label)) known.byLabel.set(label, note);
  known.byToken.set(state.push("footnote_open", "", 1), note);
  const { bMarks, tShift, sCount, parentType } = state;
  const [mark, shift, count] = [bMarks[startLine], tShift[startLine], sCount[startLine]];
  // What follows the colon is parsed as if the line started there.
  state.blkIndent += INDENT;
  state.parentType = "footnote";
  bMarks[startLine] = end;
  tShift[startLine] = text - end;
  sCount[startLine] = state.blkIndent;
  state.md.block.tokenize(state, startLine, endLine);
  state.blkIndent -= INDENT;
  state.parentType = parentType;
  if (mark !== undefined) bMarks[startLine] = mark;
  if (shift !== undefined) tShift[startLine] = shift;
  if (count !== undefined) sCount[startLine] = count;
  state.push("footnote_close", "", -1);
  return true;
}

function refer(state: StateInline, silent: boolean): boolean {
  REFERENCE.lastIndex = state.pos;
  const known = notes.get(state.env);
  const label = known === undefined ? undefined : REFERENCE.exec(state.src)?.[1];
  const note = label === undefined ? undefined : known?.byLabel.get(label);
  if (known === undefined || note === undefined || REFERENCE.lastIndex > state.posMax) return false;
  if (!silent) {
    note.number ??= ++known.referred;
    state.push("footnote", "", 0).content = String(note.number);
  }
  state.pos = REFERENCE.lastIndex;
  return true;
}

/** Notes that nothing refers to come last: nothing is lost. */
function putBelow(state: StateCore): void {
  const known = notes.get(state.env);
  if (known === undefined) return;
  const text: Token[] = [];
  const found: { readonly note: Note; readonly tokens: Token[] }[] = [];
  const into: Token[][] = [text];
  for (const token of state.tokens) {
    const note = known.byToken.get(token);
    if (note !== undefined) {
      const tokens: Token[] = [];
      found.push({ note, tokens });
      into.push(tokens);
    } else if (token.type === "footnote_close") into.pop();
    else into.at(-1)?.push(token);
  }
  const place = ({ note }: { readonly note: Note }) => note.number ?? Number.POSITIVE_INFINITY;
  // Those without a number keep their order.
  const inOrder = found.toSorted((one, other) =>
    place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : 0,
  );
  const make = (type: string, tag: string, nesting: -1 | 0 | 1) => {
    const token = new state.Token(type, tag, nesting);
    token.block = true;
    return token;
  };
  state.tokens = [
    ...text,
    make("hr", "hr", 0),
    make("ordered_list_open", "ol", 1),
    ...inOrder.flatMap(({ tokens }) => [
      make("list_item_open", "li", 1),
      ...tokens,
      make("list_item_close", "li", -1),
    ]),
    make("ordered_list_close", "ol", -1),
  ];
}
