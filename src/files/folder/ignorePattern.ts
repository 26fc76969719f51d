/**
 * One line of a `.gitignore` file, matched as Git does (its `dir.c` and `wildmatch.c`) but without nested
 * backtracking: whatever the line says, a match takes at most as many steps as its length times the path's.
 */

export interface IgnorePattern {
  /** The line takes back what an earlier line ignores. */
  readonly isException: boolean;
  readonly foldersOnly: boolean;
  /** It matches a name at any depth, not a path from the folder of its file. */
  readonly anyDepth: boolean;
  readonly segments: readonly Segment[];
  /** The line's length in characters, for how long a match may take. */
  readonly length: number;
}

/** What may stand between two slashes: this name, names of this form, or any number of folders (`**`). */
type Segment = string | readonly Token[] | typeof FOLDERS;
/** A character, any one, any number of them, or one of a class. */
type Token = string | typeof ANY | typeof STAR | CharacterClass;

/** For each of the 256 bytes: 1 if it belongs to the class. Looking up costs the same for any class. */
type CharacterClass = Uint8Array;
/** A file's classes by their text: the same one is often written again. */
export type KnownClasses = Map<string, CharacterClass>;

const FOLDERS = Symbol("**");
const ANY = Symbol("?");
const STAR = Symbol("*");
const SLASH = Symbol("/");

/** By Git's own tables, which know ASCII only: pairs of a first character and a last one. */
const CLASSES: Readonly<Record<string, string | undefined>> = {
  alnum: "09AZaz",
  alpha: "AZaz",
  blank: "  \t\t",
  cntrl: "\0\x1f\x7f\x7f",
  digit: "09",
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "  \t\n\r\r",
  upper: "AZ",
  xdigit: "09AFaf",
};

/**
 * Reads a line; undefined when it is empty, a comment, or can match nothing.
 * @param foldCase whether the file system ignores case
 */
export function readIgnoreLine(
  line: string,
  foldCase: boolean,
  classes: KnownClasses,
): IgnorePattern | undefined {
  if (line.startsWith("#")) return undefined;
  let text = asBytes(withoutTrailingBlanks(line));
  const isException = text.startsWith("!");
  if (isException) text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  if (foldersOnly) text = text.slice(0, -1);
  const anyDepth = !text.includes("/");
  const tokens = readTokens(text.startsWith("/") ? text.slice(1) : text, foldCase, classes);
  if (tokens === undefined || tokens.length === 0) return undefined;
  return {
    isException,
    foldersOnly,
    anyDepth,
    segments: readSegments(tokens, anyDepth),
    length: line.length,
  };
}

/** The names in a path (with slashes), as patterns are matched against them. */
export function namesToMatch(path: string, foldCase: boolean): readonly string[] {
  return (foldCase ? smallLetters(asBytes(path)) : asBytes(path)).split("/");
}

/** @param names from `namesToMatch`, for a path relative to the folder of the pattern's file */
export function matchesNames({ segments, anyDepth }: IgnorePattern, names: readonly string[]): boolean {
  let [at, name] = [0, anyDepth ? names.length - 1 : 0];
  // Where to retry, one folder further, when what follows the last `**` does not match here.
  let retry: { at: number; name: number } | undefined;
  for (;;) {
    const segment = segments[at];
    if (segment === FOLDERS) {
      // At the end, it matches what is in a folder, but not the folder itself.
      if (at === segments.length - 1) return name < names.length;
      at += 1;
      retry = { at, name };
    } else if (name === names.length) return segment === undefined;
    else if (segment !== undefined && matchesName(segment, names[name] ?? "")) {
      at += 1;
      name += 1;
    } else if (retry === undefined) return false;
    else {
      retry.name += 1;
      ({ at, name } = retry);
    }
  }
}

function matchesName(segment: string | readonly Token[], name: string): boolean {
  if (typeof segment === "string") return segment === name;
  let [at, char] = [0, 0];
  // The same for the last `*`.
  let retry: { at: number; char: number } | undefined;
  for (;;) {
    const token = segment[at];
    if (token === STAR) {
      at += 1;
      if (at === segment.length) return true;
      retry = { at, char };
    } else if (char === name.length) return token === undefined;
    else if (token !== undefined && matchesChar(token, name[char] ?? "")) {
      at += 1;
      char += 1;
    } else if (retry === undefined) return false;
    else {
      retry.char += 1;
      ({ at, char } = retry);
    }
  }
}

