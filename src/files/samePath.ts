/**
 * When two paths name one file, and where one really leads. Systems tell a name as the disk has it, which may differ in
 * composition, and on some in case.
 */
import fs from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep, win32 } from "node:path";
import { promisify } from "node:util";

export function isSamePath(one: string, other: string, platform = process.platform): boolean {
  return folded(one, platform) === folded(other, platform);
}

/** What all spellings of a path have in common, by the rules of the system's usual disks. */
export function folded(path: string, platform = process.platform): string {
  const composed = (platform === "win32" ? win32.normalize(withoutPrefix(path)) : path).normalize("NFC");
  return foldsCase(platform) ? composed.toLowerCase() : composed;
}

/** Windows' own spelling of any path: `\\?\C:\a` is `C:\a`. */
function withoutPrefix(path: string): string {
  return path.replace(/^\\\\\?\\(?:UNC(?=\\)|(?=[a-z]:))/i, (prefix) => (prefix.endsWith("C") ? "\\" : ""));
}

const stepByStep = promisify(fs.realpath);

/** Where something lies once links are followed: as the system says, step by step where it cannot. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (reason) {
    if (!cannotTell(reason)) throw reason;
    return stepByStep(path);
  }
}

/** The same, at once. @param disk of a test */
export function realPathSync(path: string, disk: Pick<typeof fs, "realpathSync"> = fs): string {
  try {
    return disk.realpathSync.native(path);
  } catch (reason) {
    if (!cannotTell(reason)) throw reason;
    return disk.realpathSync(path);
  }
}

/** Windows may be at a loss on disks that are in memory or in a file, Wine where a path is long. */
function cannotTell(reason: unknown): boolean {
  return reason instanceof Error && "code" in reason && /^(UNKNOWN|EISDIR|EINVAL)$/.test(String(reason.code));
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
    const [target, home] = await Promise.all([realPath(path), realPath(folder)]);
    const way = relative(home, target);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? target : undefined;
  } catch {
    return undefined; // Not there, or not to be read: whoever opens it says so.
  }
}

/** Where a file lies once links are followed; the path itself when that cannot be told. */
export function realPathOf(path: string): Promise<string> {
  return realPath(path).catch(() => path);
}
