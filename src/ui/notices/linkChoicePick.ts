/** Asks who is to open the files of a mail that go as links, and for how long. */
import { FreightError } from "../../base/errors.ts";
import type { LinkChoice } from "../../delivery/record/delivery.ts";
import { areDaysWithin, audiencesWithin, type LinkLimits, linkEnd } from "../../delivery/words/linkLimits.ts";
import { audienceRows, untilWords } from "../../delivery/words/linkWords.ts";
import type { Audience, AudienceRefusal } from "../../services/fileLinks.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { Dialogs } from "./dialogs.ts";

const DAYS = [1, 7, 30, 90, 365] as const;

/** Null: without an end. */
interface Days {
  readonly days: number | null;
}

/**
 * Undefined when the person thought better of it.
 * @param known what holds until then, named first where it is allowed @param limits what the person may choose at most
 * @param refused what the service does not allow
 */
export async function pickLinkChoice(
  dialogs: Pick<Dialogs, "pick">,
  known: LinkChoice,
  limits: LinkLimits,
  refused: readonly AudienceRefusal[],
): Promise<LinkChoice | undefined> {
  const isRefused = (audience: Audience) =>
    refused.some((one) => one.audience === audience && !one.isTooLong);
  const allowed = audiencesWithin(limits).filter((audience) => !isRefused(audience));
  const [first] = refused;
  if (allowed.length === 0 && first !== undefined) throw new FreightError("link-refused", first.message);
  const audiences = knownFirst(
    audienceRows().filter(({ value }) => allowed.includes(value)),
    known.audience,
  );
  const audience = await dialogs.pick(t("Links"), t("Who can open the files?"), audiences);
  if (audience === undefined) return undefined;
  const rows = daysWithin(limits).map((days) => ({ ...rowOf(days), value: { days } }));
  const current = rows.filter(({ value }) => value.days === known.days);
  const others = rows.filter(({ value }) => value.days !== known.days);
  const chosen = await dialogs.pick<Days>(t("Links"), t("For how long?"), [...current, ...others]);
  return chosen === undefined ? undefined : { audience, days: chosen.days };
}

/**
 * How long from now the recipients of a mail can open a file that they have a link to.
 * @param until when the link ends unless it is extended, in milliseconds since the epoch
 * @returns undefined when the person left
 */
export async function pickExtension(
  dialogs: Pick<Dialogs, "pick">,
  until: number | null,
  now: number,
  limits: LinkLimits,
): Promise<Days | undefined> {
  const longer = daysWithin(limits).flatMap((days) => {
    const end = days === null ? Number.POSITIVE_INFINITY : linkEnd(now, days);
    if (until === null || end <= until) return [];
    return [{ ...rowOf(days), ...(days === null ? {} : { description: untilWords(end) }), value: { days } }];
  });
  if (longer.length === 0)
    throw new FreightError("link-refused", t("This link cannot be extended any further."));
  return dialogs.pick<Days>(t("Extend Link"), t("For how long from now?"), longer);
}

/** What can be chosen; where no usual time is short enough, the longest that is allowed. */
function daysWithin(limits: LinkLimits): readonly (number | null)[] {
  const days = [...DAYS, limits.days].filter((one) => areDaysWithin(limits, one));
  return [...new Set(days)].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
}

function rowOf(days: number | null): { readonly label: string } {
  return { label: days === null ? t("Until you delete the file") : plural(days, "{0} day", "{0} days") };
}

/** Enter keeps what holds. */
function knownFirst<Row extends { readonly value: unknown }>(rows: readonly Row[], known: unknown): Row[] {
  return [...rows.filter(({ value }) => value === known), ...rows.filter(({ value }) => value !== known)];
}
