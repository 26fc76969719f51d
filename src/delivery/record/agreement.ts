/**
 * Which version of a file a person has agreed to send. Pure. It outlives the upload session: whatever begins a file
 * anew, a session that ran out, another account, a restart days later, may carry this version only.
 */
import * as z from "zod";
import type { HashCheckpoint } from "../../files/contentHash.ts";
import { type FileVersion, versionOf } from "../../files/fileVersion.ts";

export const AgreedVersion = z.object({
  size: z.number(),
  mtimeMs: z.number(),
  ctimeMs: z.number().nullable(),
  ino: z.number().nullable(),
  /** Hexadecimal; null until a first upload has read the whole file. */
  sha256: z.string().nullable(),
});
export type AgreedVersion = z.infer<typeof AgreedVersion>;

/** What an attachment's record tells of its file. */
interface Uploaded extends FileVersion {
  readonly checkpoint: HashCheckpoint | null;
  readonly session: { readonly completeAsked: boolean } | null;
}

/** What was uploaded whole, and found to be no mixture; null while there is no such thing. */
export function uploadedVersion(attachment: Uploaded): AgreedVersion | null {
  const { size, checkpoint, session } = attachment;
  const isWhole = checkpoint?.bytes === size && session?.completeAsked === true;
  return isWhole ? { ...versionOf(attachment), sha256: checkpoint.sha256 } : null;
}

/**
 * A file at the moment in which its mail was sent on its way: what was uploaded of it is agreed to; else what was agreed
 * to before and is known to the byte; else the file as it is now.
 * @param seen the file as it was just seen; undefined when that cannot be told
 */
export function agreedTo<T extends Uploaded & { readonly agreed: AgreedVersion | null }>(
  attachment: T,
  seen?: FileVersion,
): T {
  const known = attachment.agreed?.sha256 == null ? null : attachment.agreed;
  const agreed = uploadedVersion(attachment) ?? known ?? { ...(seen ?? versionOf(attachment)), sha256: null };
  return { ...attachment, agreed };
}
