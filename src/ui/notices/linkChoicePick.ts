/** Asks who can open the files that a mail sends as links, and for how long. */
import { FreightError } from "../../base/errors.ts";
import { areDaysWithin, audiencesWithin, type LinkLimits, linkEnd } from "../../delivery/links/linkLimits.ts";
import { audienceRows, untilWords } from "../../delivery/links/linkWords.ts";
import type { LinkChoice } from "../../delivery/record/delivery.ts";
import type { Audience, AudienceRefusal } from "../../services/fileLinks.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { Dialogs } from "./dialogs.ts";

const DAYS = [1, 7, 30, 90, 365] as const;

/** Null: no end. */
interface Days {
  readonly days: number | null;
}

/**
 * Asks for both.
 * @param known the present choice, listed first if allowed
 * @param limits the widest choice allowed
 * @param refused what the service does not allow
 * @returns undefined when the person cancelled
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
 * Asks for how long from now recipients can open a file by its link.
 * @param until when the link ends unless extended, in milliseconds since the epoch
 * @returns undefined when the person cancelled
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

/** The durations to choose from, including the longest allowed, as the usual ones may all exceed it. */
function daysWithin(limits: LinkLimits): readonly (number | null)[] {
  const days = [...DAYS, limits.days].filter((one) => areDaysWithin(limits, one));
  return [...new Set(days)].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
}

function rowOf(days: number | null): { readonly label: string } {
  return { label: days === null ? t("Until you delete the file") : plural(days, "{0} day", "{0} days") };
}

/** Puts the present choice first, so that Enter keeps it. */
function knownFirst<Row extends { readonly value: unknown }>(rows: readonly Row[], known: unknown): Row[] {
  return [...rows.filter(({ value }) => value === known), ...rows.filter(({ value }) => value !== known)];
}
