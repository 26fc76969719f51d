/** A local file as the source of an upload: reads any interval again, and notices when the file changes underneath. */
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, relative, sep } from "node:path";
import { FreightError } from "../base/errors.ts";
import { hasCode } from "../base/fsErrors.ts";
import { bytesInFull } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";
import { compareVersions, type FileVersion, versionOf } from "./fileVersion.ts";
import { LARGE_BYTES } from "./hashThread.ts";
import { isStill, type Piece } from "./secondLook.ts";

/**
 * Bytes read and handed on at once. Measured: 1 MiB is as fast as curl, 64 KiB costs two thirds of the speed. Below
 * 64 KiB the ring must not be reused: undici waits for the socket only when a write fills its buffer, so a smaller
 * buffer would be overwritten while still queued, and wrong bytes would go out without an error.
 */
export const READ_BYTES = 1024 * 1024;
/** One more than are read, leave and are hashed at the same time. */
const RING = 4;

/** Where a path in a folder really leads when links take it out of there; undefined when it stays inside. */
export async function leadsOut(path: string, folder: string): Promise<string | undefined> {
  try {
    const [target, home] = await Promise.all([realpath(path), realpath(folder)]);
    const way = relative(home, target);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? target : undefined;
  } catch {
    return undefined; // Not there, or not to be read: whoever opens it says so.
  }
}

/** On Windows a file that somebody has open cannot be replaced: a build would fail for an upload that only waits. */
const HOLDS_OTHERS_UP = process.platform === "win32";

export interface SourceOptions {
  /** Whether an open file is in the way of other programs; as on this system unless told. */
  readonly holdsOthersUp?: boolean | undefined;
  /** Only so many bytes of it are read: it may grow behind them. Unset: all of it, and it must stay as it is. */
  readonly firstBytes?: number | undefined;
  /** Of those, only `size` bytes from `start` on; it must have `whole` bytes. */
  readonly part?: { readonly start: number; readonly size: number; readonly whole: number } | undefined;
}

export class FileSource {
  readonly path: string;
  readonly #holdsOthersUp: boolean;
  readonly #options: SourceOptions;
  #version: FileVersion;
  /** Undefined while nobody needs it. */
  #handle: Promise<FileHandle> | undefined;

  private constructor(path: string, version: FileVersion, handle: FileHandle, options: SourceOptions) {
    this.path = path;
    this.#version = version;
    this.#handle = Promise.resolve(handle);
    this.#holdsOthersUp = options.holdsOthersUp ?? HOLDS_OTHERS_UP;
    this.#options = options;
  }

  /**
   * Opens a file for sending; close it afterwards.
   * @param limitOf what `maxBytes` is the limit for: "Google mailboxes"
   * @throws FreightError `file-missing`, `file-is-folder`, `file-unreadable`, `file-empty` or `file-too-large`, and
   * `file-changed` where it does not have the bytes that are wanted
   */
  static async open(
    path: string,
    maxBytes: number,
    limitOf?: string,
    options: SourceOptions = {},
  ): Promise<FileSource> {
    const isWhole = options.firstBytes === undefined && options.part === undefined;
    const limit = isWhole ? maxBytes : Number.MAX_SAFE_INTEGER;
    const version = wanted(await inspectFile(path, limit, limitOf), options);
    if (version === undefined) throw fileChanged(path);
    if (version.size > maxBytes) throw fileTooLarge(path, version.size, maxBytes, limitOf);
    return new FileSource(path, version, await openRegular(path), options);
  }

  /** What was opened, with the times at which its bytes were last compared. */
  get version(): FileVersion {
    return this.#version;
  }

