/** What files are called in an archive: in each folder of it, no two alike on any system. */
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

  /** The name of a file. @param path as the disk has it, asked about once */
  of(path: string): string {
    const cut = path.lastIndexOf(sep);
    const folder = this.#folder(path.slice(0, Math.max(0, cut)));
    return folder.path + newName(folder, path.slice(cut + 1), "file");
  }

  /** The name of a folder that is listed for itself. */
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

/** Which files of a folder are called otherwise in its zip, or lie in a folder that is: the names at which they differ. */
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
