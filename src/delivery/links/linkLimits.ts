/** Whom files that go as links may be open to, and for how long. Pure. */
import { AUDIENCES, type Audience } from "../../services/fileLinks.ts";
import { type LinkChoice, USUAL_LINKS } from "../record/delivery.ts";

/** The most that can be chosen: by an organization's rules, and by the person's settings where those say less. */
export type LinkLimits = LinkChoice;
export const NO_LINK_LIMITS: LinkLimits = { audience: "anyone", days: null };

const DAY_MS = 24 * 60 * 60_000;

/** When a link ends that is open for so many days from now: with a day, so that a try of a moment later asks for the same. */
export function linkEnd(now: number, days: number): number {
  return Math.ceil((now + days * DAY_MS) / DAY_MS) * DAY_MS;
}

/** What holds for a new mail. */
export function usualLinks({ days }: LinkLimits): LinkChoice {
  const most = days ?? Number.POSITIVE_INFINITY;
  return { ...USUAL_LINKS, days: Math.min(USUAL_LINKS.days ?? most, most) };
}

/** From the fewest to the most. */
export function audiencesWithin({ audience }: LinkLimits): readonly Audience[] {
  return AUDIENCES.slice(0, AUDIENCES.indexOf(audience) + 1);
}

/** @param wanted null: without an end */
export function areDaysWithin({ days }: LinkLimits, wanted: number | null): boolean {
  return days === null || (wanted !== null && wanted <= days);
}