  /** A way to read that owns its buffers. A new attempt after a failure needs a new reader: see `Reader`. */
  reader(): Reader {
    return new Reader(this.path, () => this.#open(), this.#version.size, this.#start);
  }

  /**
   * Looks whether the file is still the one of `expected`, without reading it.
   * @returns "touched" when only its bytes can tell: see `compareVersions`
   * @throws FreightError `file-changed` when size or time are no longer the same
   */
  async assertVersion(expected: FileVersion = this.#version): Promise<"same" | "touched"> {
    const handle = await this.#open();
    const now = versionOf(await handle.stat());
    if (this.#compare(now, expected) === "changed") throw fileChanged(this.path);
    // The handle still shows the old file after an editor has replaced it; the path shows the new one. A file that
    // was deleted meanwhile is finished from the handle.
    const atPath = await stat(this.path).then(versionOf, () => undefined);
    const verdict = atPath === undefined ? "same" : this.#compare(atPath, expected);
    if (verdict === "changed") throw fileChanged(this.path);
    return verdict;
  }

  /**
   * Reads pieces once more, of what lies at the path by now; of a file that was deleted, from its handle.
   * @throws FreightError `file-changed` when one of them is not what it was, or as `open`
   */
  async assertStill(pieces: readonly Piece[], signal?: AbortSignal, look = isStill): Promise<void> {
    const isThere = await stat(this.path).then(
      (stats) => stats.isFile(),
      () => undefined,
    );
    if (isThere === false) throw fileChanged(this.path);
    const own = isThere === undefined ? undefined : await openRegular(this.path);
    try {
      const seen = own === undefined ? this.#version : wanted(versionOf(await own.stat()), this.#options);
      const there = pieces.map((piece) => ({ ...piece, offset: piece.offset + this.#start }));
      const isSame = await look(own ?? (await this.#open()), there, signal).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw fileError(this.path, reason);
      });
      if (!isSame || seen?.size !== this.#version.size) throw fileChanged(this.path);
      this.#version = { ...seen, mtimeMs: this.#version.mtimeMs };
    } finally {
      await own?.close();
    }
  }

  /** Lets other programs have the file until it is read on, where an open one is in their way. */
  async letGo(): Promise<void> {
    if (!this.#holdsOthersUp) return;
    const handle = this.#handle;
    this.#handle = undefined;
    await (await handle)?.close();
  }

  async close(): Promise<void> {
    await this.#handle?.then(
      (handle) => handle.close(),
      () => {}, // It could not be opened again: whoever wanted to read was told.
    );
  }

  /** Where in the file the first byte that is read lies. */
  get #start(): number {
    return this.#options.part?.start ?? 0;
  }

  #open(): Promise<FileHandle> {
    this.#handle ??= this.#reopen();
    return this.#handle;
  }

  async #reopen(): Promise<FileHandle> {
    const handle = await openRegular(this.path);
    const now = versionOf(await handle.stat());
    if (this.#compare(now, this.#version) !== "changed") return handle;
    await handle.close();
    throw fileChanged(this.path);
  }

  /** Of a file that may grow, size and time say little: what was read of it is read once more before its last byte leaves. */
  #compare(now: FileVersion, before: FileVersion): ReturnType<typeof compareVersions> {
    const seen = wanted(now, this.#options);
    if (seen === undefined) return "changed";
    if (this.#options.firstBytes === undefined) return compareVersions(seen, before);
    return seen.size === before.size ? "same" : "changed";
  }
}

/** The version of a file of which only some bytes count; undefined where it does not have those. */
function wanted(version: FileVersion, options: SourceOptions): FileVersion | undefined {
  const { firstBytes = version.size, part } = options;
  if (version.size < firstBytes || (part !== undefined && part.whole !== firstBytes)) return undefined;
  return { ...version, size: part?.size ?? firstBytes };
}

/** @throws FreightError why the file cannot be opened */
async function openRegular(path: string): Promise<FileHandle> {
  // A pipe that has taken the file's place would keep whoever opens it waiting.
  const { O_RDONLY, O_NONBLOCK = 0 } = constants;
  return open(path, O_RDONLY | O_NONBLOCK).catch((reason: unknown) => {
    throw fileError(path, reason);
  });
}

/**
 * Reads intervals through a small ring of large buffers with one read ahead. A chunk is valid until the third next
 * one is asked for. Buffers may be on their way to a dead socket after a failure, so a failed attempt's reader is
 * dropped, never reused.
 */
export class Reader {
  readonly #path: string;
  readonly #open: () => Promise<FileHandle>;
  readonly #size: number;
  readonly #start: number;
  readonly #ring: Buffer[] = [];

  /**
   * @param open gives the file's handle, the same as long as nobody lets it go
   * @param start where in the file the first byte lies
   */
  constructor(path: string, open: () => Promise<FileHandle>, size: number, start = 0) {
    this.#path = path;
    this.#open = open;
    this.#size = size;
    this.#start = start;
  }

  /**
   * Exactly the bytes `offset … offset + length - 1`.
   * @throws FreightError `file-changed` when the file ends early, `file-unreadable` when reading fails
   */
  async *read(offset: number, length: number): AsyncGenerator<Uint8Array> {
    const end = Math.min(offset + length, this.#size);
    let turn = 0;
    let ahead = this.#fill(turn++, offset, end);
    try {
      for (let position = offset; position < end; ) {
        const chunk = await ahead;
        position += chunk.length;
        if (position < end) {
          ahead = this.#fill(turn++, position, end);
          // Awaited one round later; a failure before that must not count as unhandled.
          ahead.catch(() => {});
        }
        yield chunk;
      }
    } finally {
      await ahead.catch(() => {}); // Never leave a read behind that could outlive the handle.
    }
  }

  async #fill(turn: number, position: number, end: number): Promise<Uint8Array> {
    this.#ring[turn % RING] ??= newBuffer(Math.min(READ_BYTES, this.#size), this.#size >= LARGE_BYTES);
    const buffer = this.#ring[turn % RING] ?? Buffer.alloc(0);
    const wanted = Math.min(buffer.length, end - position);
    const handle = await this.#open();
    for (let got = 0; got < wanted; ) {
      const place = this.#start + position + got;
      const { bytesRead } = await handle.read(buffer, got, wanted - got, place).catch((reason) => {
        throw fileError(this.#path, reason);
      });
      if (bytesRead === 0) throw fileChanged(this.#path);
      got += bytesRead;
    }
    return buffer.subarray(0, wanted);
  }
}

/** @param isShared with the threads that hash */
function newBuffer(bytes: number, isShared: boolean): Buffer {
  return isShared ? Buffer.from(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafeSlow(bytes);
}

/** Where a file lies once links are followed; the path itself when that cannot be told. */
export function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/**
 * Works on an open regular file; undefined for anything else.
 * @param work is told the file's size in bytes
 */
export async function withFile<T>(
  path: string,
  work: (file: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  // A pipe would keep whoever opens it waiting.
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

/** Size and time of a file that can be sent. @throws as `FileSource.open` does */
export async function inspectFile(path: string, maxBytes: number, limitOf?: string): Promise<FileVersion> {
  const stats = await stat(path).catch((reason: unknown) => {
    // A file that another program has open can be looked at all the same.
    throw fileError(path, reason, false);
  });
  const name = basename(path);
  if (stats.isDirectory())
    throw new FreightError(
      "file-is-folder",
      t("“{0}” is a folder. Choose the files inside, or a zip of it.", name),
      { path },
    );
  if (!stats.isFile())
    throw new FreightError(
      "file-unreadable",
      t("“{0}” is not a regular file and cannot be attached.", name),
      {
        path,
      },
    );
  if (stats.size === 0)
    throw new FreightError("file-empty", t("“{0}” is empty. Mail services refuse empty attachments.", name), {
      path,
    });
  if (stats.size > maxBytes) throw fileTooLarge(path, stats.size, maxBytes, limitOf);
  return versionOf(stats);
}

function fileTooLarge(path: string, size: number, maxBytes: number, limitOf?: string): FreightError {
  return new FreightError(
    "file-too-large",
    limitOf === undefined
      ? t("“{0}” is {1}; the limit is {2}.", basename(path), bytesInFull(size), bytesInFull(maxBytes))
      : t(
          "“{0}” is {1}; the limit for {2} is {3}.",
          basename(path),
          bytesInFull(size),
          limitOf,
          bytesInFull(maxBytes),
        ),
    { remedy: "compress", path },
  );
}

export function fileChanged(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t("“{0}” changed while it was being uploaded. No mix of the two versions was sent.", basename(path)),
    { remedy: "uploadNewVersion", path },
  );
}

/** The same where a file leaves with its mail only. */
export function fileChangedUnsent(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t("“{0}” has changed since it was added to the mail. Nothing was sent.", basename(path)),
    { remedy: "uploadNewVersion", path },
  );
}

/** The file at its path is no longer what was uploaded, which is whole. */
export function fileChangedSince(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t(
      "“{0}” has changed since it was uploaded. Upload the new version, or send it as it was.",
      basename(path),
    ),
    { remedy: "uploadNewVersion" },
  );
}

/** The same where other parts of the file may have left. */
export function fileChangedInParts(path: string): FreightError {
  return new FreightError(
    "file-changed",
    t(
      "“{0}” has changed since its parts were sent on their way. No mix of the two versions was sent. Put the old version back and retry, or discard this mail and send the new version in a mail of its own.",
      basename(path),
    ),
    { remedy: "retry", path },
  );
}

/** Not what a person chose to send, and that cannot be had any more. @param isLost it was uploaded once */
export function fileChangedForGood(path: string, isLost: boolean): FreightError {
  const name = basename(path);
  return new FreightError(
    "file-changed",
    isLost
      ? t(
          "“{0}” has changed, and the uploaded old version is gone. Upload the new version, or remove the file.",
          name,
        )
      : t("“{0}” has changed since you chose to send it. Upload the new version, or remove the file.", name),
    { remedy: "uploadNewVersion", path },
  );
}

/** @param isWindows where a file that another program keeps for itself is said to be forbidden */
export function fileError(
  path: string,
  reason: unknown,
  isWindows = process.platform === "win32",
): FreightError {
  const because = (code: "file-missing" | "file-unreadable", words: string) =>
    new FreightError(code, words, { cause: reason, remedy: "retry", path });
  const name = basename(path);
  if (hasCode(reason, "ENOENT", "ENOTDIR"))
    return because("file-missing", t("“{0}” is no longer there.", name));
  // Windows says the same of what is forbidden and of what is about to be deleted.
  if (isWindows && hasCode(reason, "EPERM"))
    return because(
      "file-unreadable",
      t("“{0}” cannot be opened: another program is using it, or you may not read it.", name),
    );
  // What services of the cloud fail with has no code of its own.
  if (isWindows && hasCode(reason, "UNKNOWN"))
    return because(
      "file-unreadable",
      t(
        "“{0}” cannot be read now. If it is kept online only, make it available offline, then try again.",
        name,
      ),
    );
  if (hasCode(reason, "EBUSY"))
    return because(
      "file-unreadable",
      t("“{0}” is open in another program. Close it there, then try again.", name),
    );
  if (hasCode(reason, "EACCES", "EPERM"))
    return because("file-unreadable", t("“{0}” cannot be read: permission denied.", name));
  if (hasCode(reason, "ERR_UNC_HOST_NOT_ALLOWED"))
    return because(
      "file-unreadable",
      t(
        "“{0}” is on a server that VS Code may not open. Add the server to the setting security.allowedUNCHosts.",
        name,
      ),
    );
  const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
  return because("file-unreadable", t("“{0}” cannot be read ({1}).", name, String(code ?? reason)));
}