function matchesChar(token: string | typeof ANY | CharacterClass, char: string): boolean {
  if (typeof token === "string") return token === char;
  if (token === ANY) return true;
  return token[char.charCodeAt(0)] === 1;
}

/** @returns undefined when the text can match nothing */
function readTokens(
  text: string,
  foldCase: boolean,
  classes: KnownClasses,
): readonly (Token | typeof SLASH)[] | undefined {
  const tokens: (Token | typeof SLASH)[] = [];
  const own = (char: string) => (char === "/" ? SLASH : foldCase ? smallLetters(char) : char);
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "*") tokens.push(STAR);
    else if (char === "?") tokens.push(ANY);
    else if (char === "[") {
      const found = readClass(text, at, foldCase);
      if (found === undefined) return undefined;
      const source = text.slice(at, found.end);
      const known = classes.get(source) ?? found.members();
      classes.set(source, known);
      tokens.push(known);
      at = found.end;
    } else if (char !== "\\") tokens.push(own(char));
    else {
      at += 1;
      const escaped = text[at];
      if (escaped === undefined) return undefined;
      tokens.push(own(escaped));
    }
  }
  return tokens;
}

/** @param start of the bracket @returns undefined when it is not closed, or names an unknown class */
function readClass(
  text: string,
  start: number,
  foldCase: boolean,
): { members(): CharacterClass; readonly end: number } | undefined {
  const ranges: (readonly [string, string])[] = [];
  let at = start + 1;
  const isNegated = text[at] === "!" || text[at] === "^";
  if (isNegated) at += 1;
  // What a "-" would make the start of a range.
  let before: string | undefined;
  // A bracket that comes first is part of the class.
  for (const first = at; at === first || text[at] !== "]"; at++) {
    const char = text[at];
    if (char === undefined) return undefined;
    const next = text[at + 1];
    if (char === "-" && before !== undefined && next !== undefined && next !== "]") {
      at += next === "\\" ? 2 : 1;
      const to = text[at];
      if (to === undefined) return undefined;
      ranges.push([before, to]);
      before = undefined;
      continue;
    }
    if (char === "[" && next === ":") {
      const end = text.indexOf("]", at + 2);
      if (end === -1) return undefined;
      if (end > at + 2 && text[end - 1] === ":") {
        const name = text.slice(at + 2, end - 1);
        const known = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
        if (known === undefined) return undefined;
        for (const [from = "", to = ""] of known.match(/../gs) ?? []) ranges.push([from, to]);
        at = end;
        before = undefined;
        continue;
      }
    }
    if (char === "\\") at += 1;
    before = text[at];
    if (before === undefined) return undefined;
    ranges.push([before, before]);
  }
  const members = () => {
    const all = new Uint8Array(256);
    for (const [from, to] of ranges) all.fill(1, from.charCodeAt(0), to.charCodeAt(0) + 1);
    if (foldCase) for (let small = 97; small <= 122; small++) if (all[small - 32] === 1) all[small] = 1;
    return isNegated ? all.map((is) => 1 - is) : all;
  };
  return { members, end: at };
}

function readSegments(tokens: readonly (Token | typeof SLASH)[], isOneName: boolean): readonly Segment[] {
  const segments: Segment[] = [];
  let part: Token[] = [];
  const end = () => {
    const isFolders = !isOneName && part.length > 1 && part.every((token) => token === STAR);
    // Several `**` in a row mean the same as one.
    if (!isFolders) segments.push(asSegment(part));
    else if (segments.at(-1) !== FOLDERS) segments.push(FOLDERS);
    part = [];
  };
  for (const token of tokens) {
    if (token === SLASH) end();
    else part.push(token);
  }
  end();
  return segments;
}

function asSegment(tokens: readonly Token[]): Segment {
  const short = tokens.filter((token, index) => token !== STAR || tokens[index - 1] !== STAR);
  return short.every((token) => typeof token === "string") ? short.join("") : short;
}

/** Removes blanks at the end, except one that a backslash escapes. */
function withoutTrailingBlanks(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    const isEscaped = line[at] === "\\";
    if (isEscaped) at += 1;
    if (isEscaped || line[at] !== " ") end = at + 1;
  }
  return line.slice(0, end);
}

/** UTF-8, with each byte as one character: Git's `?` matches one byte. */
function asBytes(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString("latin1");
}

/** Git folds only ASCII. */
function smallLetters(bytes: string): string {
  return bytes.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
