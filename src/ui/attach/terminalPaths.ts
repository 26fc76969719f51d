/** Finds paths in a terminal line that are not worth opening as text, as VS Code's own link would. */

import { isOnServer } from "../../files/workspaceFile.ts";

/** Shown as noise, or not at all. Files with viewers (documents, databases, films) keep VS Code's link. */
const BINARY =
  /\.(?:zip|7z|rar|tar|t?gz|tgz|bz2|xz|zst|lz4|jar|war|apk|aab|ipa|dmg|iso|img|qcow2|vmdk|vhdx?|msi|exe|pkg|deb|rpm|appimage|vsix|whl|nupkg|bin|elf|so|dll|dylib|hex|uf2|pcap(?:ng)?|etl|trace|perf|nettrace|heapsnapshot|hprof|h?dmp|dump|core|parquet|onnx|safetensors|pt|npz|h5)(?![\da-z-]|_+[\da-z]|\.\w)/gi;

export interface TerminalPath {
  /** As written in the line, without quotes. */
  readonly path: string;
  readonly startIndex: number;
  readonly length: number;
}

/** Nobody reads a line of more characters than this. */
const MAX_LINE = 2_000;
/** One letter and the shortest extension. */
const SHORTEST = "a.7z".length;
/** Limited because each reading is looked up on the disk. */
const MAX_READINGS = 6;

/** Words, delimited by spaces and by quotes and brackets of any script. */
const WORDS =
  /"([^"]+)"|'([^']+)'|`([^`]+)`|“([^”]+)”|«([^»]+)»|「([^」]+)」|[^\s"'`<>|“”„‘’«»‹›「」『』【】《》（）]+/g;
/**
 * Where a path may start in a word: after `key=`, `label:`, a bracket, a Markdown or curl sign, Git's `b/`,
 * or another script.
 */
const BEGINNINGS = /[=:([{,;@！：，。；、]+|^[ab]\/(?=.)|^[*_~]+(?![\\/])|(?<=[^\0-\x7f])(?=[\0-\x7f])/g;
/** Escape sequences left in a line (colours, titles, links), which are not part of a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one.
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

/** Paths that a line may name, each word's longest reading first; the disk decides which of them is meant. */
export function terminalPaths(text: string): readonly TerminalPath[] {
  if (text.length > MAX_LINE) return [];
  const line = text.replace(ESCAPES, (sequence) => " ".repeat(sequence.length));
  return [...line.matchAll(WORDS)].flatMap((match) => {
    const quoted = match.slice(1).find((group) => group !== undefined);
    const word = quoted?.trim() ?? match[0];
    const ends = [...word.matchAll(BINARY)].map((found) => found.index + found[0].length).reverse();
    const begins = quoted === undefined ? placesOf(word) : [0];
    const readings = ends
      .flatMap((end) =>
        begins.map((start) => ({ start, path: word.slice(start, end), rest: word.slice(end) })),
      )
      .filter(
        ({ start, path, rest }) =>
          isReading(path, rest, quoted !== undefined) && !/:\/\//.test(word.slice(0, start + path.length)),
      );
    const offset = match.index + match[0].indexOf(word);
    return readings
      .slice(0, MAX_READINGS)
      .map(({ start, path }) => ({ path, startIndex: offset + start, length: path.length }));
  });
}

function placesOf(word: string): readonly number[] {
  return [
    ...new Set([0, ...[...word.matchAll(BEGINNINGS)].map(({ index, 0: sign }) => index + sign.length)]),
  ];
}

/** @param rest what follows: punctuation, a position in the file, or a list's next item; empty in quotes */
function isReading(path: string, rest: string, isQuoted: boolean): boolean {
  // Looking for a file on another machine would sign in there, before anybody has clicked.
  if (path.length < SHORTEST || isOnServer(path) || /^[=:([{,;*！：，。；、]/.test(path)) return false;
  return isQuoted ? rest === "" : /^(?:\P{L}*$|[,;，；、])/u.test(rest);
}
