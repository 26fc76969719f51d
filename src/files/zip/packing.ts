/** Packs a folder or a file into a zip archive: streamed from disk to disk, and stopped by its signal. */
import { type FileHandle, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { bytesInFull, formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { readAt } from "../fileBytes.ts";
import { fileError } from "../fileTrouble.ts";
import { EntryNames } from "../folder/entryNames.ts";
import type { FolderFile, FolderListing } from "../folder/folderWalk.ts";
import { ListedFiles, openFile } from "../folder/listedFiles.ts";
import { realPath } from "../samePath.ts";
import { type SecretFinding, secretInWords } from "../secrets/secretWords.ts";
import { openable } from "../workspaceFile.ts";
import { type Deflated, DeflatePool, NOTHING, type SmallFile } from "./deflatePool.ts";
import { entryMode, MODE_BYTES } from "./entryModes.ts";
import { CHANGED, LargeFiles } from "./largeFiles.ts";
import { type Loaded, lookAhead } from "./readAhead.ts";
import { type PackedBlock, ZipWriter } from "./zipWriter.ts";

export interface PackOptions {
  /** The archive's path, where no file must be yet. A broken one stays when packing fails. */
  readonly target: string;
  /** The service's limit, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Called with the number of the files' bytes that were read. */
  readonly onRead: (bytes: number) => void;
  /** What the threads run: the bundled `packThread` (default: the file beside this one). */
  readonly threadProgram?: string | undefined;
  /** The system whose disk is read (default: this one). */
  readonly platform?: NodeJS.Platform;
}

export interface Packed {
  /** Bytes of the archive. */
  readonly bytes: number;
  /** Listed files that could not be read, or changed meanwhile; relative to the folder. */
  readonly leftOut: readonly string[];
  /** Archived files that look like secrets; relative to the folder. */
  readonly secrets: readonly FoundSecret[];
}

export interface FoundSecret {
  readonly path: string;
  /** In a person's language: "a private key, line 1" */
  readonly what: string;
}

/**
 * Packs listed files under the folder's name.
 * @throws FreightError `folder-empty`, `archive-too-large`, `disk-full`; an AbortError when `signal` was
 * aborted
 */
export async function packFolder(listing: FolderListing, options: PackOptions): Promise<Packed> {
  const { folder, files, emptyFolders, bytes: total } = listing;
  const name = basename(folder);
  if (files.length === 0) throw folderEmpty(folder);
  const names = new EntryNames();
  const leftOut: string[] = [];
  const secrets: FoundSecret[] = [];
  const listed = new ListedFiles(listing);
  return writeArchive(name, total, options, async (archive, pool) => {
    const platform = options.platform ?? process.platform;
    const packSmall = async (batch: readonly FolderFile[], memory: Uint8Array<SharedArrayBuffer>) => {
      const orders = batch.map(({ path, size }) => ({ ...listed.of(path), size }));
      const small = await pool.small(orders, memory, platform);
      return small.map((file): Loaded => (file === "large" ? undefined : { file }));
    };
    for await (const { file, loaded } of lookAhead(packSmall, files, pool.ordersAhead, options.signal)) {
      const entry = names.of(join(name, file.path));
      const added = await archive.add(() => listed.open(file.path), entry, file.size, {
        loaded,
        lookedThrough: basename(file.path),
      });
      if (added === undefined) leftOut.push(file.path);
      else if (added.secret !== undefined)
        secrets.push({ path: file.path, what: secretInWords(added.secret) });
    }
    for (const { path, mtimeMs } of emptyFolders)
      await archive.addFolder(names.ofFolder(join(name, path)), mtimeMs);
    if (leftOut.length === files.length)
      throw new FreightError("file-unreadable", t("Nothing in “{0}” can be read anymore.", name));
    return { leftOut, secrets };
  });
}

/**
 * Packs one file.
 * @param name of the file in the archive
 * @throws as `packFolder` does, and `file-changed` or `file-unreadable` when the file cannot be read whole
 */
export async function packFile(path: string, options: PackOptions, name = basename(path)): Promise<Packed> {
  const unreadable = (reason: unknown) => {
    throw fileError(path, reason);
  };
  // A link that a person chose stands for its file; nobody has chosen one inside a folder.
  const real = openable(await realPath(path).catch(unreadable), path);
  const handle = await openFile(real).catch(unreadable);
  const { size } = await handle.stat().finally(() => handle.close());
  return writeArchive(name, size, options, async (archive) => {
    // The person chose it, and was asked before if it looks like a secret.
    if ((await archive.add(() => openFile(real), new EntryNames().of(name), size)) !== undefined)
      return { leftOut: [], secrets: [] };
    throw new FreightError("file-changed", t("“{0}” changed while it was compressed.", name));
  });
}

export function folderEmpty(folder: string): FreightError {
  return new FreightError(
    "folder-empty",
    t("“{0}” has no files in it: there is nothing to send.", basename(folder)),
  );
}

async function writeArchive(
  name: string,
  total: number,
  options: PackOptions,
  fill: (archive: Archive, pool: DeflatePool) => Promise<Omit<Packed, "bytes">>,
): Promise<Packed> {
  const { target, maxBytes, signal } = options;
  signal.throwIfAborted();
  const pool = new DeflatePool(options.threadProgram);
  // The thread's current work is of no use any more.
  const stop = () => void pool.close();
  signal.addEventListener("abort", stop);
  try {
    const output = await open(target, "wx", 0o600);
    try {
      const archive = new Archive(name, total, new ZipWriter(output), pool, options);
      const filled = await fill(archive, pool).catch((reason: unknown) => {
        signal.throwIfAborted();
        throw reason;
      });
      signal.throwIfAborted();
      const bytes = await archive.zip.finish();
      if (bytes > maxBytes) throw archive.tooLarge(bytes);
      return { bytes, ...filled };
    } finally {
      await output.close();
    }
  } catch (reason) {
    // Files that cannot be read never get here: it is the disk that is written to.
    if (reason instanceof Error && "code" in reason && (reason.code === "ENOSPC" || reason.code === "EDQUOT"))
      throw new FreightError(
        "disk-full",
        t("There is not enough space on the disk for a zip of “{0}”.", name),
        { cause: reason },
      );
    throw reason;
  } finally {
    signal.removeEventListener("abort", stop);
    await pool.close();
  }
}

/** A file that is in the archive, and what secret it seems to contain, if any. */
type Added = Pick<Deflated, "secret">;

/** One archive that is being made. */
class Archive {
  readonly zip: ZipWriter;
  readonly #name: string;
  readonly #total: number;
  readonly #options: PackOptions;
  readonly #large: LargeFiles;
  #read = 0;

  constructor(name: string, total: number, zip: ZipWriter, pool: DeflatePool, options: PackOptions) {
    this.#large = new LargeFiles(pool, options.signal);
    this.#name = name;
    this.#total = total;
    this.zip = zip;
    this.#options = options;
  }

  /** @returns undefined when the file could not be read whole, and is not in the archive */
  async add(
    open: () => Promise<FileHandle>,
    entry: string,
    listed: number,
    { loaded, lookedThrough }: { readonly loaded?: Loaded; readonly lookedThrough?: string } = {},
  ): Promise<Added | undefined> {
    const before = this.#read;
    const added =
      loaded === undefined
        ? await this.#stream(open, entry, lookedThrough)
        : await this.#write(entry, loaded.file);
    // The size that was listed counts as read, whatever became of the file.
    this.#note(before + listed);
    return added;
  }

  /** Adds an empty folder. @param entry ends with a slash */
  async addFolder(entry: string, mtimeMs: number): Promise<void> {
    await this.zip.addSmall({ name: entry, mtimeMs, mode: 0o755, size: 0 }, Buffer.alloc(0), NOTHING);
  }

  tooLarge(bytes: number): FreightError {
    const { maxBytes } = this.#options;
    const isWhole = this.#read >= this.#total;
    return new FreightError(
      "archive-too-large",
      isWhole
        ? t(
            "The zip of “{0}” is {1}; the limit is {2}.",
            this.#name,
            bytesInFull(bytes),
            bytesInFull(maxBytes),
          )
        : t(
            "The zip of “{0}” is too large: it reached {1} after {2} of {3}; the limit is {4}.",
            this.#name,
            bytesInFull(bytes),
            formatBytes(this.#read),
            formatBytes(this.#total),
            bytesInFull(maxBytes),
          ),
    );
  }

  async #write(entry: string, file: SmallFile | undefined): Promise<Added | undefined> {
    this.#options.signal.throwIfAborted();
    if (file === undefined) return undefined;
    const { content, deflated, mtimeMs, mode } = file;
    await this.zip.addSmall({ name: entry, mtimeMs, mode, size: content.length }, content, deflated);
    this.#assertFits();
    return deflated;
  }

  async #stream(
    open: () => Promise<FileHandle>,
    entry: string,
    lookedThrough: string | undefined,
  ): Promise<Added | undefined> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const handle = await open().catch(() => undefined);
    if (handle === undefined) return undefined;
    try {
      const { size, mtimeMs, mode: asTold } = await handle.stat();
      // If it cannot be read, it is left out below.
      const head = await readAt(handle, 0, MODE_BYTES).catch(() => Buffer.alloc(0));
      const mode = entryMode(asTold, head, this.#options.platform ?? process.platform);
      const item = { name: entry, mtimeMs, mode, size };
      let secret: SecretFinding | undefined;
      const blocks = this.#large.blocks(handle, size, mtimeMs, lookedThrough);
      const told = ({ deflated }: PackedBlock) => {
        secret ??= deflated.secret;
      };
      // It may have been emptied since it was listed.
      if (size === 0) await this.zip.addSmall(item, Buffer.alloc(0), NOTHING);
      else await this.zip.addLarge(item, this.#blocks(blocks, told));
      return { secret };
    } catch (reason) {
      if (reason === CHANGED) return undefined;
      throw reason;
    } finally {
      await handle.close();
    }
  }

  async *#blocks(blocks: AsyncIterable<PackedBlock>, told: (block: PackedBlock) => void) {
    for await (const block of blocks) {
      this.#note(this.#read + block.bytes.length);
      told(block);
      yield block;
      this.#assertFits();
    }
  }

  /** An archive that is already too large is not finished. */
  #assertFits(): void {
    if (this.zip.bytes > this.#options.maxBytes) throw this.tooLarge(this.zip.bytes);
  }

  #note(read: number): void {
    this.#read = read;
    this.#options.onRead(read);
  }
}
