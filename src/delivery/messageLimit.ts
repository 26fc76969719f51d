/** How large a mail may be that a mailbox sends. */
import type { Account } from "../accounts.ts";
import { addressKey } from "../shared/message.ts";

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
  return account.provider === "microsoft" && account.service !== "practice"
    ? DEFAULT_LIMIT_MB * MB
    : undefined;
}

/** What an administrator of Exchange Online runs to let a mailbox, or all of them, send and get 150 MB. */
export function adminCommands(mailbox: string): string {
  // Single quotes end in PowerShell as two.
  const name = mailbox.replaceAll("'", "''");
  return [
    "# For this mailbox:",
    `Set-Mailbox -Identity '${name}' -MaxSendSize 150MB -MaxReceiveSize 150MB`,
    "# Or for the whole organization:",
    "Set-TransportConfig -MaxSendSize 150MB -MaxReceiveSize 150MB",
    "",
  ].join("\n");
}
