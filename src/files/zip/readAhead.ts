/** Has the files of a folder packed in their order, the small ones side by side. */
import type { FolderFile } from "../folder/folderWalk.ts";
import type { Deflated } from "./deflatePool.ts";
import { MemoryRing } from "./memoryRing.ts";
import { SMALL_BYTES, type SmallContent } from "./smallFile.ts";

/** Small files that are read and compressed side by side, while another one is written: so many, or so many bytes. */
const AHEAD = 24;
const AHEAD_BYTES = 2 * 1024 * 1024;
/** Of those bytes, of the file that is one too many, and of the one that is written; each with what it is compressed to. */
const RING_BYTES = 2 * (AHEAD_BYTES + 2 * SMALL_BYTES);

export interface SmallFile extends Omit<SmallContent, "content"> {
  readonly content: Uint8Array;
  readonly deflated: Deflated;
}

/** A small file that was read ahead, `file` undefined when it could not be; undefined itself for one to be streamed. */
export type Loaded = { readonly file: SmallFile | undefined } | undefined;

/** Packs a small file. Rejects only when nothing can be compressed. @param path in the folder @param memory see `readSmall` */
type Pack = (path: string, memory: Uint8Array<SharedArrayBuffer>) => Promise<Loaded>;

/** The files in their order, the small ones among them read and compressed ahead; valid until the next one is asked for. */
export async function* lookAhead(
  pack: Pack,
  files: readonly FolderFile[],
  signal: AbortSignal,
): AsyncGenerator<{ file: FolderFile; loaded: Loaded }> {
  const coming: { file: FolderFile; loading: Promise<Loaded> }[] = [];
  const ring = new MemoryRing(RING_BYTES, 2 * SMALL_BYTES);
  let next = 0;
  let bytes = 0;
  const isSmall = ({ size }: FolderFile) => size <= SMALL_BYTES;
  const weight = (file: FolderFile) => (isSmall(file) ? file.size : 0);
  for (;;) {
    for (; coming.length < AHEAD && bytes < AHEAD_BYTES && next < files.length; next++) {
      const file = files[next];
      if (file === undefined) continue;
      bytes += weight(file);
      const loading = isSmall(file) ? pack(file.path, ring.take(2 * file.size)) : Promise.resolve(undefined);
      loading.catch(() => {}); // Awaited in its turn.
      coming.push({ file, loading });
    }
    const first = coming.shift();
    if (first === undefined) return;
    signal.throwIfAborted();
    bytes -= weight(first.file);
    yield { file: first.file, loaded: await first.loading };
  }
}
