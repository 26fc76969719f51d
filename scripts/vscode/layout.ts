import { join } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dirname, "../..");

/** Where everything that is downloaded on demand lies; git-ignored, safe to delete. */
export const cacheDir = join(root, ".vscode-test");

/** The two editors that the extension is tried in: the lowest that `engines.vscode` admits, and a current one. */
export const versions = { oldest: "1.105.1", newest: "1.139.1" } as const;

export type Edition = keyof typeof versions;

/** Where the npm package with an edition's server build is unpacked. */
export const serverPackage = (edition: Edition) => join(cacheDir, `server-${versions[edition]}`);

/** Reads an edition's name as a person typed it. */
export function parseEdition(name: string): Edition {
  if (name === "oldest" || name === "newest") return name;
  throw new Error(`There is no edition "${name}": say oldest or newest.`);
}
