/** Reads the files of a folder in their order, the small ones side by side: most of the time is waiting for the disk. */
import type { FolderFile } from "../folder/folderWalk.ts";
import { isStill, PieceSums, type ReadableFile } from "../secondLook.ts";

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

/** The part of a `FileHandle` that a small file is read through. */
export interface OpenFile extends ReadableFile {
  stat(): Promise<{ readonly size: number; readonly mtimeMs: number; readonly mode: number }>;
  close(): Promise<void>;
}
/** Opens a file of the folder, by its path in there. @throws when it is not there any more */
export type OpenListed = (path: string) => Promise<OpenFile>;

/** The files in their order, the small ones among them read ahead. */
export async function* lookAhead(
  open: OpenListed,
  files: readonly FolderFile[],
  signal: AbortSignal,
): AsyncGenerator<{ file: FolderFile; loaded: Loaded }> {
  const coming: { file: FolderFile; loading: Promise<Loaded> }[] = [];
  let next = 0;
  try {
    for (;;) {
      for (; coming.length < AHEAD && next < files.length; next++) {
        const file = files[next];
        if (file !== undefined) coming.push({ file, loading: load(open, file) });
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
async function load(open: OpenListed, { path, size }: FolderFile): Promise<Loaded> {
  if (size > SMALL_BYTES) return undefined;
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return { file: undefined };
  try {
    const stats = await handle.stat();
    if (stats.size > SMALL_BYTES) return undefined;
    const content = Buffer.allocUnsafe(stats.size);
    const { bytesRead } = await handle.read(content, 0, content.length, 0);
    const isWhole = bytesRead === stats.size && (await isUnchanged(handle, stats, content));
    return { file: isWhole ? { mtimeMs: stats.mtimeMs, mode: stats.mode, content } : undefined };
  } catch {
    return { file: undefined }; // It is named among those that were left out.
  } finally {
    await handle.close();
  }
}

/** A file that is written to while it is read must not go as a mixture, whether its time tells of it or not. */
async function isUnchanged(
  handle: OpenFile,
  before: { readonly size: number; readonly mtimeMs: number },
  content: Uint8Array,
): Promise<boolean> {
  const sums = new PieceSums();
  if (content.length > 0) sums.note(0, content);
  if (!(await isStill(handle, sums.pieces))) return false;
  const now = await handle.stat();
  return now.size === before.size && now.mtimeMs === before.mtimeMs;
}
