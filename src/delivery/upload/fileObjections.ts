/** What speaks against a file as it is: it is not the one that was uploaded, or not the one that a person agreed to. */
import { FreightError } from "../../base/errors.ts";
import { sha256Of } from "../../files/contentHash.ts";
import {
  fileChangedForGood,
  fileChangedInParts,
  fileChangedSince,
  fileChangedUnsent,
} from "../../files/fileTrouble.ts";
import { compareVersions, type FileVersion } from "../../files/fileVersion.ts";
import type { FileCarrier } from "../../services/mailService.ts";
import type { Open, OpenSource } from "../ports/enginePorts.ts";
import type { AgreedVersion } from "../record/agreement.ts";
import type { AttachmentRecord } from "../record/delivery.ts";

export class FileObjections {
  readonly #open: Open;

  constructor(open: Open) {
    this.#open = open;
  }

  /**
   * Why a file that is ready must not go as it is: it is another one by now than what was uploaded. One that is gone, or
   * cannot be read any more, may go where it was uploaded: that is whole. So may a part, for no newer one fits the others.
   */
  async to(
    attachment: AttachmentRecord,
    { carriesFiles = false }: FileCarrier,
    signal: AbortSignal,
  ): Promise<FreightError | undefined> {
    const { path, versionKept, grows, part } = attachment;
    if ((versionKept || grows || part !== undefined) && !carriesFiles) return undefined;
    try {
      if (!(await this.#isOutdated(attachment, signal))) return undefined;
    } catch (reason) {
      if (!(reason instanceof FreightError)) throw reason;
      if (carriesFiles)
        return part !== undefined && isFileChanged(reason) ? fileChangedInParts(path) : reason;
      if (!reason.is("file-empty", "file-is-folder")) return undefined;
    }
    if (part !== undefined) return fileChangedInParts(path);
    return carriesFiles ? fileChangedUnsent(path) : fileChangedSince(path);
  }

  /** @throws FreightError when it cannot be read */
  async #isOutdated(attachment: AttachmentRecord, signal: AbortSignal): Promise<boolean> {
    const source = await this.#open(attachment, Number.MAX_SAFE_INTEGER);
    try {
      return !(await isVersion(source, attachment, attachment.checkpoint?.sha256 ?? null, signal));
    } finally {
      await source.close();
    }
  }
}

/** Whatever a session is started or continued for: only what a person has agreed to may go into it. */
export async function assertAgreed(
  source: OpenSource,
  agreed: AgreedVersion | null,
  signal: AbortSignal,
): Promise<void> {
  if (agreed === null || (await isVersion(source, agreed, agreed.sha256, signal))) return;
  throw fileChangedForGood(source.path, agreed.sha256 !== null);
}

/** The same of what has been uploaded. @param sha256 of it */
export function assertUploadAgreed(source: OpenSource, agreed: AgreedVersion | null, sha256: string): void {
  if (agreed === null) return;
  const isAgreed =
    agreed.sha256 === null ? compareVersions(source.version, agreed) === "same" : agreed.sha256 === sha256;
  if (!isAgreed) throw fileChangedForGood(source.path, agreed.sha256 !== null);
}

/**
 * Whether a file is the version that was seen before. One to which something has happened is compared by its bytes.
 * @param sha256 of that version, hexadecimal; null while nobody knows it: then whatever happened to the file counts
 */
async function isVersion(
  source: OpenSource,
  version: FileVersion,
  sha256: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (source.version.size !== version.size) return false;
  if (compareVersions(source.version, version) === "same") return true;
  if (sha256 === null) return false;
  return (await sha256Of(source, signal)) === sha256;
}

export function isFileChanged(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("file-changed");
}
