/** What the rows of the tree "Sessions" offer: the words that `when` clauses of its menus look for. Pure. */
import { type AttachmentRecord, type DeliveryRecord, isDiscardable } from "./delivery.ts";
import { describeWays } from "./describe.ts";
import { describeAttachment } from "./describeAttachment.ts";

/**
 * @param attachment undefined for the row of a mail without files
 * @param now milliseconds since the epoch
 */
export function rowWords(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord | undefined,
  now: number,
): string[] {
  const { cancelScheduled, sendAgainTo } = describeWays(delivery);
  return [
    "session",
    ...(attachment === undefined ? [] : fileWords(delivery, attachment, now)),
    ...(isDiscardable(delivery) ? ["forget"] : []),
    ...(cancelScheduled ? ["cancellable"] : []),
    ...(sendAgainTo ? ["sendAgainTo"] : []),
  ];
}

function fileWords(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): string[] {
  const { status, actions } = describeAttachment(delivery, attachment, now);
  return [status, ...actions, ...(attachment.session?.attachmentId == null ? [] : ["hasAttachmentId"])];
}
