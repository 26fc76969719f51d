/** How large a mail may be that a mailbox sends. */
import { type Account, isPractice } from "../../accounts/accountBook.ts";
import { domainOf } from "../../shared/circle.ts";
import { t } from "../../shared/l10n.ts";
import { addressKey, isMailAddress } from "../../shared/recipients.ts";
import { providerOf } from "../../shared/summary/mailboxLimits.ts";
import type { SendLimit, ShownSize } from "../../shared/summary/sizeDoubts.ts";

const MB = 1024 * 1024;
/** Exchange Online's for the whole message, unless an administrator has raised it to at most 150 MB. */
const EXCHANGE_DEFAULT = { bytes: 35 * MB, canBeRaised: true };

/**
 * What the mailbox sends at most, the whole message as it travels; null where nothing is known to warn of.
 * @param limits the setting: megabytes by address of the mailbox
 * @param shown what the mailbox has refused and sent; nothing unless told
 */
export function messageLimit(
  account: Pick<Account, "email" | "provider" | "service">,
  limits: Readonly<Record<string, number>>,
  shown: ShownSize = {},
): SendLimit | null {
  const own = Object.entries(limits).find(([email]) => addressKey(email) === addressKey(account.email))?.[1];
  if (own !== undefined) return { bytes: own * MB, canBeRaised: false };
  // The practice mailbox takes whatever it is sent.
  if (isPractice(account)) return null;
  return corrected(providerLimit(account), shown);
}

function providerLimit(account: Pick<Account, "email" | "provider">): SendLimit | null {
  // What goes through Gmail is held to a limit of its files (`sendMethod.ts`).
  if (account.provider === "google") return null;
  if (isOfExchange(account)) return EXCHANGE_DEFAULT;
  const provider = providerOf(domainOf(account.email) ?? "");
  return provider === undefined ? null : { bytes: provider.sends, canBeRaised: false };
}

/** What a mailbox has shown counts before what is usual at its provider. */
function corrected(provider: SendLimit | null, { refused, told, taken = 0 }: ShownSize): SendLimit | null {
  const usual = provider !== null && taken > provider.bytes ? null : provider;
  const canBeRaised = provider?.canBeRaised === true;
  if (told !== undefined) return { bytes: told, canBeRaised };
  if (refused === undefined || (usual !== null && usual.bytes < refused)) return usual;
  // Less than that, and nobody knows how much less.
  return { bytes: refused - 1, canBeRaised, isRefused: true };
}

/** Of a company at Microsoft, whose administrator can raise the limit; nobody can at Outlook.com. */
export function isOfExchange({ email, provider }: Pick<Account, "email" | "provider">): boolean {
  return provider === "microsoft" && providerOf(domainOf(email) ?? "") === undefined;
}

/**
 * What an administrator of Exchange Online runs to let a mailbox, or all of them, send and get 150 MB. Exchange Online has
 * no limit for an organization: there are mailboxes, and plans for new ones. The address came from a service: what is not
 * one, or would be read as more than text, is not written into a command.
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

/** A text as PowerShell takes it literally: it reads five characters as a single quote, and two in a row as that one. */
export function inPowerShell(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
