/** Where a policy allows mail to go, and how large it may be. */

import { formatBytes } from "../shared/format.ts";
import { plural, t } from "../shared/l10n.ts";
import { domainPart, isWithin } from "../shared/outsiders.ts";
import { refusal } from "./accountRules.ts";
import type { Policy } from "./policySchema.ts";

const MB = 1024 * 1024;

export type Verdict = "allowed" | "asked" | "refused";

/** What a policy says about an address: the strictest list that names it, or `*` where none does. */
export function verdictOn(
  email: string,
  { allowed, asked, refused }: NonNullable<Policy["recipients"]> = {},
): Verdict {
  const domain = domainPart(email);
  const isIn = (list: readonly string[] = []) => list.some((one) => isWithin(domain, one.toLowerCase()));
  if (isIn(refused)) return "refused";
  if (isIn(asked)) return "asked";
  if (isIn(allowed)) return "allowed";
  if (asked?.includes("*") === true) return "asked";
  return allowed === undefined ? "allowed" : "refused";
}

/** Why a mail to these addresses may not be sent, in words; undefined when it may. */
export function recipientObjection(emails: readonly string[], policy: Policy): string | undefined {
  const refused = emails.filter((email) => verdictOn(email, policy.recipients) === "refused");
  const [first, ...more] = refused;
  if (first === undefined) return undefined;
  if (more.length === 0) return t("Mail to {0} is not allowed.", first);
  return plural(
    more.length,
    "Mail to {1} and {0} other is not allowed.",
    "Mail to {1} and {0} others is not allowed.",
    first,
  );
}

const WIDTH = { recipients: 0, organization: 1, anyone: 2 } as const;
type LinkAudience = keyof typeof WIDTH;

/** Who may open files that go as links: the widest audience allowed. */
export function widestLinks({ linkAudience, recipients }: Policy): LinkAudience {
  const isNarrow = recipients?.allowed !== undefined || recipients?.refused !== undefined;
  return linkAudience ?? (isNarrow ? "organization" : "anyone");
}

/** The audience that lets fewer people in. */
export function narrower(one: LinkAudience, other: LinkAudience): LinkAudience {
  return WIDTH[one] < WIDTH[other] ? one : other;
}

/**
 * Why files may not be opened by these people for this long, in words; undefined when they may.
 * @param days null: for ever
 */
export function linkObjection(
  { audience, days }: { readonly audience: LinkAudience; readonly days: number | null },
  policy: Policy,
): string | undefined {
  const { mostLinkDays } = policy;
  if (narrower(audience, widestLinks(policy)) !== audience)
    return audience === "anyone"
      ? t("Links that anyone can open are not allowed. Choose who can open the files.")
      : t("Only the recipients may open files that are sent as links. Choose them.");
  if (mostLinkDays !== undefined && (days === null || days > mostLinkDays))
    return plural(
      mostLinkDays,
      "Links may be opened for at most {0} day. Choose a shorter time.",
      "Links may be opened for at most {0} days. Choose a shorter time.",
    );
  return undefined;
}

/** @param bytes of the mail as it travels @throws FreightError `policy-refused` */
export function assertSize(bytes: number, { largestMailMB }: Policy): void {
  if (largestMailMB === undefined || bytes <= largestMailMB * MB) return;
  throw refusal(
    t("This mail is {0}; the limit is {1}.", formatBytes(bytes), formatBytes(largestMailMB * MB)),
  );
}
