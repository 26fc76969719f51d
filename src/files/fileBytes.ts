/** Reads some bytes of a file. */
import { type FileHandle, open, stat } from "node:fs/promises";

/**
 * Opens a regular file for `work`; undefined for anything else.
 * @param work gets the file's size in bytes
 */
export async function withFile<T>(
  path: string,
  work: (file: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  // Opening a pipe would block.
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path, "r");
  try {
    return await work(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** Bytes of an open file; fewer at its end. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
