/** What files are called in an archive. */
import { sep } from "node:path";

/** Names that every unzipper takes for the same file: a backslash is a folder to many, and ".." a way out. */
export class EntryNames {
  /** Only those that had to be changed can meet another one. */
  readonly #made = new Set<string>();

  of(path: string): string {
    const slashed = sep === "/" ? path : path.replaceAll(sep, "/");
    const clean = slashed.replaceAll("\\", "_");
    if (clean === slashed && !this.#made.has(clean)) return clean;
    let name = clean;
    for (let count = 2; this.#made.has(name); count++) name = `${clean} (${count})`;
    this.#made.add(name);
    return name;
  }
}
