/** How large a mail may be that a mailbox sends. */
import { type Account, isPractice } from "../../accounts/accountBook.ts";
import { addressKey, isMailAddress } from "../../shared/recipients.ts";

/** Exchange Online's, unless an administrator has raised it: 35 MB for the whole message, at most 150 MB. */
export const DEFAULT_LIMIT_MB = 35;
const MB = 1024 * 1024;

/**
 * Bytes of the whole message, as it travels; undefined where none is known that a person could be warned of.
 * @param limits the setting: megabytes by address of the mailbox
 */
export function messageLimit(
  account: Pick<Account, "email" | "provider" | "service">,
  limits: Readonly<Record<string, number>>,
): number | undefined {
  const own = Object.entries(limits).find(([email]) => addressKey(email) === addressKey(account.email))?.[1];
  if (own !== undefined) return own * MB;
  // The practice mailbox takes whatever it is sent; other providers have a limit of their own, which is no question.
  return account.provider === "microsoft" && !isPractice(account) ? DEFAULT_LIMIT_MB * MB : undefined;
}

/**
 * What an administrator of Exchange Online runs to let a mailbox, or all of them, send and get 150 MB. Exchange Online has
 * no limit for an organization: there are mailboxes, and plans for new ones. The address came from a service: what is not
 * one, or would be read as more than text, is not written into a command.
 */
export function adminCommands(mailbox: string): string {
  const limits = "-MaxSendSize 150MB -MaxReceiveSize 150MB";
  const forMailbox = ["# For this mailbox:", `Set-Mailbox -Identity ${inPowerShell(mailbox)} ${limits}`];
  return [
    ...(isMailAddress(mailbox) ? [...forMailbox, "# Or for all mailboxes:"] : ["# For all mailboxes:"]),
    `Get-Mailbox -ResultSize Unlimited | Set-Mailbox ${limits}`,
    "# For new ones:",
    `Get-MailboxPlan | Set-MailboxPlan ${limits}`,
    "# A change can take an hour to apply.",
    "",
  ].join("\n");
}

/** A text as PowerShell takes it literally: it reads five characters as a single quote, and two in a row as that one. */
export function inPowerShell(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
