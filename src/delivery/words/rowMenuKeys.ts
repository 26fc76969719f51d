/** Keys for the `when` clauses of row menus in "Sessions". The text of rows is in `describeAttachment.ts`. */
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isDiscardable, isFinished, linkEnding } from "../record/queries.ts";
import { describeWays } from "./describe.ts";
import { describeAttachment } from "./describeAttachment.ts";

/**
 * @param attachment the row's file; undefined for a mail that has none, or several
 * @param now milliseconds since the epoch
 * @param isMail whether the row is a mail's: that of a mail with one file stands for both
 */
export function rowMenuKeys(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord | undefined,
  now: number,
  isMail = true,
): string[] {
  const file = attachment === undefined ? [] : fileWords(delivery, attachment, now);
  if (!isMail) return ["session", ...file];
  const { cancelScheduled, sendAgainTo } = describeWays(delivery);
  return [
    "session",
    ...file,
    ...partingWords(delivery),
    ...(cancelScheduled ? ["cancellable"] : []),
    ...(sendAgainTo ? ["sendAgainTo"] : []),
  ];
}

/** How to remove a mail from the list: an unsent one is discarded, others leave the history. */
function partingWords(delivery: DeliveryRecord): string[] {
  if (!isDiscardable(delivery)) return [];
  return isFinished(delivery) || delivery.phase === "scheduled" ? ["forget"] : ["discard"];
}

function fileWords(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): string[] {
  const { status, actions, asks } = describeAttachment(delivery, attachment, now);
  return [
    status,
    ...actions,
    ...(asks ? ["asksVersion"] : []),
    ...(attachment.session?.attachmentId == null ? [] : ["hasAttachmentId"]),
    ...(attachment.link === null || linkEnding(delivery, attachment) !== undefined ? [] : ["hasLink"]),
  ];
}
