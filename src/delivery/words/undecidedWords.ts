/** Files of a mail that go no further unless a person says so: how many, and what can be done at once about all of them. */
import type { PanelSnapshot } from "../../shared/contract.ts";
import { counted } from "../../shared/format.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { shortened } from "../record/describeMail.ts";
import { isPracticeMail, SEND_TO_PRACTICE } from "../record/practiceWords.ts";
import { areShared, isOpen } from "../record/queries.ts";

/** @param among the ids of those that somebody has seen: one that has failed since is no part of what they decided */
export function undecided(
  { attachments }: Pick<DeliveryRecord, "attachments">,
  among?: readonly string[],
): readonly AttachmentRecord[] {
  return attachments.filter(
    ({ id, status }) => ["failed", "cancelled", "paused"].includes(status) && (among?.includes(id) ?? true),
  );
}

/** @param files those that are undecided, one at least */
export function needsAttention(files: readonly AttachmentRecord[]): string {
  const arePaused = files.every(({ status }) => status === "paused");
  if (files.length === 1)
    return arePaused
      ? "1 file needs your attention: resume or remove it."
      : "1 file needs your attention: retry or remove it.";
  const count = counted(files.length, "file");
  return arePaused
    ? `${count} need your attention: resume or remove them.`
    : `${count} need your attention: retry or remove them.`;
}

/** Buttons for Send's place: without a decision nothing would be sent. Undefined where there is none to be made. */
export function describeUndecided(delivery: DeliveryRecord): PanelSnapshot["send"]["undecided"] {
  const files = undecided(delivery);
  const [only] = files;
  if (only === undefined || !isOpen(delivery) || delivery.event !== null || delivery.accountId === null)
    return undefined;
  // What asks for something else would fail as before, and which version is meant is asked in its row.
  const canRetry = files.every(({ error }) => error === null || [null, "retry"].includes(error.remedy));
  const hasOthers = files.length < delivery.attachments.length;
  // What the text shows goes when the text no longer names it; what other mails name stays.
  const isFixed = areShared(delivery) || files.some(({ part }) => part !== undefined);
  const canGo = hasOthers && !isFixed && files.every(({ inline }) => inline === null);
  const send = isPracticeMail(delivery) ? SEND_TO_PRACTICE : "Send";
  const again = files.every(({ status }) => status === "paused") ? "Resume" : "Retry";
  const what = files.length === 1 ? `“${shortened(only.name)}”` : `${files.length} Files`;
  return {
    retry: canRetry ? `${again} and ${send}` : null,
    without: canGo ? `${send} Without ${what}` : null,
    files: files.map(({ id }) => id),
  };
}
