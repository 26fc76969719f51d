/** Finds files that a text names: only what lies in a folder that the person has open, wherever links may lead. */
import rules, { isAbsolute, posix, resolve, sep, win32 } from "node:path";
import { folded, realPath } from "./samePath.ts";

export interface Folders {
  /** What nothing may lie outside of. */
  readonly root: string;
  /** Where relative paths begin. */
  readonly folder: string;
}

export type FoundFile =
  | { readonly path: string }
  | { readonly path: undefined; readonly why: "missing" | "outside" };

/** Where a name would be; one that begins with a slash begins at the root. */
export function pathInFolder(name: string, { root, folder }: Folders): string {
  return isAbsolute(name) || name.startsWith("/") ? resolve(root, `.${sep}${name}`) : resolve(folder, name);
}

/** The real path of what a name means: a symbolic link counts as what it leads to. */
export async function findInFolder(name: string, folders: Folders): Promise<FoundFile> {
  return findInside(pathInFolder(name, folders), folders.root);
}

/** The same of an absolute path. Nothing outside of the folder is even looked for: on Windows that could be a server. */
export async function findInside(
  wanted: string,
  root: string,
  platform: NodeJS.Platform = process.platform,
): Promise<FoundFile> {
  if (!seemsInside(wanted, resolve(root), platform)) return { path: undefined, why: "outside" };
  try {
    const [path, home] = await Promise.all([realPath(wanted), realPath(root)]);
    return isInside(path, home) ? { path: openable(path, wanted) } : { path: undefined, why: "outside" };
  } catch {
    return { path: undefined, why: "missing" }; // Also what cannot be looked at: it cannot be sent either.
  }
}

/** By the paths alone; the root itself is not inside. */
export function isInside(path: string, root: string, { relative, sep, isAbsolute } = rules): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Whether a path may lie in a folder, by the rules of the system's usual disks; its real path decides. On macOS a name's
 * case and composition say nothing, on Windows `a.txt:b` is a hidden part of a file.
 */
export function seemsInside(path: string, root: string, platform: NodeJS.Platform): boolean {
  if (platform === "darwin") return isInside(folded(path, platform), folded(root, platform), posix);
  if (platform !== "win32") return isInside(path, root, posix);
  return isInside(path, root, win32) && !win32.relative(root, path).includes(":");
}

/**
 * Whether a path that some text names may be looked at: on Windows a look alone signs in to any server that it names.
 * @param folders those that are open
 */
export function mayLookAt(
  path: string,
  folders: readonly string[],
  platform: NodeJS.Platform = process.platform,
): boolean {
  return !isOnServer(path) || folders.some((folder) => seemsInside(path, folder, platform));
}

/** A path that a server is asked about, on Windows: `\\server\share\file`, or by the system's inner names `\??\UNC\server\…`. */
export function isOnServer(path: string): boolean {
  return /^[\\/](?:[\\/]|\?\?[\\/])/.test(path);
}

/** Of a drive that stands for a server's folder the real path is the server's, which VS Code may refuse to open. */
export function openable(real: string, given: string): string {
  return isOnServer(real) && !isOnServer(given) ? given : real;
}
