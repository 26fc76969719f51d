/** Words for mails of the practice mailbox: none of them may look as if it had reached anybody. */
import { PRACTICE_ID } from "../../accounts/accountBook.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "./delivery.ts";

/** Stands above such a mail all the time. */
export const practiceBanner = () => t("Practice: nothing leaves this machine, and nobody gets this mail.");
/** In the place of "sent". */
export const inPractice = () => t("in the practice mailbox");

export function isPracticeMail({ accountId }: Pick<DeliveryRecord, "accountId">): boolean {
  return accountId === PRACTICE_ID;
}
