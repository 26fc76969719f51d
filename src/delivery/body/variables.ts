/** The variables of templates and signatures: `${file}`, `${size}`, `${sha256}`, `${branch}`, `${date}`, `${name}`. */
import { formatBytes } from "../../shared/format.ts";
import type { Recipient } from "../../shared/recipients.ts";
import { shownName } from "../../shared/shownRecipient.ts";
import type { TextMarks } from "../record/provenance.ts";

const NAMES = ["file", "size", "sha256", "branch", "date", "name"] as const;
export type Variable = (typeof NAMES)[number];
/** The known values; variables without one stay as they are. */
export type Variables = Readonly<Partial<Record<Variable, string>>>;

/** What variables can say about a file. */
export interface NamedFile {
  readonly name: string;
  readonly size: number;
  /** Null until the file is uploaded. */
  readonly sha256: string | null;
}

/** A text, and where its values are. */
export interface Filled {
  readonly text: string;
  readonly values: TextMarks["values"];
}

const PATTERN = /\$\{([a-z0-9]+)\}/g;

/** Fills the known values into a template. Variables that become known later are marked, too. */
export function fillIn(template: string, variables: Variables): Filled {
  const values: { at: number; length: number }[] = [];
  let text = "";
  let done = 0;
  for (const { 0: typed, 1: name = "", index } of template.matchAll(PATTERN)) {
    if (!isVariable(name)) continue;
    const value = filledPiece(typed, variables);
    text += template.slice(done, index);
    if (value !== "") values.push({ at: text.length, length: value.length });
    text += value;
    done = index + typed.length;
  }
  return { text: text + template.slice(done), values };
}

/** The value for a marked piece of a text; the piece itself if there is none. */
export function filledPiece(piece: string, variables: Variables): string {
  const [, name = ""] = /^\$\{([a-z0-9]+)\}$/.exec(piece) ?? [];
  const value = isVariable(name) ? variables[name] : undefined;
  return value === undefined ? piece : value.replace(/\s+/g, " ");
}

/** True when the text contains any of our variables. */
export function hasVariables(text: string): boolean {
  return [...text.matchAll(PATTERN)].some(([, name = ""]) => isVariable(name));
}

/** The variables in a text of an older version, which marked none: all except those in fenced code. */
export function findVariables(text: string): TextMarks["values"] {
  const code = [...text.matchAll(/^ {0,3}(```+|~~~+)[\s\S]*?(?:^ {0,3}\1|(?![\s\S]))/gm)];
  const isCode = (at: number) => code.some(({ 0: lines, index }) => at >= index && at < index + lines.length);
  return [...text.matchAll(PATTERN)]
    .filter(({ 1: name = "", index }) => isVariable(name) && !isCode(index))
    .map(({ 0: typed, index }) => ({ at: index, length: typed.length }));
}

/** @param unknownHash stands for the hash of a file not uploaded yet; if unset, `sha256` is not filled in */
export function fileVariables(files: readonly NamedFile[], unknownHash?: string): Variables {
  if (files.length === 0) return {};
  const hashes = files.map(({ name, sha256 }) => {
    const hash = sha256 ?? unknownHash;
    return hash === undefined || files.length === 1 ? hash : `${hash} (${name})`;
  });
  const known = hashes.filter((hash) => hash !== undefined);
  return {
    file: files.map(({ name }) => name).join(", "),
    size: formatBytes(files.reduce((sum, { size }) => sum + size, 0)),
    ...(known.length === files.length ? { sha256: known.join(", ") } : {}),
  };
}

/** The recipients' names; an address takes the place of a name that is missing or cannot be shown. */
export function readerVariables(to: readonly Recipient[]): Variables {
  if (to.length === 0) return {};
  return { name: to.map((reader) => shownName(reader) ?? reader.email).join(", ") };
}

function isVariable(name: string): name is Variable {
  return NAMES.some((known) => known === name);
}
