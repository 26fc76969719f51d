/** Sends a panel the SHA-256 of its files while it wants them: known ones at once, others one by one. */

import { FreightError, isCancellation } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { HashedFile } from "../../files/fileHash.ts";
import type { FileVersion } from "../../files/fileVersion.ts";
import type { ToPanel } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";

type HashesMessage = Extract<ToPanel, { type: "hashes" }>;
type FileHash = HashesMessage["files"][number];

export interface HashFeedOptions {
  readonly find: () => DeliveryRecord | undefined;
  readonly post: (message: HashesMessage) => void;
  readonly hash: (path: string, signal: AbortSignal) => Promise<HashedFile>;
  readonly log: Log;
}

export class HashFeed {
  readonly #options: HashFeedOptions;
  /** By attachment ID: hashes of files not uploaded yet, read for this. */
  readonly #read = new Map<string, Omit<FileHash, "name"> & Pick<FileVersion, "size" | "mtimeMs">>();
  #round: AbortController | undefined;
  /** The files of this round. Most changes of a mail are only upload progress. */
  #told = "";

  constructor(options: HashFeedOptions) {
    this.#options = options;
  }

  /** Starts or stops. */
  show(shown: boolean): void {
    this.#round?.abort();
    this.#round = undefined;
    this.#read.clear();
    if (shown) void this.#tell();
  }

  /** Starts over if the mail has other files now. */
  update(): void {
    if (this.#round !== undefined && this.#told !== this.#files()) void this.#tell();
  }

  /** The known hashes, one line per file, in the format of `sha256sum`. */
  get lines(): string {
    const files = this.#options.find()?.attachments.map((attachment) => this.#known(attachment)) ?? [];
    return files.flatMap(({ name, sha256 }) => (sha256 === null ? [] : [`${sha256}  ${name}\n`])).join("");
  }

  dispose(): void {
    this.#round?.abort();
    this.#round = undefined;
  }

  async #tell(): Promise<void> {
    this.#round?.abort();
    const round = new AbortController();
    this.#round = round;
    this.#told = this.#files();
    this.#post();
    for (const attachment of this.#options.find()?.attachments ?? []) {
      const { id, path, size, mtimeMs, part } = attachment;
      if (isKnown(attachment) || part !== undefined || this.#readOf(attachment) !== undefined) continue;
      try {
        const found = await this.#options.hash(path, round.signal);
        const isSame = found.size === size && found.mtimeMs === mtimeMs;
        const note = isSame ? "" : t("changed since it was added");
        this.#read.set(id, { sha256: found.sha256, note, size, mtimeMs });
      } catch (reason) {
        if (isCancellation(reason)) return;
        this.#options.log.info(explain(reason));
        const isMoving = reason instanceof FreightError && reason.is("file-changed");
        const note = isMoving ? t("changed while it was read") : t("cannot be read");
        this.#read.set(id, { sha256: null, note, size, mtimeMs });
      }
      if (round.signal.aborted) return;
      this.#post();
    }
  }

  #files(): string {
    const attachments = this.#options.find()?.attachments ?? [];
    return JSON.stringify(
      attachments.map((attachment) => [
        attachment.id,
        attachment.name,
        attachment.size,
        attachment.mtimeMs,
        isKnown(attachment),
      ]),
    );
  }

  #post(): void {
    const attachments = this.#options.find()?.attachments ?? [];
    this.#options.post({ type: "hashes", files: attachments.map((attachment) => this.#known(attachment)) });
  }

  #known(attachment: AttachmentRecord): FileHash {
    const { name, checkpoint, part, agreed } = attachment;
    if (isKnown(attachment)) return { name, sha256: checkpoint?.sha256 ?? null, note: "" };
    // Its hash was computed when the file was split.
    if (part !== undefined) return { name, sha256: agreed?.sha256 ?? null, note: "" };
    const { sha256 = null, note = t("being read…") } = this.#readOf(attachment) ?? {};
    return { name, sha256, note };
  }

  /** The hash, if read from the version in the mail: the mail may have taken a newer one since. */
  #readOf({ id, size, mtimeMs }: AttachmentRecord) {
    const read = this.#read.get(id);
    return read?.size === size && read.mtimeMs === mtimeMs ? read : undefined;
  }
}

/** Recipients get what was uploaded, whatever the file contains by now. */
function isKnown({ checkpoint, size }: AttachmentRecord): boolean {
  return checkpoint !== null && checkpoint.bytes === size;
}
