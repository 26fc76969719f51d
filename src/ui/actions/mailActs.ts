/** What a person can do with whole mails: start one, add to it, send it, take it back, forget it. */
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import type { FreightError } from "../../base/errors.ts";
import type { Attached, Begin } from "../../delivery/compose/newMailText.ts";
import type { DeliveryRecord, EventRef } from "../../delivery/record/delivery.ts";
import { isFinished, isOpen } from "../../delivery/record/queries.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { discardQuestion } from "../../delivery/words/discardWords.ts";
import { fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { Packer } from "../attach/zip/packer.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";

export interface MailActsOptions {
  readonly store: Pick<DeliveryStore, "find" | "get" | "list">;
  readonly runner: Pick<
    DeliveryRunner,
    "attach" | "attachToEvent" | "compose" | "forget" | "send" | "sendAgainTo" | "withdraw"
  >;
  readonly book: Pick<AccountBook, "defaultAccount" | "find">;
  readonly packer: Pick<Packer, "handOver">;
  /** Lets the person add an account. @returns undefined when they cancel */
  readonly addAccount: () => Promise<Account | undefined>;
  /** Opens the panel of a mail. */
  readonly show: (deliveryId: string) => void;
  /** Reports why a file was not attached; `deliveryId` is undefined if there is no mail. */
  readonly refused: (problem: FreightError, deliveryId: string | undefined) => void;
  readonly dialogs: Dialogs;
}

const removeFromHistory = () => t("Remove from History");

export class MailActs {
  readonly #options: MailActsOptions;

  constructor(options: MailActsOptions) {
    this.#options = options;
  }

  /** Where every way in ends. @param deliveryId an unsent mail; undefined: a new one, started by `begin` */
  async put(paths: readonly string[], deliveryId?: string, begin?: Begin): Promise<void> {
    const { store, runner } = this.#options;
    if (deliveryId === undefined) return void (await this.begin(paths, begin));
    const { accountId } = store.get(deliveryId);
    await this.#handOver(paths, deliveryId, accountId, (ready) => runner.compose(ready, accountId));
  }

  /**
   * Starts a mail with these files, from the default account (if there is none, the person adds one).
   * @returns its ID; undefined when no mail was started
   */
  async begin(paths: readonly string[], begin?: Begin, from?: Account): Promise<string | undefined> {
    const { book, addAccount } = this.#options;
    const account = from ?? book.defaultAccount ?? (await addAccount());
    if (account === undefined) return undefined;
    return this.#handOver(paths, undefined, account.id, (ready) =>
      this.#options.runner.compose(ready, account.id, begin),
    );
  }

  /** Attaches files to a calendar event, without a mail. */
  async attachToEvent(paths: readonly string[], { id }: Account, event: EventRef): Promise<void> {
    await this.#handOver(paths, undefined, id, (ready) =>
      this.#options.runner.attachToEvent(ready, id, event),
    );
  }

  /**
   * Adds files, and zips of folders, to a mail; to a new one if none is given or the given one has left
   * meanwhile.
   * @param start starts a new one
   * @returns the mail that has them; undefined if there is none
   */
  async #handOver(
    paths: readonly string[],
    deliveryId: string | undefined,
    accountId: string | null,
    start: (ready: readonly string[]) => Promise<Attached>,
  ): Promise<string | undefined> {
    const { store, runner, show, refused, packer, book } = this.#options;
    let mail = deliveryId;
    await packer.handOver(paths, fileLimit(mailboxOf(book.find(accountId))), async (ready) => {
      const delivery = mail === undefined ? undefined : store.find(mail);
      if (delivery !== undefined && isOpen(delivery)) {
        for (const problem of await runner.attach(delivery.id, ready)) refused(problem, delivery.id);
        return;
      }
      const begun = await start(ready);
      mail = begun.deliveryId;
      if (mail !== undefined) show(mail);
      for (const problem of begun.problems) refused(problem, mail);
    });
    return mail;
  }

  /** Without an ID (from the Command Palette): the newest mail. */
  showSession(deliveryId = this.#options.store.list()[0]?.id): void {
    const { dialogs, show } = this.#options;
    if (deliveryId === undefined)
      void dialogs.tell("info", t("There are no mails yet. Right-click a file to send it."));
    else show(deliveryId);
  }

  /** Sends a mail as it is; if something is missing, its panel shows that. */
  async sendNow({ id }: Pick<DeliveryRecord, "id">): Promise<void> {
    const { runner, store, show } = this.#options;
    if ((await runner.send(id, store.get(id).form)) !== undefined) show(id);
  }

  /** Starts a mail like one that was sent, for other recipients. */
  async sendAgainTo(deliveryId: string): Promise<void> {
    const { runner, show } = this.#options;
    const copy = await runner.sendAgainTo(deliveryId);
    if (copy !== undefined) show(copy);
  }

  /** Takes back a mail that is about to leave; without an ID, the newest one. */
  async undoSend(deliveryId?: string): Promise<void> {
    const { store, runner, show } = this.#options;
    const leaving = store
      .list()
      .find(({ id, leavesAt }) => id === (deliveryId ?? id) && leavesAt !== undefined);
    if (leaving === undefined) return;
    await runner.withdraw(leaving.id);
    show(leaving.id);
  }

  /**
   * Forgets a mail. One that was not sent would be lost, so the person is asked first.
   * @param isMeant true when a person clicked on its row; otherwise they are asked even about a sent mail
   */
  async forget(deliveryId: string, isMeant: boolean): Promise<void> {
    const delivery = this.#options.store.find(deliveryId);
    if (delivery === undefined || !(await this.#mayForget(delivery, isMeant))) return;
    await this.#options.runner.forget(deliveryId);
  }

  /** Forgets several: asks about sent or saved ones together, about each other one alone. A No ends it. */
  async forgetAll(ids: readonly string[]): Promise<void> {
    const { store, runner } = this.#options;
    const mails = ids.flatMap((id) => store.find(id) ?? []);
    const finished = mails.filter(isFinished);
    if (finished.length > 0 && !(await this.#mayLose(finished.length, removeFromHistory()))) return;
    for (const { id } of finished) await runner.forget(id);
    for (const mail of mails.filter((one) => !isFinished(one))) {
      if (!(await this.#mayForget(mail, true))) return;
      await runner.forget(mail.id);
    }
  }

  async #mayForget(delivery: DeliveryRecord, isMeant: boolean): Promise<boolean> {
    const { dialogs } = this.#options;
    if (isFinished(delivery)) return isMeant || this.#mayLose(1, removeFromHistory());
    if (delivery.phase === "scheduled") {
      const remove = removeFromHistory();
      const detail = t("The mail will still be sent as scheduled. To stop it, cancel it first.");
      return (await dialogs.ask("warning", t("Remove a mail that is scheduled?"), detail, remove)) === remove;
    }
    const discard = t("Discard Mail");
    const { question, detail } = discardQuestion(delivery);
    return (await dialogs.ask("warning", plain(question), plain(detail), discard)) === discard;
  }

  /** Forgets every mail that is finished. */
  async clearHistory(): Promise<void> {
    const { store, runner } = this.#options;
    const finished = store.list().filter(isFinished);
    if (finished.length === 0) return;
    if (!(await this.#mayLose(finished.length, t("Clear History")))) return;
    for (const { id } of finished) await runner.forget(id);
  }

  async #mayLose(mails: number, button: string): Promise<boolean> {
    const question = plural(
      mails,
      "Remove {0} sent or saved mail from the history?",
      "Remove {0} sent or saved mails from the history?",
    );
    const detail = t(
      "This machine then no longer shows what was sent, and to whom. The mails themselves stay where they are.",
    );
    return (await this.#options.dialogs.ask("warning", question, detail, button)) === button;
  }
}
