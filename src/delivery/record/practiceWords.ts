/** Words for practice mails, which must never look as if they had reached anybody. */
import { PRACTICE_ID } from "../../accounts/accountBook.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "./delivery.ts";

/** Always shown above a practice mail. */
export const practiceBanner = () => t("Practice: nothing leaves this machine, and nobody gets this mail.");
/** Shown instead of "sent". */
export const inPractice = () => t("in the practice mailbox");

export function isPracticeMail({ accountId }: Pick<DeliveryRecord, "accountId">): boolean {
  return accountId === PRACTICE_ID;
}
