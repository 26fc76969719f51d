/** What a person can do with accounts. */
import { type Account, type AccountBook, isPractice, PRACTICE_ID } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import { capacity } from "../../delivery/words/sendMethod.ts";
import type { MailService } from "../../services/mailService.ts";
import { t } from "../../shared/l10n.ts";
import type { AccountWizard } from "../accounts/accountWizard.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import type { RemedyContext } from "../notices/notify.ts";
import { plain } from "../notices/plain.ts";

export interface AccountActsOptions {
  readonly book: Pick<AccountBook, "accounts" | "defaultAccount" | "find" | "remove" | "save" | "setDefault">;
  readonly runner: Pick<DeliveryRunner, "chooseAccount">;
  readonly wizard: () => Promise<
    Pick<AccountWizard, "addPractice" | "allowLinks" | "allowMore" | "renew" | "run">
  >;
  readonly serviceFor: (account: Account) => Promise<MailService>;
  /** IDs of the account's mails that this window works on and that have not left yet. */
  readonly openMails: (accountId: string) => readonly string[];
  /** Shows a progress message while a service is asked something; Escape cancels. */
  readonly busy: <T>(title: string, text: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Shows the mails in the practice mailbox. */
  readonly openOutbox: () => Promise<void>;
  /** Has the person choose a file, for a new mail. */
  readonly sendFile: () => Promise<void>;
  readonly failed: (reason: unknown, context?: RemedyContext) => void;
  /** Revokes the token of an account that the person signed in to. */
  readonly signOut: (account: Account) => Promise<void>;
  readonly log: Pick<Log, "warn">;
  readonly dialogs: Dialogs;
}

export class AccountActs {
  readonly #options: AccountActsOptions;

  constructor(options: AccountActsOptions) {
    this.#options = options;
  }

  /** Adds an account, and moves the mail, if given, to it. */
  async add(deliveryId?: string): Promise<void> {
    const account = await (await this.#options.wizard()).run();
    if (account === undefined) return;
    const text = isPractice(account)
      ? t("The practice mailbox is ready: what you send arrives in it, on this machine.")
      : plain(t("{0} is ready: {1} can be sent from it.", account.email, capacity(account)));
    const { dialogs, runner, sendFile } = this.#options;
    if (deliveryId !== undefined) {
      void dialogs.tell("info", text);
      return runner.chooseAccount(deliveryId, account.id);
    }
    const send = t("Send a File…");
    void dialogs.tell("info", text, send).then(async (answer) => {
      if (answer === send) await sendFile();
    });
  }

  async remove(account: Account): Promise<void> {
    const { dialogs, book } = this.#options;
    const remove = t("Remove");
    const isSignedIn = account.renewal === "signIn";
    const detail = isSignedIn
      ? t(
          "You are signed out of it, and its key is deleted from this machine. Others who use the mailbox stay signed in. Mails that were sent stay in the history.",
        )
      : t("Its key is deleted from this machine. Mails that were sent stay in the history.");
    const question = plain(t("Remove {0}?", account.email));
    if ((await dialogs.ask("warning", question, detail, remove)) !== remove) return;
    // Not a company broker's token: Nylas would revoke everything that the broker has issued to others, too.
    if (isSignedIn)
      await this.#options.signOut(account).catch((reason: unknown) =>
        // Even unrevoked, the token expires within the hour.
        this.#options.log.warn(`The sign-out was not confirmed: ${explain(reason)}`),
      );
    await book.remove(account.id);
  }

  /** @param isMeant whether a person clicked on the account; otherwise they are told, and offered Undo */
  async setDefault(account: Account, isMeant: boolean): Promise<void> {
    const { book, dialogs } = this.#options;
    const before = book.defaultAccount;
    if (before === undefined || before.id === account.id) return;
    if (isMeant) return book.setDefault(account.id);
    if (account.service === "practice" && before.service !== "practice") {
      void dialogs.tell(
        "info",
        t("The practice mailbox sends nothing, so only you can make it the default, in the Accounts view."),
      );
      return;
    }
    await book.setDefault(account.id);
    const undo = t("Undo");
    const told = plain(t("A command made {0} the account that new mails are sent from.", account.email));
    void dialogs.tell("info", told, undo).then(async (answer) => {
      if (answer === undo) await book.setDefault(before.id);
    });
  }

