/**
 * Opens files of a folder where its list has them. Between the list and the reading minutes can pass, and a link that is
 * put into the place of a file, or of any folder on the way to it, would bring in what nobody was shown.
 */
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSamePath } from "../samePath.ts";

export class ListedFiles {
  readonly #folder: string;
  readonly #home: string;

  /** @param home where the folder lay when it was listed, without a link on the way */
  constructor({ folder, home }: { readonly folder: string; readonly home: string }) {
    this.#folder = folder;
    this.#home = home;
  }

  /** @param path relative to the folder @throws when there is no file of the folder itself */
  async open(path: string): Promise<FileHandle> {
    // As it was given: where a drive stands for a server's folder, its real path may not be opened.
    const given = join(this.#folder, path);
    const handle = await openFile(given);
    try {
      // What was opened lies where the list says, and no link was followed on the way.
      const [real, there, opened] = await Promise.all([realpath(given), stat(given), handle.stat()]);
      if (isSamePath(real, join(this.#home, path)) && there.ino === opened.ino && there.dev === opened.dev)
        return handle;
    } catch (reason) {
      await handle.close();
      throw reason;
    }
    await handle.close();
    throw new Error("Not where it was listed");
  }
}

/** Opens a regular file, and nothing that has taken its place since: no link, no pipe that would wait for a writer. */
export async function openFile(path: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error("Not a regular file");
}
