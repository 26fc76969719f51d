/** Paths in a line of a terminal that VS Code's own link is of no use for: it would open them as text. */

/** What an editor shows as noise, or not at all. */
const BINARY =
  /\.(zip|7z|rar|tar|t?gz|tgz|bz2|xz|zst|lz4|jar|war|apk|aab|ipa|dmg|iso|img|qcow2|vmdk|vhdx?|msi|exe|pkg|deb|rpm|appimage|vsix|whl|nupkg|bin|elf|so|dll|dylib|hex|uf2|pcap(ng)?|etl|trace|perf|nettrace|heapsnapshot|hprof|h?dmp|dump|core|sqlite3?|parquet|onnx|safetensors|pt|npz|h5|pdf|docx|xlsx|pptx|od[tsp]|mp4|mov|mkv|webm)$/i;

export interface TerminalPath {
  /** As it stands there, without quotes. */
  readonly path: string;
  readonly startIndex: number;
  readonly length: number;
}

/** More words than these are no output that somebody reads. */
const MAX_LINE = 2_000;

export function terminalPaths(line: string): readonly TerminalPath[] {
  if (line.length > MAX_LINE) return [];
  const found = [...line.matchAll(/"([^"]+)"|'([^']+)'|([^\s"'`()<>|]+)/g)];
  return found.flatMap((match) => {
    const quoted = match[1] ?? match[2];
    const path = quoted ?? (match[3] ?? "").replace(/[,.;:]+$/, "");
    if (!BINARY.test(path) || /^[a-z][\w+.-]+:\/\//i.test(path)) return [];
    return [{ path, startIndex: match.index + (quoted === undefined ? 0 : 1), length: path.length }];
  });
}
