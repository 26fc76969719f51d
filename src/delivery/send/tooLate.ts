/** An act on a mail that comes too late: it is leaving, or has left. */
import { FreightError, unreachable } from "../../base/errors.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { wordsOf } from "../words/purposeWords.ts";

/** @param delivery undefined when it was discarded meanwhile */
export function tooLate(delivery: DeliveryRecord | undefined): FreightError {
  return new FreightError("send-late", delivery === undefined ? "The mail was discarded." : words(delivery));
}

function words(delivery: DeliveryRecord): string {
  switch (delivery.phase) {
    case "waiting":
      if (delivery.event !== null) return "The files go to a calendar event: there is no mail to change.";
      return `The mail is waiting to ${wordsOf(delivery).underWay.replace("being", "be")}. Take it back first to change it.`;
    case "composing":
    case "failed":
    case "sending":
      return `It is too late: the mail is ${wordsOf(delivery).underWay}.`;
    case "sent":
      return delivery.event === null
        ? "It is too late: the mail was sent."
        : "It is too late: the files are attached to the event.";
    case "saved":
      return "It is too late: the mail was saved as a draft.";
    case "scheduled":
      return "The mail is scheduled. Cancel it first to change it.";
    case "unconfirmed":
      return "It is too late: the mail may have been sent.";
    default:
      return unreachable(delivery.phase);
  }
}
