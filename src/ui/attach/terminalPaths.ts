/** Paths in a line of a terminal that VS Code's own link is of no use for: it would open them as text. */

import { isOnServer } from "../../files/workspaceFile.ts";

/** What an editor shows as noise, or not at all. What viewers open (documents, databases, films) keeps VS Code's link. */
const BINARY =
  /\.(?:zip|7z|rar|tar|t?gz|tgz|bz2|xz|zst|lz4|jar|war|apk|aab|ipa|dmg|iso|img|qcow2|vmdk|vhdx?|msi|exe|pkg|deb|rpm|appimage|vsix|whl|nupkg|bin|elf|so|dll|dylib|hex|uf2|pcap(?:ng)?|etl|trace|perf|nettrace|heapsnapshot|hprof|h?dmp|dump|core|parquet|onnx|safetensors|pt|npz|h5)(?![\da-z-]|_+[\da-z]|\.\w)/gi;

export interface TerminalPath {
  /** As it stands there, without quotes. */
  readonly path: string;
  readonly startIndex: number;
  readonly length: number;
}

/** More words than these are no output that somebody reads. */
const MAX_LINE = 2_000;
/** A letter, and the shortest ending. */
const SHORTEST = "a.7z".length;
/** Each is looked for on the disk. */
const MAX_READINGS = 6;

/** Words, as far as quotes and brackets of any script let them be. */
const WORDS =
  /"([^"]+)"|'([^']+)'|`([^`]+)`|“([^”]+)”|«([^»]+)»|「([^」]+)」|[^\s"'`<>|“”„‘’«»‹›「」『』【】《》（）]+/g;
/** Where a path may begin inside of a word: behind `key=`, `label:`, a bracket, a sign of Markdown or curl, Git's `b/`, other scripts. */
const BEGINNINGS = /[=:([{,;@！：，。；、]+|^[ab]\/(?=.)|^[*_~]+(?![\\/])|(?<=[^\0-\x7f])(?=[\0-\x7f])/g;
/** Colours, titles and links, as far as a line still has them: no part of a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one.
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

/** Paths that a line may name, each word's longest reading first: which of them is meant, the disk tells. */
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

/** @param rest what stands behind it: punctuation, a place in the file, or the next of a list; nothing in quotes */
function isReading(path: string, rest: string, isQuoted: boolean): boolean {
  // Looking for what is on another machine would sign in there, before anybody has clicked.
  if (path.length < SHORTEST || isOnServer(path) || /^[=:([{,;*！：，。；、]/.test(path)) return false;
  return isQuoted ? rest === "" : /^(?:\P{L}*$|[,;，；、])/u.test(rest);
}
