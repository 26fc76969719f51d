/**
 * The state of a mail in a sentence, as its panel shows it beside Send; and whether only a person can get it on. Its
 * row in "Sessions": `mailRow.ts`.
 */
import { unreachable } from "../../base/errors.ts";
import { formatDuration, formatMoment } from "../../shared/format.ts";
import { plural, sentences, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { shownAddress } from "../../shared/shownRecipient.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { isHeldBack } from "../record/mailSet.ts";
import { isPracticeMail } from "../record/practiceWords.ts";
import { isUnseen } from "../record/provenance.ts";
import { isRecallable, isUnderWay, standstill } from "../record/queries.ts";
import { arrivalSentence } from "./arrivalWords.ts";
import { waitWords } from "./describeAttachment.ts";
import { scheduledWords, willBe, wordsOf } from "./purposeWords.ts";
import { travelsInMail } from "./sendMethod.ts";
import { undecided, undecidedHeadline } from "./undecidedWords.ts";

/** @param mailbox the account's name */
export function headline(delivery: DeliveryRecord, now: number, mailbox?: string): string {
  switch (delivery.phase) {
    case "composing":
      if (delivery.accountId === null)
        return t("Add an account to send from; the upload then starts automatically.");
      if (isUnseen(delivery) && delivery.attachments.length > 0)
        return t("Nothing is uploaded until you click or type in this mail.");
      return isStuck(delivery) ? undecidedHeadline(undecided(delivery)) : uploadWords(delivery, now);
    case "waiting":
      if (undecided(delivery).length > 0) return undecidedHeadline(undecided(delivery));
      if (delivery.set?.at !== 0 && isHeldBack(delivery))
        return t("Will be sent after the first of {0} mails.", delivery.set?.mails.length ?? 0);
      if (delivery.event !== null) return t("The files are attached to the event once they are uploaded.");
      if (delivery.leavesAt !== undefined)
        return t("Sending in {0}.", formatDuration(Math.max(1000, delivery.leavesAt - now)));
      return delivery.attachments.every(({ status }) => status === "ready")
        ? sendingWords(delivery, now)
        : sentences(willBe(delivery, now), waitSentence(delivery, now));
    case "sending":
      return sendingWords(delivery, now);
    case "saved": {
      const moment = formatMoment(delivery.finishedAt ?? now, now);
      return mailbox === undefined
        ? t("Saved in Drafts {0}.", moment)
        : t("Saved in Drafts of {0} {1}.", mailbox, moment);
    }
    case "scheduled":
      return scheduledWords(delivery, now);
    case "sent":
      return sentences(
        sentWords(delivery, formatMoment(delivery.finishedAt ?? now, now)),
        arrivalSentence(delivery, now),
      );
    case "failed":
      return wordsOf(delivery).notDone;
    case "unconfirmed":
      return delivery.purpose.type === "draft"
        ? t("We could not confirm that the draft was saved.")
        : t("We could not confirm that the mail was sent.");
    default:
      return unreachable(delivery.phase);
  }
}

/** Whether only a person can get the mail on. While they write, a paused file does not count: they know. */
export function isStuck(delivery: DeliveryRecord): boolean {
  const { phase, attachments } = delivery;
  if (phase === "waiting") return undecided(delivery).length > 0;
  return (
    phase === "composing" &&
    attachments.some(({ status }) => status === "failed" || status === "cancelled") &&
    !attachments.some(({ status }) => isUnderWay(status))
  );
}

function uploadWords(delivery: DeliveryRecord, now: number): string {
  const underWay = delivery.attachments.filter(({ status }) => isUnderWay(status));
  if (underWay.length === 0)
    return delivery.savedDraft === null ? "" : t("Your changes are not in the saved draft yet.");
  if (travelsInMail(delivery)) return t("The files are read while you write.");
  return waitSentence(delivery, now) ?? t("The files are uploaded while you write.");
}

/** Why no file is moving; undefined while one is. */
function waitSentence(delivery: DeliveryRecord, now: number): string | undefined {
  const wait = standstill(delivery, now);
  return wait === undefined ? undefined : t("Uploading: {0}.", waitWords(wait, now));
}

/** @param when "today at 20:34" */
function sentWords(delivery: DeliveryRecord, when: string): string {
  if (delivery.event !== null) return t("Attached {0}.", when);
  if (isPracticeMail(delivery)) return t("Arrived in the practice mailbox {0}.", when);
  const people = delivery.message === null ? [] : everybody(delivery.message);
  const [only, ...others] = people;
  if (only === undefined) return t("Sent {0}.", when);
  return others.length === 0
    ? t("Sent {0} to {1}.", when, shownAddress(only.email))
    : plural(people.length, "Sent {1} to {0} person.", "Sent {1} to {0} people.", when);
}

/** That the mail is being sent, and why that takes long, if known. */
function sendingWords(delivery: DeliveryRecord, now: number): string {
  const { ongoing, waits, notYet, paused } = wordsOf(delivery);
  const { sendWait, error } = delivery;
  if (error !== null) return paused;
  if (sendWait === undefined || sendWait.until <= now) return ongoing;
  // Once the mail may have left, do not say that it has not.
  const isHere = delivery.phase === "waiting" || isRecallable(delivery);
  const why = waitWords(sendWait, now);
  return isHere ? notYet(why) : waits(why);
}
