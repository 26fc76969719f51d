/** Reads a small file in a thread, where ten calls per file may block without disturbing the editor. */
import fs from "node:fs";
import { isListed, type ListedPath, OPEN_FLAGS } from "../folder/listedFiles.ts";
import { realPathSync } from "../samePath.ts";

/** Files up to this size are compressed in one piece. */
export const SMALL_BYTES = 512 * 1024;

export interface SmallContent {
  /** In the memory given, unless the file has grown since it was listed. */
  readonly content: Uint8Array<SharedArrayBuffer>;
  readonly mtimeMs: number;
  readonly mode: number;
}

type Disk = Pick<
  typeof fs,
  "openSync" | "fstatSync" | "realpathSync" | "statSync" | "readSync" | "closeSync"
>;

/** Where the file is read again, piece by piece. */
const again = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Reads a file as it was at one moment.
 * @param memory as long as the file was when it was listed
 * @returns "large" for a file that is no longer small; undefined for one that is missing or keeps changing
 */
export function readSmall(
  { given, real }: ListedPath,
  memory: Uint8Array<SharedArrayBuffer>,
  disk: Disk = fs,
): SmallContent | "large" | undefined {
  let file: number | undefined;
  try {
    file = disk.openSync(given, OPEN_FLAGS);
    const opened = disk.fstatSync(file);
    if (!opened.isFile() || !isListed(real, realPathSync(given, disk), disk.statSync(given), opened))
      return undefined;
    const { size, mtimeMs, mode } = opened;
    if (size > SMALL_BYTES) return "large";
    const room = size > memory.length ? new Uint8Array(new SharedArrayBuffer(size)) : memory;
    const content = room.subarray(0, size);
    if (disk.readSync(file, content, 0, size, 0) !== size || !isStill(disk, file, content)) return undefined;
    // A log that only grows goes as it was when it was opened.
    const now = disk.fstatSync(file);
    const isWhole = now.size > size || (now.size === size && now.mtimeMs === mtimeMs);
    return isWhole ? { content, mtimeMs, mode } : undefined;
  } catch {
    return undefined; // It is listed among the files left out.
  } finally {
    if (file !== undefined) disk.closeSync(file);
  }
}

/** A file that is written to while it is read must not go as a mixture, whether or not its time shows it. */
function isStill(disk: Disk, file: number, content: Uint8Array): boolean {
  for (let at = 0; at < content.length; at += again.length) {
    const piece = content.subarray(at, at + again.length);
    const read = disk.readSync(file, again, 0, piece.length, at);
    if (read !== piece.length || !again.subarray(0, read).equals(piece)) return false;
  }
  return true;
}
