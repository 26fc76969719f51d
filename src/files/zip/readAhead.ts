/** Reads the files of a folder in their order, the small ones side by side: most of the time is waiting for the disk. */
import { basename } from "node:path";
import type { FolderFile } from "../folder/folderWalk.ts";
import { isStill, PieceSums, type ReadableFile } from "../secondLook.ts";
import type { Block, Deflated } from "./deflatePool.ts";
import { MemoryRing } from "./memoryRing.ts";

/** Compressed in one piece. */
export const SMALL_BYTES = 512 * 1024;
/** Small files that are read and compressed side by side, while another one is written: so many, or so many bytes. */
const AHEAD = 24;
const AHEAD_BYTES = 4 * 1024 * 1024;
/** Of those bytes, of the file that is one too many, and of the one that is written; each with what it is compressed to. */
const RING_BYTES = 2 * (AHEAD_BYTES + 2 * SMALL_BYTES);

export interface SmallFile {
  readonly mtimeMs: number;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly deflated: Deflated;
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
type Deflate = (block: Block) => Promise<Deflated>;

/** The files in their order, the small ones among them read and compressed ahead; valid until the next one is asked for. */
export async function* lookAhead(
  open: OpenListed,
  files: readonly FolderFile[],
  signal: AbortSignal,
  deflate: Deflate,
): AsyncGenerator<{ file: FolderFile; loaded: Loaded }> {
  const coming: { file: FolderFile; loading: Promise<Loaded> }[] = [];
  const ring = new MemoryRing(RING_BYTES, 2 * SMALL_BYTES);
  let next = 0;
  let bytes = 0;
  const weight = ({ size }: FolderFile) => (size > SMALL_BYTES ? 0 : size);
  try {
    for (;;) {
      for (; coming.length < AHEAD && bytes < AHEAD_BYTES && next < files.length; next++) {
        const file = files[next];
        if (file === undefined) continue;
        bytes += weight(file);
        const loading = load(open, file, ring.take(2 * weight(file)), deflate);
        loading.catch(() => {}); // Awaited in its turn.
        coming.push({ file, loading });
      }
      const first = coming.shift();
      if (first === undefined) return;
      signal.throwIfAborted();
      bytes -= weight(first.file);
      yield { file: first.file, loaded: await first.loading };
    }
  } finally {
    await Promise.allSettled(coming.map(({ loading }) => loading)); // No handle stays open behind us.
  }
}

/** Rejects only when nothing can be compressed. */
async function load(
  open: OpenListed,
  { path, size }: FolderFile,
  memory: Uint8Array<SharedArrayBuffer>,
  deflate: Deflate,
): Promise<Loaded> {
  if (size > SMALL_BYTES) return undefined;
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return { file: undefined };
  let deflating: Promise<Deflated> | undefined;
  let read: Omit<SmallFile, "deflated"> | undefined;
  try {
    const { size: now, mtimeMs, mode } = await handle.stat();
    if (now > SMALL_BYTES) return undefined;
    // It may have grown since it was listed.
    const content =
      now > size ? new Uint8Array(new SharedArrayBuffer(2 * now), 0, now) : memory.subarray(0, now);
    const { bytesRead } = await handle.read(content, 0, now, 0);
    if (bytesRead === now) {
      deflating = deflate({ bytes: content, before: 0, isLast: true, lookedThrough: basename(path) });
      if (await isUnchanged(handle, { size: now, mtimeMs }, content)) read = { mtimeMs, mode, content };
    }
  } catch {
    // It is named among those that were left out.
  } finally {
    await handle.close();
  }
  // Also of a file that stays out: until then a thread may write to the memory, which is another file's afterwards.
  const deflated = await deflating;
  return { file: read && deflated && { ...read, deflated } };
}

/**
 * A file that is written to while it is read must not go as a mixture, whether its time tells of it or not. One that
 * only grew, as a log does, goes as it was when it was opened.
 */
async function isUnchanged(
  handle: OpenFile,
  before: { readonly size: number; readonly mtimeMs: number },
  content: Uint8Array,
): Promise<boolean> {
  const sums = new PieceSums();
  if (content.length > 0) sums.note(0, content);
  if (!(await isStill(handle, sums.pieces))) return false;
  const now = await handle.stat();
  return now.size > before.size || (now.size === before.size && now.mtimeMs === before.mtimeMs);
}
