/** When a mail may leave later, and who keeps it until then. https://developer.nylas.com/docs/v3/email/schedule-send/ */
import { FreightError } from "../base/errors.ts";
import { formatMoment } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";
import { LEAST_WAIT_MS } from "../shared/sendTimes.ts";
import type { MailService, Schedule, Wait } from "./mailService.ts";

const DAY_MS = 24 * 3_600_000;
/** How long Nylas itself keeps a mail. */
const LONGEST_AT_NYLAS_MS = 30 * DAY_MS;
/** It fetches the files while it sends. */
const FETCHING_MS = 3 * 60_000;
/** What Nylas asks for, and a little for the request. */
const LEAST_LEFT_MS = 2 * 60_000 + 5_000;
/** Providers whose mailboxes can keep a mail, as a draft. */
const KEEPING_PROVIDERS = new Set(["microsoft", "google"]);

/** @throws FreightError `schedule-refused` when the service cannot keep the mail, or only sends immediately */
export function mayWait(service: MailService, wait: Wait): void {
  if (wait.at - wait.now < LEAST_WAIT_MS)
    throw refused(
      t("The mail must be scheduled at least 3 minutes from now. Choose a later time, or send it now."),
    );
  keeperOf(service, wait);
}

/** Who keeps a mail whose files are there. @throws FreightError `schedule-refused` as `mayWait`, or when it took too long */
export function keeperOf({ schedules }: MailService, wait: Wait): Schedule["keeper"] {
  if (schedules === undefined) throw refused(t("This account can only send immediately."));
  if (wait.at - wait.now < LEAST_LEFT_MS)
    throw refused(
      t("The scheduled time came before everything was uploaded. Send it now, or choose a later time."),
    );
  return schedules.keeperOf(wait);
}

/** At Nylas: itself while it has the files, else the mailbox, which takes them over at once. */
export function nylasKeeper(provider: string, { at, now, filesUntil }: Wait): Schedule["keeper"] {
  const outlivesFiles = filesUntil !== null && at + FETCHING_MS >= filesUntil;
  if (at - now <= LONGEST_AT_NYLAS_MS && !outlivesFiles) return "service";
  if (KEEPING_PROVIDERS.has(provider)) return "provider";
  throw refused(
    outlivesFiles
      ? t(
          "Nylas keeps the uploaded files only until {0}. Choose an earlier time.",
          formatMoment(filesUntil, now),
        )
      : t("Nylas schedules mail from this mailbox at most 30 days ahead. Choose an earlier time."),
  );
}

function refused(message: string): FreightError {
  return new FreightError("schedule-refused", message);
}
