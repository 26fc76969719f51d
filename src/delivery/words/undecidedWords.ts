/** Files of a mail that wait for a person's decision: how many, and what can be done about all at once. */
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { shortened } from "../record/describeMail.ts";
import { isPracticeMail } from "../record/practiceWords.ts";
import { areShared, isOpen } from "../record/queries.ts";
import { asksVersion } from "./fileActions.ts";

/** @param among ids of the files that the person saw: one that failed since is not part of the decision */
export function undecided(
  { attachments }: Pick<DeliveryRecord, "attachments">,
  among?: readonly string[],
): readonly AttachmentRecord[] {
  return attachments.filter(
    ({ id, status }) => ["failed", "cancelled", "paused"].includes(status) && (among?.includes(id) ?? true),
  );
}

/** @param files the undecided ones, at least one */
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

/** Buttons in place of Send, which would do nothing without a decision. Undefined if none is needed. */
export function describeUndecided(delivery: DeliveryRecord): PanelSnapshot["send"]["undecided"] {
  const files = undecided(delivery);
  const [only] = files;
  if (only === undefined || !isOpen(delivery) || delivery.event !== null || delivery.accountId === null)
    return undefined;
  // A file that needs something else would fail again; which version is meant is asked in the file's row.
  const canRetry = files.every(({ error }) => error === null || [null, "retry"].includes(error.remedy));
  const hasOthers = files.length < delivery.attachments.length;
  // Images of the text are removed by the text; files that other mails of the set refer to must stay.
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
