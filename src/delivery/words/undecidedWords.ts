/** Files of a mail that go no further unless a person says so: how many, and what can be done at once about all of them. */
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { shortened } from "../record/describeMail.ts";
import { isPracticeMail } from "../record/practiceWords.ts";
import { areShared, isOpen } from "../record/queries.ts";
import { asksVersion } from "./fileActions.ts";

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
export function undecidedHeadline(files: readonly AttachmentRecord[]): string {
  // A retry would not say which version is meant.
  if (files.every(asksVersion))
    return plural(
      files.length,
      "{0} file needs your attention: choose a version.",
      "{0} files need your attention: choose their versions.",
    );
  if (files.some(asksVersion))
    return t("{0} files need your attention: decide on each of them.", files.length);
  const arePaused = files.every(({ status }) => status === "paused");
  return arePaused
    ? plural(
        files.length,
        "{0} file needs your attention: resume or remove it.",
        "{0} files need your attention: resume or remove them.",
      )
    : plural(
        files.length,
        "{0} file needs your attention: retry or remove it.",
        "{0} files need your attention: retry or remove them.",
      );
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
  return {
    retry: canRetry ? retryLabel(delivery, files) : null,
    without: canGo ? withoutLabel(delivery, files, only) : null,
    files: files.map(({ id }) => id),
  };
}

function retryLabel(delivery: DeliveryRecord, files: readonly AttachmentRecord[]): string {
  const arePaused = files.every(({ status }) => status === "paused");
  if (isPracticeMail(delivery))
    return arePaused ? t("Resume and Send to Practice Mailbox") : t("Retry and Send to Practice Mailbox");
  return arePaused ? t("Resume and Send") : t("Retry and Send");
}

function withoutLabel(
  delivery: DeliveryRecord,
  { length: count }: readonly AttachmentRecord[],
  only: AttachmentRecord,
): string {
  const isPractice = isPracticeMail(delivery);
  if (count === 1) {
    const name = shortened(only.name);
    return isPractice ? t("Send to Practice Mailbox Without “{0}”", name) : t("Send Without “{0}”", name);
  }
  return isPractice
    ? t("Send to Practice Mailbox Without {0} Files", count)
    : t("Send Without {0} Files", count);
}
