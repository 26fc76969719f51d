/** Where a policy lets mail go, and how large it may be. */
import { counted, formatBytes } from "../shared/format.ts";
import { refusal } from "./accountRules.ts";
import type { Policy } from "./policySchema.ts";

const MB = 1024 * 1024;

export type Verdict = "allowed" | "asked" | "refused";

/** What a policy says of an address: the strictest of the lists that name it. `*` is for those that none names. */
export function verdictOn(
  email: string,
  { allowed, asked, refused }: NonNullable<Policy["recipients"]> = {},
): Verdict {
  const domain = email
    .slice(email.lastIndexOf("@") + 1)
    .toLowerCase()
    .replace(/\.$/, "");
  const isIn = (list: readonly string[] = []) => list.some((one) => isWithin(domain, one.toLowerCase()));
  if (isIn(refused)) return "refused";
  if (isIn(asked)) return "asked";
  if (isIn(allowed)) return "allowed";
  if (asked?.includes("*") === true) return "asked";
  return allowed === undefined ? "allowed" : "refused";
}

/** Why a mail to these may not leave, in words; undefined when it may. */
export function recipientObjection(emails: readonly string[], policy: Policy): string | undefined {
  const refused = emails.filter((email) => verdictOn(email, policy.recipients) === "refused");
  const [first, ...more] = refused;
  if (first === undefined) return undefined;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  return `Mail to ${first}${others} is not allowed.`;
}

const WIDTH = { recipients: 0, organization: 1, anyone: 2 } as const;

/** Why files may not be opened by these people for so long, in words; undefined when they may. @param days null: for ever */
export function linkObjection(
  { audience, days }: { readonly audience: keyof typeof WIDTH; readonly days: number | null },
  { linkAudience, mostLinkDays, recipients }: Policy,
): string | undefined {
  const isNarrow = recipients?.allowed !== undefined || recipients?.refused !== undefined;
  const widest = linkAudience ?? (isNarrow ? "organization" : "anyone");
  if (WIDTH[audience] > WIDTH[widest])
    return audience === "anyone"
      ? "Links that anyone can open are not allowed. Choose who can open the files."
      : "Only the recipients may open files that are sent as links. Choose them.";
  if (mostLinkDays !== undefined && (days === null || days > mostLinkDays))
    return `Links may be opened for at most ${counted(mostLinkDays, "day")}. Choose a shorter time.`;
  return undefined;
}

/** @param bytes of the mail as it travels @throws FreightError `policy-refused` */
export function assertSize(bytes: number, { largestMailMB }: Policy): void {
  if (largestMailMB === undefined || bytes <= largestMailMB * MB) return;
  throw refusal(`This mail is ${formatBytes(bytes)}; the limit is ${formatBytes(largestMailMB * MB)}.`);
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
