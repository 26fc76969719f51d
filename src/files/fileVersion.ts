/** What tells versions of a file apart at a glance, without reading it. */
export interface FileVersion {
  readonly size: number;
  /** When the bytes were last written, in milliseconds since the epoch. Any program can set it. */
  readonly mtimeMs: number;
  /**
   * When anything about the file last changed, in milliseconds since the epoch. No program can set it back,
   * but new permissions, a rename or a backup change it as well. Null in old records.
   */
  readonly ctimeMs: number | null;
  /** The file's number on its disk; a copy in its place has another one. Null in old records. */
  readonly ino: number | null;
}

/** Just the version, from what `stat` or a record says. */
export function versionOf({ size, mtimeMs, ctimeMs, ino }: FileVersion): FileVersion {
  return { size, mtimeMs, ctimeMs, ino };
}

/**
 * How a file compares with an earlier version. "touched": size and time are the same, yet something has
 * happened to it, and only its bytes can tell what. Not even "same" proves the bytes: a program that has the
 * file mapped into its memory changes them without a trace.
 */
export function compareVersions(now: FileVersion, before: FileVersion): "same" | "touched" | "changed" {
  if (now.size !== before.size || now.mtimeMs !== before.mtimeMs) return "changed";
  const isSame = now.ctimeMs !== null && now.ctimeMs === before.ctimeMs && now.ino === before.ino;
  return isSame ? "same" : "touched";
}
