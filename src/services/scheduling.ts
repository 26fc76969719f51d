/** When a mail may leave later, and who keeps it until then. */
import { FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import { LEAST_WAIT_MS } from "../shared/sendTimes.ts";
import type { MailService, Schedule, Wait } from "./mailService.ts";

/** Nylas's minimum, and 5 s for the request. https://developer.nylas.com/docs/v3/email/schedule-send/ */
const LEAST_LEFT_MS = 2 * 60_000 + 5_000;

/** @throws FreightError `schedule-refused` when the service cannot keep the mail, or has no schedules */
export function mayWait(service: MailService, wait: Wait): void {
  if (wait.at - wait.now < LEAST_WAIT_MS)
    throw refused(
      t("The mail must be scheduled at least 3 minutes from now. Choose a later time, or send it now."),
    );
  keeperOf(service, wait);
}

/**
 * Who keeps a mail whose files are uploaded.
 * @throws FreightError `schedule-refused` as `mayWait`, or when the upload took too long
 */
export function keeperOf({ schedules }: MailService, wait: Wait): Schedule["keeper"] {
  if (schedules === undefined) throw refused(t("This account can only send immediately."));
  if (wait.at - wait.now < LEAST_LEFT_MS)
    throw refused(
      t("The scheduled time came before everything was uploaded. Send it now, or choose a later time."),
    );
  return schedules.keeperOf(wait);
}

function refused(message: string): FreightError {
  return new FreightError("schedule-refused", message);
}
