/** Finds files that a text names, but only inside a folder that the person has open, links included. */
import rules, { isAbsolute, posix, resolve, sep, win32 } from "node:path";
import { folded, realPath } from "./samePath.ts";

export interface Folders {
  /** No file outside of it is found. */
  readonly root: string;
  /** What relative paths are relative to. */
  readonly folder: string;
}

export type FoundFile =
  | { readonly path: string }
  | { readonly path: undefined; readonly why: "missing" | "outside" };

/** The path that a name means; a name that begins with a slash begins at the root. */
export function pathInFolder(name: string, { root, folder }: Folders): string {
  return isAbsolute(name) || name.startsWith("/") ? resolve(root, `.${sep}${name}`) : resolve(folder, name);
}

/** The real path of the file that a name means: a symbolic link counts as its target. */
export async function findInFolder(name: string, folders: Folders): Promise<FoundFile> {
  return findInside(pathInFolder(name, folders), folders.root);
}

/** The same for an absolute path. One outside of the folder is not even looked at: it may be a server's. */
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
    return { path: undefined, why: "missing" }; // Or it cannot be looked at, nor sent.
  }
}

/** By the paths alone; the root itself is not inside. */
export function isInside(path: string, root: string, { relative, sep, isAbsolute } = rules): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Whether a path may be inside a folder, by the rules of the system's usual disks; the real path decides. On
 * macOS, case and composition do not matter; on Windows, `a.txt:b` is a hidden part of a file, and refused.
 */
export function seemsInside(path: string, root: string, platform: NodeJS.Platform): boolean {
  if (platform === "darwin") return isInside(folded(path, platform), folded(root, platform), posix);
  if (platform !== "win32") return isInside(path, root, posix);
  return isInside(path, root, win32) && !win32.relative(root, path).includes(":");
}

/**
 * Whether a path from some text may be looked at: on Windows, even a look signs in to the server that it
 * names.
 * @param folders the open ones
 */
export function mayLookAt(
  path: string,
  folders: readonly string[],
  platform: NodeJS.Platform = process.platform,
): boolean {
  return !isOnServer(path) || folders.some((folder) => seemsInside(path, folder, platform));
}

/**
 * Whether a path makes Windows contact a server: `\\server\share\file`, or with the system's internal names
 * `\??\UNC\server\…`.
 */
export function isOnServer(path: string): boolean {
  return /^[\\/](?:[\\/]|\?\?[\\/])/.test(path);
}

/** The given path of a file on a mapped drive: its real one, the server's, VS Code may refuse to open. */
export function openable(real: string, given: string): string {
  return isOnServer(real) && !isOnServer(given) ? given : real;
}
