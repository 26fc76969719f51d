/** Words for mails of the practice mailbox: none of them may look as if it had reached anybody. */
import { PRACTICE_ID } from "../../accounts/accountBook.ts";
import type { DeliveryRecord } from "./delivery.ts";

/** Stands above such a mail all the time. */
export const PRACTICE_BANNER = "Practice: nothing leaves this machine, and nobody gets this mail.";
export const SEND_TO_PRACTICE = "Send to Practice Mailbox";
export const ARRIVED = "Arrived";
/** In the place of "sent". */
export const IN_PRACTICE = "in the practice mailbox";

export function isPracticeMail({ accountId }: Pick<DeliveryRecord, "accountId">): boolean {
  return accountId === PRACTICE_ID;
}
