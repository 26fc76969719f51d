/** Zips what cannot be attached as it is, after asking: folders, and files that are too large. */
import { basename } from "node:path";
import { FreightError } from "../../../base/errors.ts";
import type { AttachmentRecord } from "../../../delivery/record/delivery.ts";
import type { SecretAnswer, SecretDoor } from "../../../delivery/rules/secretDoor.ts";
import { remedyLabel } from "../../../delivery/words/problemWords.ts";
import type { FileLimit } from "../../../delivery/words/sendMethod.ts";
import type { FileVersion } from "../../../files/fileVersion.ts";
import type { FolderListing } from "../../../files/folder/folderWalk.ts";
import { distinctFiles } from "../../../files/samePath.ts";
import type { FileCopy } from "../../../files/stillFile.ts";
import { type Archive, safeName } from "../../../files/zip/archives.ts";
import type { FoundSecret } from "../../../files/zip/packing.ts";
import { sentences, t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import type { Notifier } from "../../notices/notify.ts";
import { ArchiveMaker, type ArchiveMakerOptions } from "./archiveMaker.ts";
import { chooseContent, tellLeftOut } from "./folderChoice.ts";

export interface PackerOptions extends ArchiveMakerOptions {
  /** Asks about secrets in folders, and is told which archives were asked about. */
  readonly secretDoor: Pick<SecretDoor, "ask" | "vouch">;
  /** @throws FreightError as `inspectFile` */
  readonly inspect: (path: string, limit: FileLimit) => Promise<FileVersion>;
  /** Copies a file that keeps changing. @throws as `ArchiveKeeper.takeCopy` */
  readonly takeCopy: (path: string) => Promise<FileCopy>;
  readonly isTrusted: () => boolean;
  /** The Git that VS Code uses; undefined when it uses none. */
  readonly git?: () => Promise<string | undefined>;
  readonly dialogs: Dialogs;
  readonly notifier: Pick<Notifier, "failed" | "offer">;
}

/** A file, and its name in the zip. */
type Packable = Pick<AttachmentRecord, "path" | "name">;

/** Attaches files to a mail. */
type Give = (paths: readonly string[]) => Promise<void>;

export class Packer {
  readonly #options: PackerOptions;
  readonly #maker: ArchiveMaker;

  constructor(options: PackerOptions) {
    this.#options = options;
    this.#maker = new ArchiveMaker(options);
  }

  /**
   * Gives what can be attached: files as they are, folders as zips if the person agrees. For a file that is
   * too large a zip is offered, and given later if wanted; the others do not wait for it.
   * @param limit of the account that the mail is sent from
   */
  async handOver(paths: readonly string[], limit: FileLimit, give: Give): Promise<void> {
    const ready: string[] = [];
    const tooLarge: { path: string; error: FreightError }[] = [];
    const made: Archive[] = [];
    for (const path of await distinctFiles(paths)) {
      const problem = await this.#problemOf(path, limit);
      if (problem?.is("file-too-large")) tooLarge.push({ path, error: problem });
      else if (!problem?.is("file-is-folder")) ready.push(path);
      else {
        const archive = await this.#folder(path, limit.bytes);
        if (archive === undefined) continue;
        ready.push(archive.path);
        made.push(archive);
      }
    }
    try {
      if (ready.length > 0 || paths.length === 0) await give(ready);
    } finally {
      for (const archive of made) await this.#maker.letGo(archive);
    }
    for (const { path, error } of tooLarge) void this.#offer(path, error, limit.bytes, give);
  }

  /** Stops all work under way, and leaves nothing of it on the disk. */
  stop(): Promise<void> {
    return this.#maker.stop();
  }

  async #problemOf(path: string, limit: FileLimit): Promise<FreightError | undefined> {
    try {
      await this.#options.inspect(path, limit);
      return undefined;
    } catch (reason) {
      if (reason instanceof FreightError) return reason;
      throw reason;
    }
  }

  /** Asks, then packs. @returns undefined when there is no archive; the person then knows why */
  async #folder(path: string, maxBytes: number) {
    try {
      const { packFolder, folderEmpty } = await import("../../../files/zip/packing.ts");
      const { leaveOut } = await import("../../../files/folder/folderWalk.ts");
      let listing = await chooseContent(maxBytes, {
        dialogs: this.#options.dialogs,
        isTrusted: this.#options.isTrusted(),
        list: (useIgnoreFiles) => this.#list(path, useIgnoreFiles),
        empty: () => folderEmpty(path),
      });
      while (listing !== undefined) {
        const chosen: FolderListing = listing;
        const archive = await this.#maker.make(
          { name: basename(path), origin: path, total: chosen.bytes },
          maxBytes,
          (options) => packFolder(chosen, options),
        );
        const { leftOut, secrets } = archive.packed;
        const answer = await this.#askAboutSecrets(chosen, secrets);
        if (answer === "attach") {
          this.#options.secretDoor.vouch(archive.path);
          if (leftOut.length > 0) await tellLeftOut(this.#options.dialogs, path, leftOut);
          return archive;
        }
        await this.#maker.letGo(archive);
        listing =
          answer === "leaveOut" ? leaveOut(chosen, new Set(secrets.map((secret) => secret.path))) : undefined;
      }
      return undefined;
    } catch (reason) {
      this.#options.notifier.failed(reason);
      return undefined;
    }
  }

  /** Asks after packing, as only reading the files reveals secrets. Nothing has left the machine yet. */
  async #askAboutSecrets({ files }: FolderListing, secrets: readonly FoundSecret[]): Promise<SecretAnswer> {
    if (secrets.length === 0) return "attach";
    const { shown } = await import("../../../files/folder/folderWords.ts");
    const named = secrets.map(({ path, what }) => ({ name: shown(path), what }));
    return this.#options.secretDoor.ask(named, secrets.length < files.length);
  }

  async #list(path: string, useIgnoreFiles: boolean): Promise<FolderListing> {
    const { listFolder } = await import("../../../files/folder/folderWalk.ts");
    const git = useIgnoreFiles ? await this.#options.git?.() : null;
    return this.#maker.withProgress(t("Looking through {0}", basename(path)), (signal, report) =>
      listFolder(path, { useIgnoreFiles, git, signal, onSeen: (files) => report(t("{0} files", files)) }),
    );
  }

  /** Offers to compress a file, with an estimate of the result. */
  async #offer(path: string, error: FreightError, maxBytes: number, give: Give): Promise<void> {
    const { notifier, archives, settle } = this.#options;
    // A file made for a mail is deleted if no mail takes it, but not before the person has answered.
    const release = archives.hold(path);
    try {
      const { estimateZip, describeEstimate, verdict } = await import("../../../files/zip/zipEstimate.ts");
      const estimate = await this.#maker.track(estimateZip(path, this.#maker.signal));
      const words = describeEstimate(estimate, maxBytes);
      if (verdict(estimate, maxBytes) === "no")
        return notifier.failed(
          new FreightError(error.code, sentences(error.message, words), { cause: error }),
        );
      if (!(await notifier.offer(error, words, t("Compress and Send")))) return;
      await this.zip({ path, name: basename(path) }, maxBytes, (archive) => give([archive]));
    } catch (reason) {
      notifier.failed(reason);
    } finally {
      release();
      await settle(path);
    }
  }

  /**
   * Zips a file that is too large for its mail, and gives the zip, unless a sample shows that it will not
   * fit.
   * @throws FreightError `archive-too-large` and others, or an AbortError on Cancel
   */
  async compress(file: Packable, maxBytes: number, give: (archive: string) => Promise<void>): Promise<void> {
    const { estimateZip, describeEstimate, verdict } = await import("../../../files/zip/zipEstimate.ts");
    const estimate = await this.#maker.track(estimateZip(file.path, this.#maker.signal));
    if (verdict(estimate, maxBytes) === "no")
      throw new FreightError("archive-too-large", describeEstimate(estimate, maxBytes));
    await this.zip(file, maxBytes, give);
  }

  /**
   * Zips a file, and gives the zip, if a sample says that it is worth it.
   * @returns false if it is not: then nothing was done
   * @throws as `zip` does
   */
  async shrink(file: Packable, maxBytes: number, give: (archive: string) => Promise<void>): Promise<boolean> {
    const { estimateZip, pays } = await import("../../../files/zip/zipEstimate.ts");
    if (!pays(await this.#maker.track(estimateZip(file.path, this.#maker.signal)))) return false;
    await this.zip(file, maxBytes, give);
    return true;
  }

  /** Makes an archive of its origin again, a folder or a file, and gives it. @throws as `zip` does */
  async again(origin: string, maxBytes: number, give: (archive: string) => Promise<void>): Promise<void> {
    const problem = await this.#problemOf(origin, { bytes: Number.MAX_SAFE_INTEGER });
    if (!problem?.is("file-is-folder"))
      return this.zip({ path: origin, name: basename(origin) }, maxBytes, give);
    const archive = await this.#folder(origin, maxBytes);
    if (archive === undefined) return;
    try {
      await give(archive.path);
    } finally {
      await this.#maker.letGo(archive);
    }
  }

  /** Zips a file, and gives the zip. @throws FreightError, or an AbortError on Cancel */
  async zip(
    { path, name }: Packable,
    maxBytes: number,
    give: (archive: string) => Promise<void>,
  ): Promise<void> {
    const { size } = await this.#options.inspect(path, { bytes: Number.MAX_SAFE_INTEGER });
    const { packFile } = await import("../../../files/zip/packing.ts");
    const packAt = (at: string) =>
      this.#maker.make({ name: safeName(name), origin: path, total: size }, maxBytes, (options) =>
        packFile(at, options, name),
      );
    const archive = await packAt(path).catch((reason: unknown) => this.#packCopy(path, reason, packAt));
    try {
      await give(archive.path);
    } finally {
      await this.#maker.letGo(archive);
    }
  }

  /**
   * Offers to pack a copy of a file that changed while packed.
   * @throws the reason if it is another; an AbortError if declined
   */
  async #packCopy<T>(path: string, reason: unknown, packAt: (copy: string) => Promise<T>): Promise<T> {
    const { notifier, takeCopy } = this.#options;
    if (!(reason instanceof FreightError && reason.is("file-changed"))) throw reason;
    if (!(await notifier.offer(reason, "", remedyLabel("sendAsItIs"))))
      throw new DOMException("It was told, and nothing is wanted.", "AbortError");
    const copy = await this.#maker.track(takeCopy(path));
    try {
      return await packAt(copy.path);
    } finally {
      await copy.letGo();
    }
  }
}
