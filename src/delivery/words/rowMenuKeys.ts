/** What the menus of a row of "Sessions" offer, as keys for their `when` clauses. What a row says is in `describeAttachment.ts`. */
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isDiscardable, isFinished } from "../record/queries.ts";
import { describeWays } from "./describe.ts";
import { describeAttachment } from "./describeAttachment.ts";

/**
 * @param attachment undefined for the row of a mail without files
 * @param now milliseconds since the epoch
 */
export function rowMenuKeys(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord | undefined,
  now: number,
): string[] {
  const { cancelScheduled, sendAgainTo } = describeWays(delivery);
  return [
    "session",
    ...(attachment === undefined ? [] : fileWords(delivery, attachment, now)),
    ...partingWords(delivery),
    ...(cancelScheduled ? ["cancellable"] : []),
    ...(sendAgainTo ? ["sendAgainTo"] : []),
  ];
}

/** How a mail goes out of the list: what was not sent is lost with its row, and is not called history. */
function partingWords(delivery: DeliveryRecord): string[] {
  if (!isDiscardable(delivery)) return [];
  return isFinished(delivery) || delivery.phase === "scheduled" ? ["forget"] : ["discard"];
}

function fileWords(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): string[] {
  const { status, actions } = describeAttachment(delivery, attachment, now);
  return [status, ...actions, ...(attachment.session?.attachmentId == null ? [] : ["hasAttachmentId"])];
}
