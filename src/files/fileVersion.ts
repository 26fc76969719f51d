/** What tells one version of a file from another at a glance, without reading it. */
export interface FileVersion {
  readonly size: number;
  /** When the bytes were last written, in milliseconds since the epoch. Any program can set it to what it likes. */
  readonly mtimeMs: number;
  /**
   * When anything about the file last changed, in milliseconds since the epoch. Nobody can set it back, but other
   * permissions, a new name or a backup change it as well. Null in records of before.
   */
  readonly ctimeMs: number | null;
  /** The file's number on its disk: another one once a copy has taken the place. Null in records of before. */
  readonly ino: number | null;
}

/** The version alone, out of what `stat` tells or a record keeps. */
export function versionOf({ size, mtimeMs, ctimeMs, ino }: FileVersion): FileVersion {
  return { size, mtimeMs, ctimeMs, ino };
}

/**
 * How a file compares with what was seen of it before. "touched": size and time are the same, yet something happened to
 * it, and only its bytes can tell what. Not even "same" proves the bytes: a program that has the file mapped into its
 * memory changes them without any of this.
 */
export function compareVersions(now: FileVersion, before: FileVersion): "same" | "touched" | "changed" {
  if (now.size !== before.size || now.mtimeMs !== before.mtimeMs) return "changed";
  const isSame = now.ctimeMs !== null && now.ctimeMs === before.ctimeMs && now.ino === before.ino;
  return isSame ? "same" : "touched";
}
