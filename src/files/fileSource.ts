/** A local file as the source of an upload: reads any interval again, and notices when the file changes underneath. */
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import { Reader } from "./fileReader.ts";
import { fileChanged, fileError, fileTooLarge } from "./fileTrouble.ts";
import { compareVersions, type FileVersion, versionOf } from "./fileVersion.ts";
import { isStill, type Look, type Piece } from "./secondLook.ts";

/** On Windows, an open file cannot be replaced: a build would fail because of an upload that only waits. */
const HOLDS_OTHERS_UP = process.platform === "win32";

export interface SourceOptions {
  /** Whether an open file blocks other programs (default: as on this system). */
  readonly holdsOthersUp?: boolean | undefined;
  /** Reads only this many bytes; the file may grow beyond them (default: all, and it must not change). */
  readonly firstBytes?: number | undefined;
  /** Of those, reads only `size` bytes from `start` on; the file must have `whole` bytes. */
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
   * @throws FreightError `file-missing`, `file-is-folder`, `file-unreadable`, `file-empty` or
   * `file-too-large`, and `file-changed` when it does not have the bytes that `options` asks for
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

  /** A reader with buffers of its own. A new attempt after a failure needs a new one: see `Reader`. */
  reader(): Reader {
    return new Reader(this.path, () => this.#open(), this.#version.size, this.#start);
  }

  /**
   * Checks that the file is still the version `expected`, without reading it.
   * @returns "touched" when only its bytes can tell: see `compareVersions`
   * @throws FreightError `file-changed` when its size or time has changed
   */
  async assertVersion(expected: FileVersion = this.#version): Promise<"same" | "touched"> {
    const handle = await this.#open();
    const now = versionOf(await handle.stat());
    if (this.#compare(now, expected) === "changed") throw fileChanged(this.path);
    // After an editor has replaced the file, the handle still shows the old one, and the path the new one. A
    // file that was deleted meanwhile is read to its end from the handle.
    const atPath = await stat(this.path).then(versionOf, () => undefined);
    const verdict = atPath === undefined ? "same" : this.#compare(atPath, expected);
    if (verdict === "changed") throw fileChanged(this.path);
    return verdict;
  }

  /**
   * Reads pieces again: from what is at the path now, or from the handle if the file was deleted.
   * @throws FreightError `file-changed` when one of them has changed, or as `open`
   */
  async assertStill(pieces: readonly Piece[], signal?: AbortSignal, look: Look = isStill): Promise<void> {
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

  /** Closes the file until it is read again, where an open file blocks other programs. */
  async letGo(): Promise<void> {
    if (!this.#holdsOthersUp) return;
    const handle = this.#handle;
    this.#handle = undefined;
    await (await handle)?.close();
  }

  async close(): Promise<void> {
    await this.#handle?.then(
      (handle) => handle.close(),
      () => {}, // It could not be opened again, and whoever wanted to read has the error.
    );
  }

  /** Where in the file the first byte to read is. */
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

  /** For a file that may grow, only its size counts: its bytes are read again before the last one leaves. */
  #compare(now: FileVersion, before: FileVersion): ReturnType<typeof compareVersions> {
    const seen = wanted(now, this.#options);
    if (seen === undefined) return "changed";
    if (this.#options.firstBytes === undefined) return compareVersions(seen, before);
    return seen.size === before.size ? "same" : "changed";
  }
}

/** The version of a file of which only some bytes count; undefined when it lacks them. */
function wanted(version: FileVersion, options: SourceOptions): FileVersion | undefined {
  const { firstBytes = version.size, part } = options;
  if (version.size < firstBytes || (part !== undefined && part.whole !== firstBytes)) return undefined;
  return { ...version, size: part?.size ?? firstBytes };
}

/** @throws FreightError why the file cannot be opened */
async function openRegular(path: string): Promise<FileHandle> {
  // Opening a pipe that has taken the file's place would block without O_NONBLOCK.
  const { O_RDONLY, O_NONBLOCK = 0 } = constants;
  return open(path, O_RDONLY | O_NONBLOCK).catch((reason: unknown) => {
    throw fileError(path, reason);
  });
}

/** Size and time of a file that can be sent. @throws as `FileSource.open` does */
export async function inspectFile(path: string, maxBytes: number, limitOf?: string): Promise<FileVersion> {
  const stats = await stat(path).catch((reason: unknown) => {
    // `stat` works even on a file that another program has locked, so that cannot be the reason.
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
      { path },
    );
  if (stats.size === 0)
    throw new FreightError("file-empty", t("“{0}” is empty. Mail services refuse empty attachments.", name), {
      path,
    });
  if (stats.size > maxBytes) throw fileTooLarge(path, stats.size, maxBytes, limitOf);
  return versionOf(stats);
}
