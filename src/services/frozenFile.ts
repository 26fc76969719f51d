/** A file of a mail whose files travel with it, as recorded before the first try. */
import * as z from "zod";
import type { AttachmentRef } from "./mailService.ts";

export const FrozenFile = z.object({
  path: z.string(),
  start: z.number().optional(),
  name: z.string(),
  contentType: z.string(),
  size: z.number(),
  sha256: z.string(),
  contentId: z.string().nullable(),
});
export type FrozenFile = z.infer<typeof FrozenFile>;

export function frozenFiles(attachments: readonly AttachmentRef[]): FrozenFile[] {
  return attachments.map(({ contentId = null, file }) => ({ ...file, contentId }));
}
