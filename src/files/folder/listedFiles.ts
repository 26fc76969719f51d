/**
 * Opens files of a folder where its list has them. Between the list and the reading minutes can pass, and a link that is
 * put into the place of a file, or of any folder on the way to it, would bring in what nobody was shown.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSamePath, realPath } from "../samePath.ts";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** No link is followed, and no pipe waits for a writer. */
export const OPEN_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Where a file is. */
export interface ListedPath {
  /** As it is opened: as it was given, for where a drive stands for a server's folder, its real path may not be opened. */
  readonly given: string;
  /** Where it lay when it was listed, without a link on the way. */
  readonly real: string;
}

export class ListedFiles {
  readonly #folder: string;
  readonly #home: string;

  /** @param home where the folder lay when it was listed, without a link on the way */
  constructor({ folder, home }: { readonly folder: string; readonly home: string }) {
    this.#folder = folder;
    this.#home = home;
  }

  /** @param path relative to the folder */
  of(path: string): ListedPath {
    return { given: join(this.#folder, path), real: join(this.#home, path) };
  }

  /** @param path relative to the folder @throws when there is no file of the folder itself */
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

/** Whether what was opened lies where the list says, and no link was followed on the way. @param there what lies there now */
export function isListed(listed: string, reallyAt: string, there: Identity, opened: Identity): boolean {
  return isSamePath(reallyAt, listed) && there.ino === opened.ino && there.dev === opened.dev;
}

/** Opens a regular file, and nothing that has taken its place since. */
export async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, OPEN_FLAGS);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("Not a regular file");
}
