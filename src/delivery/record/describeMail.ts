/** A mail in a few words: for its tab, and for the row of a mail without files. */
import { oneLine } from "../../shared/foreignText.ts";
import { t } from "../../shared/l10n.ts";
import type { DeliveryRecord } from "./delivery.ts";
import { placeInSet } from "./mailSet.ts";
import { inPractice, isPracticeMail } from "./practiceWords.ts";

type NamedMail = Pick<DeliveryRecord, "form"> & Partial<Pick<DeliveryRecord, "set">>;

/** The subject; "Build (2/3)" for a mail of a set. */
export function mailName(delivery: NamedMail): string {
  return `${subjectOf(delivery)}${numberOf(delivery)}`;
}

function subjectOf({ form }: NamedMail): string {
  return oneLine(form.subject) || t("New Mail");
}

function numberOf(delivery: NamedMail): string {
  const place = placeInSet(delivery);
  return place === undefined ? "" : ` (${place})`;
}

/** A longer title pushes other tabs, and its own close button, out of sight. */
const TITLE_LENGTH = 30;

/** The title of its tab. */
export function tabTitle(delivery: NamedMail): string {
  return `${shortened(subjectOf(delivery))}${numberOf(delivery)}`;
}

/** A name cut to fit in a title or on a button. */
export function shortened(name: string): string {
  const letters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  return letters.length <= TITLE_LENGTH
    ? letters.join("")
    : `${letters
        .slice(0, TITLE_LENGTH - 1)
        .join("")
        .trimEnd()}…`;
}

const summaries = (): Readonly<Record<DeliveryRecord["phase"], string>> => ({
  composing: t("not sent"),
  waiting: t("not sent yet"),
  sending: t("sending"),
  sent: t("sent"),
  saved: t("saved as a draft"),
  scheduled: t("scheduled"),
  failed: t("not sent, failed"),
  unconfirmed: t("may have been sent"),
});

export function mailSummary(delivery: Pick<DeliveryRecord, "phase" | "accountId">): string {
  const { phase } = delivery;
  return phase === "sent" && isPracticeMail(delivery) ? inPractice() : summaries()[phase];
}
