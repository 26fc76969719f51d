/** Small faults that can be put into a source file, one at a time. */
import { stripTypeScriptTypes } from "node:module";

export interface Mutant {
  /** Where the replaced text stands, in UTF-16 units from the file's start. */
  readonly start: number;
  readonly end: number;
  /** What runs here runs the mutant too: what stands before an operator, for that behind it may be left out. */
  readonly reachedAt: number;
  readonly replacement: string;
  /** 1 for the first. */
  readonly line: number;
  /** "=== → !==" */
  readonly what: string;
  /** The line that it is in, as it was. */
  readonly text: string;
}

/** What a binary operator becomes. The formatter puts blanks around each, and around none of a type's brackets. */
const OPERATORS: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "+": "-",
  "-": "+",
  "||=": "&&=",
  "??=": "=",
};

/**
 * All faults that this knows for a file, in the file's order. Text, comments and types are left alone.
 * @param source TypeScript whose types can be stripped, formatted as the project's formatter does it
 */
export function mutantsOf(source: string): Mutant[] {
  // Whatever has no effect when the program runs is blank here, at the same offsets.
  const code = blankText(stripTypeScriptTypes(source));
  const found: Mutant[] = [];
  const lines = source.split("\n");
  const add = (start: number, end: number, replacement: string, what: string, reachedAt = start) => {
    const line = source.slice(0, start).split("\n").length;
    found.push({ start, end, reachedAt, replacement, line, what, text: lines[line - 1]?.trim() ?? "" });
  };
  for (const { 1: operator = "", index } of code.matchAll(/(?<= )([=!<>&|?+-]{1,3})(?= |\n)/g)) {
    const other = OPERATORS[operator];
    if (other !== undefined) add(index, index + operator.length, other, `${operator} → ${other}`, index - 2);
  }
  for (const { 0: word, index } of code.matchAll(/(?<![\w.#"]|[!=]== )(?:true|false)(?![\w"])/g))
    add(index, index + word.length, word === "true" ? "false" : "true", `not ${word}`);
  for (const { index } of code.matchAll(/!(?=[\w(#])/g)) add(index, index + 1, " ", "! removed");
  // In the head of a `for await` the word is followed by a bracket that belongs to the loop.
  for (const { 0: word, index } of code.matchAll(/\bawait (?=[\w(])/g))
    if (!code.slice(0, index).endsWith("for ")) add(index, index + word.length, "", "await removed");
  for (const { index } of code.matchAll(/\b(?:if|while) \(/g)) {
    const start = code.indexOf("(", index) + 1;
    const end = closing(code, start);
    if (code.startsWith("if", index)) add(start, end, "true", "if (true)");
    add(start, end, "false", "if (false)");
  }
  // A whole statement that is a call, on one line.
  for (const { 0: text, 1: lead = "", index } of code.matchAll(
    /^( +)(?:void |await )*[\w#.?]+(?:\.[\w#]+|\?\.)*\(.*\);$/gm,
  ))
    if (!/^\s*(?:return|throw|super)\b/.test(text))
      add(index + lead.length, index + text.length, ";", "statement removed");
  // What both "if (true)" and "if (false)" say is not said a third time; and a log's lines are no promise.
  const heads = found.filter(({ what }) => what === "if (true)");
  const isWhole = ({ start, end, what }: Mutant) =>
    heads.some(
      (head) =>
        (what === "! removed" &&
          start === head.start &&
          /^![\w#.?]+(?:\([^()]*\))?$/.test(source.slice(start, head.end))) ||
        (/^[!=]==/.test(what) &&
          start > head.start &&
          end < head.end &&
          !/ (?:&&|\|\||\?\?) /.test(code.slice(head.start, head.end))),
    );
  return found
    .filter(
      (mutant) => !isWhole(mutant) && !/^(?:this\.#?|options\.)*log\??\./.test(source.slice(mutant.start)),
    )
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The source with the fault in it. */
export function withMutant(
  source: string,
  { start, end, replacement }: Pick<Mutant, "start" | "end" | "replacement">,
): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** Where the bracket closes that was opened right before `start`. */
function closing(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at++) {
    if (code[at] === "(") depth++;
    else if (code[at] === ")" && --depth === 0) return at;
  }
  return code.length;
}

/** Blanks comments, strings and regular expressions; what a template computes stays. */
function blankText(code: string): string {
  const text =
    /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(,=:[!&|?;{}\n] *|\breturn )\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  const blank = (part: string) => part.replace(/[^\n]/g, "_");
  return code.replace(text, blank);
}
