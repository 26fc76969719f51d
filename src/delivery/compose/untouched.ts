/** What of an unsent mail somebody would miss. */
import { createHash } from "node:crypto";
import type { Form } from "../../shared/contract.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

/** Stands for the texts of a form without keeping them twice: a text may be ten megabytes long. */
export function fingerprint({ revision: _, ...texts }: Form): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(texts).sort()))
    .digest("hex");
}

/**
 * True when the mail has no files and reads as the settings alone made it. What a document, an assistant or another
 * extension has filled in is somebody's: it is never taken for untouched, and neither is a record of before.
 */
export function isUntouched({ attachments, blank, form }: DeliveryRecord): boolean {
  return attachments.length === 0 && blank !== null && blank === fingerprint(form);
}
