/** Finds files that a text names: only what lies in a folder that the person has open, wherever links may lead. */
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

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
  const { root } = folders;
  const wanted = pathInFolder(name, folders);
  if (!isInside(wanted, resolve(root))) return { path: undefined, why: "outside" };
  try {
    const [path, home] = await Promise.all([realpath(wanted), realpath(root)]);
    return isInside(path, home) ? { path } : { path: undefined, why: "outside" };
  } catch {
    return { path: undefined, why: "missing" }; // Also what cannot be looked at: it cannot be sent either.
  }
}

/** By the paths alone; the root itself is not inside. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
