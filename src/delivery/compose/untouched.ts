/** What of an unsent mail somebody would miss. */
import { createHash } from "node:crypto";
import type { Form } from "../../shared/contract/form.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";

/**
 * Stands for the texts of a form, and the files with it, without keeping them twice: a text may be ten megabytes long.
 * An image that the text shows comes and goes with the text.
 */
export function fingerprint(
  { revision: _, ...texts }: Form,
  files: readonly Pick<AttachmentRecord, "id" | "name" | "inline">[],
): string {
  const named = files.filter(({ inline }) => inline === null).map(({ id, name }) => [id, name]);
  return createHash("sha256")
    .update(JSON.stringify([Object.entries(texts).sort(), named]))
    .digest("hex");
}

/**
 * True when the mail reads as the settings alone made it, with the files that it began with: a slip of the mouse makes as
 * much. What a document, an assistant or another extension has filled in is somebody's: it is never taken for untouched,
 * and neither is a record of before.
 */
export function isUntouched({ attachments, blank, form }: DeliveryRecord): boolean {
  return blank !== null && blank === fingerprint(form, attachments);
}
