/** Why a file must not go as it is: it is not what was uploaded, or not what a person agreed to. */
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
   * Why a ready file must not go as it is: it has changed since it was uploaded. Undefined when it may go.
   * An uploaded file that is gone or unreadable may, because the service has all of it; so may an uploaded
   * part of a split file, because a newer one would not fit the others.
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

/** Only what a person has agreed to may go into a session, new or resumed. @throws FreightError otherwise */
export async function assertAgreed(
  source: OpenSource,
  agreed: AgreedVersion | null,
  signal: AbortSignal,
): Promise<void> {
  if (agreed === null || (await isVersion(source, agreed, agreed.sha256, signal))) return;
  throw fileChangedForGood(source.path, agreed.sha256 !== null);
}

/** The same for an uploaded file. @param sha256 of the uploaded bytes, hexadecimal @throws FreightError */
export function assertUploadAgreed(source: OpenSource, agreed: AgreedVersion | null, sha256: string): void {
  if (agreed === null) return;
  const isAgreed =
    agreed.sha256 === null ? compareVersions(source.version, agreed) === "same" : agreed.sha256 === sha256;
  if (!isAgreed) throw fileChangedForGood(source.path, agreed.sha256 !== null);
}

/**
 * Whether a file is still the given version. If its metadata differ, its bytes are compared.
 * @param sha256 of that version, hexadecimal; null when not known: then other metadata mean another version
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
