/** The SHA-256 of a file as it is on the disk now. */
import { sha256Of } from "./contentHash.ts";
import { FileSource } from "./fileSource.ts";
import type { FileVersion } from "./fileVersion.ts";

export interface HashedFile extends Pick<FileVersion, "size" | "mtimeMs"> {
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Streams the file: none of it is kept. @throws FreightError as `FileSource.open`, or `file-changed`; an AbortError when cancelled */
export async function hashFile(path: string, signal: AbortSignal): Promise<HashedFile> {
  const source = await FileSource.open(path, Number.MAX_SAFE_INTEGER);
  try {
    const { size, mtimeMs } = source.version;
    const sha256 = await sha256Of(source, signal);
    await source.assertVersion();
    return { sha256, size, mtimeMs };
  } finally {
    await source.close();
  }
}
