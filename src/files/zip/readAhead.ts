/** Has the files of a folder packed in their order, the small ones side by side. */
import type { FolderFile } from "../folder/folderWalk.ts";
import type { SmallFile } from "./deflatePool.ts";
import { MemoryRing } from "./memoryRing.ts";
import { SMALL_BYTES } from "./smallFile.ts";

/** Small files that a thread is asked for at once: a message each would cost more than most of them take. */
const BATCH = 64;
/** What they have at most: each of them fits. */
const BATCH_BYTES = SMALL_BYTES;
/** A small file that was read ahead, `file` undefined when it could not be; undefined itself for one to be streamed. */
export type Loaded = { readonly file: SmallFile | undefined } | undefined;

/** Packs small files. Rejects only when nothing can be compressed. @param memory as long as all of them together */
type Pack = (
  files: readonly FolderFile[],
  memory: Uint8Array<SharedArrayBuffer>,
) => Promise<readonly Loaded[]>;

/**
 * The files in their order, the small ones among them read and compressed ahead; valid until the next one is asked for.
 * @param ahead so many batches are under way, or written
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

/** Small files, and how many bytes they have together; or one that is not small. */
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
