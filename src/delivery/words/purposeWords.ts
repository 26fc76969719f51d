/** What a mail is for, in words: to be sent, saved as a draft, or sent later. */

import { unreachable } from "../../base/errors.ts";
import { formatMoment } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { travelsInMail } from "./sendMethod.ts";

export interface PurposeWords {
  /** The last step of each file. */
  readonly step: string;
  /** While it is being done. */
  readonly ongoing: string;
  /** While it waits for another try; `notYet` if nothing has left. @param why "no network, trying again …" */
  readonly waits: (why: string) => string;
  readonly notYet: (why: string) => string;
  readonly paused: string;
  /** `ongoing` as the state of a file, and before a mail's name. */
  readonly state: string;
  readonly notDone: string;
  /** Why the mail cannot be changed while it waits, and while it leaves. */
  readonly mustWait: string;
  readonly tooLate: string;
}

export function wordsOf({ purpose }: Pick<DeliveryRecord, "purpose">): PurposeWords {
  switch (purpose.type) {
    case "send":
      return {
        step: t("Send"),
        ongoing: t("Sending…"),
        waits: (why) => t("Sending: {0}.", why),
        notYet: (why) => t("Not sent yet: {0}.", why),
        paused: t("Sending is paused: the account needs your attention."),
        state: t("sending"),
        notDone: t("Not sent."),
        mustWait: t("The mail is waiting to be sent. Take it back first to change it."),
        tooLate: t("It is too late: the mail is being sent."),
      };
    case "draft":
      return {
        step: t("Save"),
        ongoing: t("Saving…"),
        waits: (why) => t("Saving: {0}.", why),
        notYet: (why) => t("Not saved yet: {0}.", why),
        paused: t("Saving is paused: the account needs your attention."),
        state: t("saving"),
        notDone: t("Not saved."),
        mustWait: t("The mail is waiting to be saved. Take it back first to change it."),
        tooLate: t("It is too late: the mail is being saved."),
      };
    case "later":
      return {
        step: t("Schedule"),
        ongoing: t("Scheduling…"),
        waits: (why) => t("Scheduling: {0}.", why),
        notYet: (why) => t("Not scheduled yet: {0}.", why),
        paused: t("Scheduling is paused: the account needs your attention."),
        state: t("scheduling"),
        notDone: t("Not scheduled."),
        mustWait: t("The mail is waiting to be scheduled. Take it back first to change it."),
        tooLate: t("It is too late: the mail is being scheduled."),
      };
    default:
      return unreachable(purpose);
  }
}

/** What happens automatically once the files are there. */
export function willBe(delivery: DeliveryRecord, now: number): string {
  const { purpose } = delivery;
  const isRead = travelsInMail(delivery);
  switch (purpose.type) {
    case "send":
      return isRead
        ? t("Will be sent automatically once everything is read.")
        : t("Will be sent automatically once everything is uploaded.");
    case "draft":
      return isRead
        ? t("Will be saved as a draft once everything is read.")
        : t("Will be saved as a draft once everything is uploaded.");
    case "later": {
      const moment = formatMoment(purpose.at, now);
      return isRead
        ? t("Will be sent {0}; scheduled once everything is read.", moment)
        : t("Will be sent {0}; scheduled once everything is uploaded.", moment);
    }
    default:
      return unreachable(purpose);
  }
}

/** Says no more than the service has confirmed; it is asked later what became of the mail. */
export function scheduledWords({ schedule }: DeliveryRecord, now: number): string {
  if (schedule === null) return t("Scheduled.");
  const moment = formatMoment(schedule.sendAt, now);
  return now < schedule.sendAt
    ? t("Will be sent {0}.", moment)
    : t("Handed to the service; was due {0}.", moment);
}
