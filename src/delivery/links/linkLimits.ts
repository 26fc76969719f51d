/** Who may open files sent as links, and for how long. Pure. */
import { AUDIENCES, type Audience } from "../../services/fileLinks.ts";
import { type LinkChoice, USUAL_LINKS } from "../record/delivery.ts";

/** The widest choice: the organization's rules, or the person's settings where those are stricter. */
export type LinkLimits = LinkChoice;
export const NO_LINK_LIMITS: LinkLimits = { audience: "anyone", days: null };

const DAY_MS = 24 * 60 * 60_000;

/** When a link of `days` days ends: at the end of a day, so that a retry a moment later asks for the same. */
export function linkEnd(now: number, days: number): number {
  return Math.ceil((now + days * DAY_MS) / DAY_MS) * DAY_MS;
}

/** The choice for a new mail. */
export function usualLinks({ days }: LinkLimits): LinkChoice {
  const most = days ?? Number.POSITIVE_INFINITY;
  return { ...USUAL_LINKS, days: Math.min(USUAL_LINKS.days ?? most, most) };
}

/** From the narrowest to the widest. */
export function audiencesWithin({ audience }: LinkLimits): readonly Audience[] {
  return AUDIENCES.slice(0, AUDIENCES.indexOf(audience) + 1);
}

/** @param wanted days; null: no end */
export function areDaysWithin({ days }: LinkLimits, wanted: number | null): boolean {
  return days === null || (wanted !== null && wanted <= days);
}
