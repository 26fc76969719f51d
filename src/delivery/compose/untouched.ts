/** Whether anybody would miss an unsent mail. */
import { createHash } from "node:crypto";
import type { Form } from "../../shared/contract/form.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";

/**
 * Identifies the texts and files of a mail without keeping them twice: a text may be ten megabytes long.
 * Images that the text shows are left out: they come and go with the text.
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
 * True while a mail has only what the settings put into it, and the files that it began with: a slip of the
 * mouse makes as much. One filled in by a document, an assistant or another extension is never untouched; nor
 * is an older record.
 */
export function isUntouched({ attachments, blank, form }: DeliveryRecord): boolean {
  return blank !== null && blank === fingerprint(form, attachments);
}
