/** What a mail is for, in words: to be sent, saved as a draft, or sent later. */

import { unreachable } from "../../base/errors.ts";
import { formatMoment } from "../../shared/format.ts";
import type { DeliveryRecord, Purpose } from "../record/delivery.ts";
import { travelsInMail } from "./sendMethod.ts";

export interface PurposeWords {
  /** The last step of each file. */
  readonly step: string;
  readonly doing: string;
  /** "The mail is …" */
  readonly underWay: string;
  readonly notDone: string;
  /** On the button, while it waits for its files. */
  readonly waiting: string;
}

const WORDS: Readonly<Record<Purpose["type"], PurposeWords>> = {
  send: {
    step: "Send",
    doing: "Sending",
    underWay: "being sent",
    notDone: "Not sent.",
    waiting: "Waiting to Send",
  },
  draft: {
    step: "Save",
    doing: "Saving",
    underWay: "being saved",
    notDone: "Not saved.",
    waiting: "Waiting to Save",
  },
  later: {
    step: "Schedule",
    doing: "Scheduling",
    underWay: "being scheduled",
    notDone: "Not scheduled.",
    waiting: "Waiting to Schedule",
  },
};

export function wordsOf({ purpose }: Pick<DeliveryRecord, "purpose">): PurposeWords {
  return WORDS[purpose.type];
}

/** What happens automatically once the files are there. */
export function willBe(delivery: DeliveryRecord, now: number): string {
  const { purpose } = delivery;
  const then = `once everything is ${travelsInMail(delivery) ? "read" : "uploaded"}`;
  switch (purpose.type) {
    case "send":
      return `Will be sent automatically ${then}.`;
    case "draft":
      return `Will be saved as a draft ${then}.`;
    case "later":
      return `Will be sent ${formatMoment(purpose.at, now)}; scheduled ${then}.`;
    default:
      return unreachable(purpose);
  }
}

/** Never says more than the service has: what became of it after its time is asked. */
export function scheduledWords({ schedule }: DeliveryRecord, now: number): string {
  if (schedule === null) return "Scheduled.";
  const moment = formatMoment(schedule.sendAt, now);
  return now < schedule.sendAt ? `Will be sent ${moment}.` : `Handed to the service; was due ${moment}.`;
}