  async check(account: Account): Promise<void> {
    const { serviceFor, busy, dialogs, failed, book, runner, openMails } = this.#options;
    try {
      const service = await serviceFor(account);
      const mailbox = await busy(t("Check Account"), t("Checking {0}…", account.email), (signal) =>
        service.check(signal),
      );
      // Meanwhile an administrator may have granted or revoked permissions.
      const { sendOnly = false, hasLinks = false } = mailbox;
      if (sendOnly !== (account.sendOnly ?? false) || hasLinks !== (account.hasLinks ?? false)) {
        await book.save({ ...account, sendOnly, hasLinks }, undefined);
        for (const id of openMails(account.id)) await runner.chooseAccount(id, account.id);
      }
      const said = t("{0} is connected and can send {1}.", mailbox.email ?? account.email, capacity(mailbox));
      void dialogs.tell(mailbox.doubt === undefined ? "info" : "warning", plain(mailbox.doubt ?? said));
    } catch (reason) {
      failed(reason, { accountId: account.id });
    }
  }

  async updateKey(account: Account): Promise<void> {
    try {
      if (await (await this.#options.wizard()).renew(account)) await this.check(account);
    } catch (reason) {
      this.#options.failed(reason, { accountId: account.id });
    }
  }

  /** Asks the person to allow drafts and large files, when the account may only send. */
  async allowMore(account: Account): Promise<void> {
    const wider = await (await this.#options.wizard()).allowMore(account);
    if (wider !== undefined) await this.check(wider);
  }

  /** Asks the person to allow sending files as links. */
  async allowLinks(account: Account): Promise<void> {
    const wider = await (await this.#options.wizard()).allowLinks(account);
    if (wider !== undefined) await this.check(wider);
  }

  async openPracticeMailbox(): Promise<void> {
    const { book, wizard, openOutbox } = this.#options;
    // Somebody who opens it will want to send from it, too.
    if (book.find(PRACTICE_ID) === undefined) await (await wizard()).addPractice();
    await openOutbox();
  }

  /**
   * The default account if it has a calendar, else the only one that has; of several the person chooses one.
   * @throws FreightError when no account has a calendar
   */
  async withCalendar(): Promise<Account | undefined> {
    const { book, dialogs } = this.#options;
    const { defaultAccount } = book;
    const fitting = book.accounts.filter(({ hasCalendar }) => hasCalendar);
    if (fitting.length === 0)
      throw new FreightError(
        "no-account",
        t("Attaching files to events needs a Microsoft 365 account. Add one first."),
        { remedy: "addAccount" },
      );
    if (defaultAccount?.hasCalendar === true) return defaultAccount;
    if (fitting.length === 1) return fitting[0];
    const rows = fitting.map((account) => ({ label: account.email, value: account }));
    return dialogs.pick(t("Attach to Calendar Event"), t("Whose calendar?"), rows);
  }
}

/**
 * Asks whether to renew a Nylas sign-in that is ending.
 * @param now in ms since the epoch
 * @returns false: no
 */
export async function askToSignInAgain(
  dialogs: Pick<Dialogs, "tell">,
  { email, credentialExpiresAt = 0 }: Account,
  now: number,
): Promise<boolean> {
  const signIn = t("Sign In");
  const minutes = Math.ceil((credentialExpiresAt - now) / 60_000);
  const text =
    minutes > 0
      ? t(
          "Your Nylas sign-in for {0} ends in {1} min. Sign in again to keep sending; uploads are not interrupted.",
          email,
          minutes,
        )
      : t(
          "Your Nylas sign-in for {0} has ended. Sign in again to keep sending; uploads are not interrupted.",
          email,
        );
  return (await dialogs.tell("warning", plain(text), signIn)) === signIn;
}
