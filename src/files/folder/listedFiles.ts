/**
 * Opens a folder's files only where they were listed. Minutes can pass between listing and reading, and a
 * link put in place of a file, or of any folder above it, would bring in what nobody was shown.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSamePath, realPath } from "../samePath.ts";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** Follows no link, and does not wait for a pipe's writer. */
export const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Where a file is. */
export interface ListedPath {
  /** The path to open, as it was given: on a mapped drive, the real path is a server's and may be refused. */
  readonly given: string;
  /** Its real path when it was listed. */
  readonly real: string;
}

export class ListedFiles {
  readonly #folder: string;
  readonly #home: string;

  /** @param home the folder's real path when it was listed */
  constructor({ folder, home }: { readonly folder: string; readonly home: string }) {
    this.#folder = folder;
    this.#home = home;
  }

  /** @param path relative to the folder */
  of(path: string): ListedPath {
    return { given: join(this.#folder, path), real: join(this.#home, path) };
  }

  /** @param path relative to the folder @throws when the folder itself has no such file any more */
  async open(path: string): Promise<FileHandle> {
    const { given, real } = this.of(path);
    const handle = await openFile(given);
    try {
      const [reallyAt, there, opened] = await Promise.all([realPath(given), stat(given), handle.stat()]);
      if (isListed(real, reallyAt, there, opened)) return handle;
    } catch (reason) {
      await handle.close();
      throw reason;
    }
    await handle.close();
    throw new Error("Not where it was listed");
  }
}

type Identity = Pick<Stats, "ino" | "dev">;

/** Whether what was opened is where it was listed, with no link on the way. @param there what is there now */
export function isListed(listed: string, reallyAt: string, there: Identity, opened: Identity): boolean {
  return isSamePath(reallyAt, listed) && there.ino === opened.ino && there.dev === opened.dev;
}

/** Opens a regular file, and nothing that may have taken its place. */
export async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, OPEN_FLAGS);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("Not a regular file");
}
