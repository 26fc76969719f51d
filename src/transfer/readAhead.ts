/** Reads the files of a folder in their order, the small ones side by side: most of the time is waiting for the disk. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { FolderFile } from "./folderWalk.ts";

/** Compressed in one call, on the editor's thread: a few milliseconds at most. */
const SMALL_BYTES = 128 * 1024;
/** Small files that are read side by side, while another one is written. */
const AHEAD = 16;

export interface SmallFile {
  readonly mtimeMs: number;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** A small file that was read ahead, `file` undefined when it could not be; undefined itself for one to be streamed. */
export type Loaded = { readonly file: SmallFile | undefined } | undefined;

/** The files in their order, the small ones among them read ahead. */
export async function* lookAhead(
  folder: string,
  files: readonly FolderFile[],
  signal: AbortSignal,
): AsyncGenerator<{ file: FolderFile; loaded: Loaded }> {
  const coming: { file: FolderFile; loading: Promise<Loaded> }[] = [];
  let next = 0;
  try {
    for (;;) {
      for (; coming.length < AHEAD && next < files.length; next++) {
        const file = files[next];
        if (file !== undefined) coming.push({ file, loading: load(join(folder, file.path), file.size) });
      }
      const first = coming.shift();
      if (first === undefined) return;
      signal.throwIfAborted();
      yield { file: first.file, loaded: await first.loading };
    }
  } finally {
    await Promise.all(coming.map(({ loading }) => loading)); // No handle stays open behind us.
  }
}

/** Never rejects. */
async function load(path: string, size: number): Promise<Loaded> {
  if (size > SMALL_BYTES) return undefined;
  const handle = await openFile(path).catch(() => undefined);
  if (handle === undefined) return { file: undefined };
  try {
    const stats = await handle.stat();
    if (stats.size > SMALL_BYTES) return undefined;
    const content = Buffer.allocUnsafe(stats.size);
    const { bytesRead } = await handle.read(content, 0, content.length, 0);
    const now = await handle.stat();
    const isWhole = bytesRead === stats.size && now.size === stats.size && now.mtimeMs === stats.mtimeMs;
    return { file: isWhole ? { mtimeMs: stats.mtimeMs, mode: stats.mode, content } : undefined };
  } catch {
    return { file: undefined }; // It is named among those that were left out.
  } finally {
    await handle.close();
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
