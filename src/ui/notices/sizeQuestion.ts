/** The words for a mail that is too large for the sender's mailbox, or for a recipient's. */
import type { QuestionReason } from "../../delivery/rules/questionReasons.ts";
import { formatBytes } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { theirWords } from "../../shared/summary/sizeDoubts.ts";
import { plain } from "./plain.ts";

export type TooLarge = QuestionReason & { readonly type: "tooLarge" };

/**
 * @param email address of the sending mailbox
 * @param canRaise whether an administrator can raise its limit with PowerShell
 */
export function sizeQuestion(
  { bytes, own, theirs }: TooLarge,
  email: string,
  canRaise: boolean,
): { readonly line: string; readonly detail: string } {
  const refused = canRaise
    ? t(
        "{0} will probably refuse it unless an administrator has raised its limit, which the PowerShell commands do. If you know the limit, enter it in the setting “Message Limits”.",
        email,
      )
    : own !== undefined
      ? t(
          "{0} will probably refuse it. If its limit is different, enter it in the setting “Message Limits”.",
          email,
        )
      : t("It will probably come back to you as undeliverable.");
  const size = formatBytes(bytes);
  const line =
    own === undefined && theirs !== undefined
      ? plain(sentences(t("This mail is {0}.", size), theirWords(theirs)))
      : own?.isRefused === true
        ? t("This mail is {0}; the mailbox has already refused one of {1}.", size, formatBytes(own.bytes))
        : t("This mail is {0}; the mailbox can send at most {1}.", size, formatBytes(own?.bytes ?? bytes));
  const others =
    theirs === undefined ? t("Recipients' mailboxes have limits of their own.") : theirWords(theirs);
  const detail = plain(
    sentences(t("Files grow by a third in a mail."), refused, own === undefined ? undefined : others),
  );
  return { line, detail };
}
