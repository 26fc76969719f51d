/** The error for an act that comes too late for a mail: it is leaving, or has left. */
import { FreightError, unreachable } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { wordsOf } from "../words/purposeWords.ts";

/** @param delivery undefined when it was discarded meanwhile */
export function tooLate(delivery: DeliveryRecord | undefined): FreightError {
  return new FreightError(
    "send-late",
    delivery === undefined ? t("The mail was discarded.") : words(delivery),
  );
}

function words(delivery: DeliveryRecord): string {
  switch (delivery.phase) {
    case "waiting":
      if (delivery.event !== null) return t("The files go to a calendar event: there is no mail to change.");
      return wordsOf(delivery).mustWait;
    case "composing":
    case "failed":
    case "sending":
      return wordsOf(delivery).tooLate;
    case "sent":
      return delivery.event === null
        ? t("It is too late: the mail was sent.")
        : t("It is too late: the files are attached to the event.");
    case "saved":
      return t("It is too late: the mail was saved as a draft.");
    case "scheduled":
      return t("The mail is scheduled. Cancel it first to change it.");
    case "unconfirmed":
      return t("It is too late: the mail may have been sent.");
    default:
      return unreachable(delivery.phase);
  }
}
