/** Reads zip archives with a reader that is not ours. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { text as readText } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Entry, openPromise } from "yauzl";

export interface Unzipped {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly mtime: Date;
  /** File type and permission bits, as Unix has them. */
  readonly mode: number;
}

/** Every entry of an archive in its order, unpacked and hashed; checksums are compared on the way. */
export async function unzip(path: string): Promise<Unzipped[]> {
  const archive = await openPromise(path, { strictFileNames: true, autoClose: false });
  const found: Unzipped[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      const hash = createHash("sha256");
      let sum = 0;
      for await (const bytes of await archive.openReadStreamPromise(entry)) {
        hash.update(bytes);
        sum = crc32(bytes, sum);
      }
      assert.equal(sum, entry.crc32, entry.fileName);
      found.push({
        name: entry.fileName,
        size: entry.uncompressedSize,
        sha256: hash.digest("hex"),
        mtime: entry.getLastModDate(),
        mode: entry.externalFileAttributes >>> 16,
      });
    }
  } finally {
    archive.close();
  }
  return found;
}

/** The directory of an archive, without unpacking anything. */
export async function zipDirectory(path: string): Promise<Entry[]> {
  const archive = await openPromise(path, { strictFileNames: true, autoClose: false });
  const entries: Entry[] = [];
  try {
    for await (const entry of archive.eachEntry()) entries.push(entry);
    return entries;
  } finally {
    archive.close();
  }
}

/** The text of one entry. */
export async function unzipText(path: string, name: string): Promise<string> {
  const archive = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry())
      if (entry.fileName === name) return await readText(await archive.openReadStreamPromise(entry));
    throw new Error(`${path} has no ${name}`);
  } finally {
    archive.close();
  }
}
