/**
 * Whether two paths name the same file, and where a path really leads. Systems report a name as the disk has
 * it, which may differ from the one given in Unicode composition and, on some, in case.
 */
import fs from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep, win32 } from "node:path";
import { promisify } from "node:util";

export function isSamePath(one: string, other: string, platform = process.platform): boolean {
  return folded(one, platform) === folded(other, platform);
}

/** The same for all spellings of one path, by the rules of the system's usual disks. */
export function folded(path: string, platform = process.platform): string {
  const composed = (platform === "win32" ? win32.normalize(withoutPrefix(path)) : path).normalize("NFC");
  return foldsCase(platform) ? composed.toLowerCase() : composed;
}

/** Removes Windows' prefix for literal paths: `\\?\C:\a` is `C:\a`. */
function withoutPrefix(path: string): string {
  return path.replace(/^\\\\\?\\(?:UNC(?=\\)|(?=[a-z]:))/i, (prefix) => (prefix.endsWith("C") ? "\\" : ""));
}

const stepByStep = promisify(fs.realpath);

/** A path with its links resolved: by the system, or step by step where it cannot. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (reason) {
    if (!cannotTell(reason)) throw reason;
    return stepByStep(path);
  }
}

/** The same, synchronously. @param disk for tests */
export function realPathSync(path: string, disk: Pick<typeof fs, "realpathSync"> = fs): string {
  try {
    return disk.realpathSync.native(path);
  } catch (reason) {
    if (!cannotTell(reason)) throw reason;
    return disk.realpathSync(path);
  }
}

/** Windows may fail so on RAM disks and mounted images; Wine, on long paths. */
function cannotTell(reason: unknown): boolean {
  return reason instanceof Error && "code" in reason && /^(UNKNOWN|EISDIR|EINVAL)$/.test(String(reason.code));
}

/** Whether the system's usual disks take names that differ only in case for the same. */
export function foldsCase(platform: NodeJS.Platform): boolean {
  return platform === "win32" || platform === "darwin";
}

/** A name as Git matches it against its rules: on macOS it composes what the disk has decomposed. */
export function asGitReads(text: string, platform: NodeJS.Platform): string {
  return platform === "darwin" ? text.normalize("NFC") : text;
}

/** Each file once, by its first name. Names that differ only in case may be two files on some disks. */
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
  // Files that do not exist count as the same: one of them is enough.
  return left?.ino === right?.ino && left?.dev === right?.dev;
}

/** Where a path in a folder really leads when links take it out of there; undefined when it stays inside. */
export async function leadsOut(path: string, folder: string): Promise<string | undefined> {
  try {
    const [target, home] = await Promise.all([realPath(path), realPath(folder)]);
    const way = relative(home, target);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? target : undefined;
  } catch {
    return undefined; // Missing or unreadable: whoever opens it says so.
  }
}

/** A path with its links resolved; the path itself when that fails. */
export function realPathOf(path: string): Promise<string> {
  return realPath(path).catch(() => path);
}
