/** Has a folder's files packed in order, the small ones in parallel. */
import type { FolderFile } from "../folder/folderWalk.ts";
import type { SmallFile } from "./deflatePool.ts";
import { MemoryRing } from "./memoryRing.ts";
import { SMALL_BYTES } from "./smallFile.ts";

/** How many small files one order has: a message for each would cost more than most of them take. */
const BATCH = 64;
/** The most bytes in one order; any one small file fits. */
const BATCH_BYTES = SMALL_BYTES;
/** A small file that was read ahead (`file` undefined: it could not be); undefined for a file to stream. */
export type Loaded = { readonly file: SmallFile | undefined } | undefined;

/** Packs small files. Rejects only if nothing can be compressed. @param memory as long as they all are */
type Pack = (
  files: readonly FolderFile[],
  memory: Uint8Array<SharedArrayBuffer>,
) => Promise<readonly Loaded[]>;

/**
 * The files in order, the small ones already read and compressed; each is valid until the next one is asked
 * for.
 * @param ahead how many batches may be under way or being written
 */
export async function* lookAhead(
  pack: Pack,
  files: readonly FolderFile[],
  ahead: number,
  signal: AbortSignal,
): AsyncGenerator<{ file: FolderFile; loaded: Loaded }> {
  const coming: { batch: readonly FolderFile[]; loading: Promise<readonly Loaded[]> }[] = [];
  const ring = new MemoryRing(ahead * BATCH_BYTES, BATCH_BYTES);
  for (let next = 0; ; ) {
    for (; coming.length < ahead && next < files.length; next += coming.at(-1)?.batch.length ?? 0) {
      const { batch, bytes } = batchFrom(files, next);
      const loading = bytes === undefined ? Promise.resolve([]) : pack(batch, ring.take(bytes));
      loading.catch(() => {}); // Awaited in its turn.
      coming.push({ batch, loading });
    }
    const first = coming.shift();
    if (first === undefined) return;
    signal.throwIfAborted();
    const loaded = await first.loading;
    for (const [at, file] of first.batch.entries()) yield { file, loaded: loaded[at] };
  }
}

/** Small files with their total size, or one that is not small. */
function batchFrom(
  files: readonly FolderFile[],
  start: number,
): { batch: readonly FolderFile[]; bytes: number | undefined } {
  let bytes = 0;
  let end = start;
  for (const { size } of files.slice(start, start + BATCH)) {
    if (bytes + size > BATCH_BYTES) break;
    bytes += size;
    end++;
  }
  if (end === start) return { batch: files.slice(start, start + 1), bytes: undefined };
  return { batch: files.slice(start, end), bytes };
}
