/** The largest mail that a mailbox can send. */
import { type Account, isPractice } from "../../accounts/accountBook.ts";
import { t } from "../../shared/l10n.ts";
import { domainOf } from "../../shared/outsiders.ts";
import { addressKey, isMailAddress } from "../../shared/recipients.ts";
import { providerOf } from "../../shared/summary/mailboxLimits.ts";
import type { SendLimit, ShownSize } from "../../shared/summary/sizeDoubts.ts";

const MB = 1024 * 1024;
/** Exchange Online's limit for the whole message; an administrator can raise it to at most 150 MB. */
const EXCHANGE_DEFAULT = { bytes: 35 * MB, canBeRaised: true };

/**
 * The largest message that the mailbox can send, counted as it travels; null when no limit is known.
 * @param limits the setting: megabytes by the mailbox's address
 * @param shown sizes that the mailbox has refused and sent (default: none)
 */
export function messageLimit(
  account: Pick<Account, "email" | "provider" | "service">,
  limits: Readonly<Record<string, number>>,
  shown: ShownSize = {},
): SendLimit | null {
  const own = Object.entries(limits).find(([email]) => addressKey(email) === addressKey(account.email))?.[1];
  if (own !== undefined) return { bytes: own * MB, canBeRaised: false };
  // The practice mailbox accepts mail of any size.
  if (isPractice(account)) return null;
  return corrected(providerLimit(account), shown);
}

function providerLimit(account: Pick<Account, "email" | "provider">): SendLimit | null {
  // Gmail's limit is checked by the size of the files (`sendMethod.ts`).
  if (account.provider === "google") return null;
  if (isOfExchange(account)) return EXCHANGE_DEFAULT;
  const provider = providerOf(domainOf(account.email) ?? "");
  return provider === undefined ? null : { bytes: provider.sends, canBeRaised: false };
}

/** What the mailbox has shown overrides the provider's usual limit. */
function corrected(provider: SendLimit | null, { refused, told, taken = 0 }: ShownSize): SendLimit | null {
  const usual = provider !== null && taken > provider.bytes ? null : provider;
  const canBeRaised = provider?.canBeRaised === true;
  if (told !== undefined) return { bytes: told, canBeRaised };
  if (refused === undefined || (usual !== null && usual.bytes < refused)) return usual;
  // The limit is lower than that, by an unknown amount.
  return { bytes: refused - 1, canBeRaised, isRefused: true };
}

/** Whether an administrator can raise the limit: in a company's mailbox at Microsoft, not at Outlook.com. */
export function isOfExchange({ email, provider }: Pick<Account, "email" | "provider">): boolean {
  return provider === "microsoft" && providerOf(domainOf(email) ?? "") === undefined;
}

/**
 * The commands with which an administrator lets a mailbox, or all of them, send and receive 150 MB. Exchange
 * Online has no limit for a whole organization, only for mailboxes and for the plans of new ones. The address
 * came from a service: it becomes part of a command only if it is valid, and quoted.
 */
export function adminCommands(mailbox: string): string {
  const limits = "-MaxSendSize 150MB -MaxReceiveSize 150MB";
  const forMailbox = [
    `# ${t("For this mailbox:")}`,
    `Set-Mailbox -Identity ${inPowerShell(mailbox)} ${limits}`,
  ];
  return [
    ...(isMailAddress(mailbox)
      ? [...forMailbox, `# ${t("Or for all mailboxes:")}`]
      : [`# ${t("For all mailboxes:")}`]),
    `Get-Mailbox -ResultSize Unlimited | Set-Mailbox ${limits}`,
    `# ${t("For new mailboxes:")}`,
    `Get-MailboxPlan | Set-MailboxPlan ${limits}`,
    `# ${t("A change can take an hour to apply.")}`,
    "",
  ].join("\n");
}

/** Quotes a text for PowerShell, which knows five single quotes, and takes two in a row for one. */
export function inPowerShell(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
