/** A snapshot of a file that programs keep writing to: its first bytes if it only grows, else a copy. */
import { constants } from "node:fs";
import { chmod, copyFile, open, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { FreightError } from "../base/errors.ts";
import { hasCode, patiently } from "../base/fsErrors.ts";
import { formatBytes } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";
import { ContentHash, type HashCheckpoint } from "./contentHash.ts";
import { FileSource } from "./fileSource.ts";
import { type FileVersion, versionOf } from "./fileVersion.ts";
import { PieceSums } from "./secondLook.ts";

/** How often a copy is tried when the file changes meanwhile. */
const TRIES = 3;

export interface FirstBytes {
  readonly version: FileVersion;
  /** Of all of them, hexadecimal. */
  readonly sha256: string;
}

/**
 * All that a file contains now, to be sent even if it keeps growing.
 * @param known the hash of its first bytes at an earlier time
 * @returns undefined when those have changed: it did not only grow
 * @throws FreightError as `FileSource.open`
 */
export async function firstBytesOf(
  path: string,
  known: HashCheckpoint | null,
  signal: AbortSignal,
): Promise<FirstBytes | undefined> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  // If it is gone or empty, opening it says so.
  const firstBytes = size === 0 ? undefined : size;
  const source = await FileSource.open(path, Number.MAX_SAFE_INTEGER, undefined, { firstBytes });
  const hash = new ContentHash(source);
  try {
    if (known !== null && known.bytes > source.version.size) return undefined;
    for (const end of [known?.bytes ?? 0, source.version.size]) {
      for await (const chunk of source.reader().read(hash.bytes, end - hash.bytes)) {
        signal.throwIfAborted();
        await hash.take(hash.bytes, chunk);
      }
      const isKnown = hash.bytes === known?.bytes;
      if (isKnown && (await hash.checkpoint()).sha256 !== known.sha256) return undefined;
    }
    return { version: source.version, sha256: (await hash.checkpoint()).sha256 };
  } finally {
    await Promise.all([source.close(), hash.end()]);
  }
}

/** A copy. Once it is let go, it stays only as long as a mail needs it. */
export interface FileCopy {
  readonly path: string;
  readonly version: FileVersion;
  letGo(): Promise<void>;
}

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes copied so far and their total. */
  readonly onCopied?: (bytes: number, total: number) => void;
  /** Free bytes for the copy in its folder (default: as its disk says). */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Has the disk clone the file; false when it cannot (default: as this system does it). */
  readonly clone?: (path: string, target: string) => Promise<boolean>;
}

/**
 * Copies a file as it is at one moment: at once if the disk can (Btrfs, XFS, APFS); otherwise byte by byte,
 * and checks afterwards that the bytes are still the same.
 * @param target a file that does not exist yet; nothing stays of it when this throws
 * @throws FreightError `file-changed` when it does not stay unchanged for long enough, `disk-full`, or as
 * `FileSource.open`
 */
export async function copyAtOneMoment(
  path: string,
  target: string,
  options: CopyOptions,
): Promise<FileVersion> {
  const { clone = cloned } = options;
  try {
    if (await clone(path, target)) await chmod(target, 0o600);
    else await copied(path, target, options);
    return versionOf(await stat(target));
  } catch (reason) {
    await patiently(() => rm(target, { force: true }));
    if (hasCode(reason, "ENOSPC", "EDQUOT")) throw noRoom(path, reason);
    throw reason;
  }
}

/** A clone takes no room, and no time in which something could change. */
async function cloned(path: string, target: string): Promise<boolean> {
  return copyFile(path, target, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false, // Another disk, or no clones there. If the file is unreadable, copying says why.
  );
}

async function copied(path: string, target: string, options: CopyOptions): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await copiedOnce(path, target, options);
    } catch (reason) {
      if (!(reason instanceof FreightError && reason.is("file-changed"))) throw reason;
      if (tries === TRIES) throw neverStill(path, reason);
    }
}

async function copiedOnce(path: string, target: string, options: CopyOptions): Promise<void> {
  const { signal, onCopied, freeBytes = roomIn } = options;
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const firstBytes = size === 0 ? undefined : size;
  const source = await FileSource.open(path, Number.MAX_SAFE_INTEGER, undefined, { firstBytes });
  try {
    const free = await freeBytes(dirname(target));
    if (free < size) throw noRoom(path, undefined, { size, free });
    const output = await open(target, "w", 0o600);
    try {
      const sums = new PieceSums();
      let at = 0;
      for await (const chunk of source.reader().read(0, size)) {
        signal.throwIfAborted();
        sums.note(at, chunk);
        await output.writeFile(chunk);
        at += chunk.length;
        onCopied?.(at, size);
      }
      await source.assertStill(sums.pieces, signal);
    } finally {
      await output.close();
    }
  } finally {
    await source.close();
  }
}

async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function noRoom(path: string, cause: unknown, room?: { readonly size: number; readonly free: number }) {
  return new FreightError(
    "disk-full",
    room === undefined
      ? t("There is not enough space on the disk for a copy of “{0}”.", basename(path))
      : t(
          "There is not enough space on the disk for a copy of “{0}”: it takes {1}, and {2} are free.",
          basename(path),
          formatBytes(room.size),
          formatBytes(room.free),
        ),
    { cause, path },
  );
}

function neverStill(path: string, cause: unknown): FreightError {
  return new FreightError(
    "file-changed",
    t(
      "“{0}” changes all the time, so there is no moment at which it can be copied. Close the program that writes to it, then try again.",
      basename(path),
    ),
    { cause, remedy: "uploadNewVersion", path },
  );
}
