/** The names of files in an archive: no two in one folder are alike on any system. */
import { basename, join, sep } from "node:path";
import { nameKey, numbered, portableName } from "../portableName.ts";

interface Folder {
  /** In the archive, with a slash at its end; "" for the top. */
  readonly path: string;
  readonly taken: Set<string>;
}

export class EntryNames {
  /** By their paths on the disk. */
  readonly #folders = new Map<string, Folder>([["", { path: "", taken: new Set() }]]);

  /** A file's name in the archive. @param path on the disk; ask only once for each */
  of(path: string): string {
    const cut = path.lastIndexOf(sep);
    const folder = this.#folder(path.slice(0, Math.max(0, cut)));
    return folder.path + newName(folder, path.slice(cut + 1), "file");
  }

  /** The name of a folder that gets an entry of its own. */
  ofFolder(path: string): string {
    return this.#folder(path).path;
  }

  #folder(path: string): Folder {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf(sep);
    const above = this.#folder(path.slice(0, Math.max(0, cut)));
    const name = newName(above, path.slice(cut + 1), "folder");
    const folder = { path: `${above.path}${name}/`, taken: new Set<string>() };
    this.#folders.set(path, folder);
    return folder;
  }
}

function newName({ taken }: Folder, wanted: string, instead: string): string {
  const clean = portableName(wanted, instead);
  const name = taken.has(nameKey(clean)) ? numbered(clean, (key) => taken.has(key)) : clean;
  taken.add(nameKey(name));
  return name;
}

/**
 * The files of a folder that get another name in its zip, or whose folder does: from the old path, up to the
 * name that differs, to the new name.
 */
export function renamedIn(
  folder: string,
  files: readonly { readonly path: string }[],
): ReadonlyMap<string, string> {
  const names = new EntryNames();
  const renamed = new Map<string, string>();
  for (const { path } of files) {
    const before = join(basename(folder), path).split(sep);
    const after = names.of(before.join(sep)).split("/");
    const at = after.findIndex((name, index) => name !== before[index]?.normalize("NFC"));
    if (at !== -1) renamed.set(before.slice(1, at + 1).join("/") || (before[0] ?? ""), after[at] ?? "");
  }
  return renamed;
}
