/**
 * Which version of a file a person has agreed to send. Pure. It outlives the upload session: an upload that
 * starts again (expired session, another account, a restart days later) may carry only this version.
 */
import * as z from "zod";
import type { HashCheckpoint } from "../../files/contentHash.ts";
import { type FileVersion, versionOf } from "../../files/fileVersion.ts";

export const AgreedVersion = z.object({
  size: z.number(),
  mtimeMs: z.number(),
  ctimeMs: z.number().nullable(),
  ino: z.number().nullable(),
  /** Hexadecimal; null until an upload has read the whole file. */
  sha256: z.string().nullable(),
});
export type AgreedVersion = z.infer<typeof AgreedVersion>;

/** The part of an attachment's record that describes its file. */
interface Uploaded extends FileVersion {
  readonly checkpoint: HashCheckpoint | null;
  readonly session: { readonly completeAsked: boolean } | null;
}

/** The version that was uploaded completely and found consistent; null while there is none. */
export function uploadedVersion(attachment: Uploaded): AgreedVersion | null {
  const { size, checkpoint, session } = attachment;
  const isWhole = checkpoint?.bytes === size && session?.completeAsked === true;
  return isWhole ? { ...versionOf(attachment), sha256: checkpoint.sha256 } : null;
}

/**
 * Records what Send agrees to: the version that was uploaded; else the one agreed to before, if its hash is
 * known; else the file as it is now.
 * @param seen the file's present version; undefined: the one in its record
 */
export function agreedTo<T extends Uploaded & { readonly agreed: AgreedVersion | null }>(
  attachment: T,
  seen?: FileVersion,
): T {
  const known = attachment.agreed?.sha256 == null ? null : attachment.agreed;
  const agreed = uploadedVersion(attachment) ?? known ?? { ...(seen ?? versionOf(attachment)), sha256: null };
  return { ...attachment, agreed };
}
