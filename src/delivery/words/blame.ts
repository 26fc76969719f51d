/** A mail that could not leave because of one of its files. */
import { type FreightError, toSavedError } from "../../base/errors.ts";
import { fileChangedInParts } from "../../files/fileTrouble.ts";
import type { DeliveryStore } from "../store/store.ts";

/**
 * Gives a failure to the file that is to blame for it: nothing was sent, and the mail waits for a decision on it.
 * @returns false when no file is
 */
export function blame(store: DeliveryStore, deliveryId: string, error: FreightError): boolean {
  const blamed = store.get(deliveryId).attachments.filter(({ path }) => path === error.path);
  if (blamed.length === 0 || error.mayHaveActed) return false;
  store.apply(deliveryId, { type: "sendHalted" });
  for (const { id, part, path } of blamed) {
    // A part of another version would fit none of the others.
    const reason = part !== undefined && error.is("file-changed") ? fileChangedInParts(path) : error;
    store.apply(deliveryId, {
      type: "attachment",
      attachmentId: id,
      event: { type: "failed", error: toSavedError(reason) },
    });
  }
  return true;
}
