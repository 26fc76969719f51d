/**
 * When two paths name one file, and where one really leads. Systems tell a name as the disk has it, which may differ in
 * composition, and on some in case.
 */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep, win32 } from "node:path";

export function isSamePath(one: string, other: string, platform = process.platform): boolean {
  return folded(one, platform) === folded(other, platform);
}

/** What all spellings of a path have in common, by the rules of the system's usual disks. */
export function folded(path: string, platform = process.platform): string {
  const composed = (platform === "win32" ? win32.normalize(path) : path).normalize("NFC");
  return foldsCase(platform) ? composed.toLowerCase() : composed;
}

/** Whether the system's usual disks take two names for one that differ by case alone. */
export function foldsCase(platform: NodeJS.Platform): boolean {
  return platform === "win32" || platform === "darwin";
}

/** What Git compares with its rules: that of macOS composes the names that a disk has taken apart. */
export function asGitReads(text: string, platform: NodeJS.Platform): string {
  return platform === "darwin" ? text.normalize("NFC") : text;
}

/** Each file once, as it is named first. A disk that tells names by case may have two where others have one. */
export async function distinctFiles(
  paths: readonly string[],
  platform = process.platform,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const path of new Set(paths)) {
    const alike = kept.filter((other) => isSamePath(other, path, platform));
    const isKnown = await Promise.all(alike.map((other) => isSameFile(other, path)));
    if (!isKnown.includes(true)) kept.push(path);
  }
  return kept;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  // Of what is not there, one word is enough.
  return left?.ino === right?.ino && left?.dev === right?.dev;
}

/** Where a path in a folder really leads when links take it out of there; undefined when it stays inside. */
export async function leadsOut(path: string, folder: string): Promise<string | undefined> {
  try {
    const [target, home] = await Promise.all([realpath(path), realpath(folder)]);
    const way = relative(home, target);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? target : undefined;
  } catch {
    return undefined; // Not there, or not to be read: whoever opens it says so.
  }
}

/** Where a file lies once links are followed; the path itself when that cannot be told. */
export function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
