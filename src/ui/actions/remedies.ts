/** What the buttons of errors do. */
import type { AccountBook } from "../../accounts/accountBook.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { type ReturnRemedy, refusedBy } from "../../delivery/words/arrivalWords.ts";
import { fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import type { Remedy } from "../../shared/contract/snapshot.ts";
import { t } from "../../shared/l10n.ts";
import type { Packer } from "../attach/zip/packer.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import type { RemedyContext } from "../notices/notify.ts";
import type { AccountActs } from "./accountActs.ts";

export interface RemediesOptions {
  readonly store: Pick<DeliveryStore, "get">;
  readonly runner: Pick<
    DeliveryRunner,
    | "chooseWay"
    | "replace"
    | "resume"
    | "send"
    | "sendAgain"
    | "sendAgainTo"
    | "sendAsItIs"
    | "uploadNewVersion"
  >;
  readonly book: Pick<AccountBook, "find">;
  readonly packer: Pick<Packer, "again" | "compress" | "shrink">;
  readonly accounts: Pick<AccountActs, "add" | "allowMore" | "check" | "updateKey">;
  readonly copyAdminCommands: (email: string) => Promise<void>;
  /** Runs a command of the editor. */
  readonly runCommand: (command: string, ...args: readonly string[]) => Promise<void>;
  readonly show: (deliveryId: string) => void;
  readonly failed: (reason: unknown) => void;
  readonly dialogs: Dialogs;
  readonly now: () => number;
}

export class Remedies {
  readonly #options: RemediesOptions;

  constructor(options: RemediesOptions) {
    this.#options = options;
  }

  async run(remedy: Remedy, { deliveryId, attachmentId, accountId }: RemedyContext): Promise<void> {
    const { runner, book, accounts, failed, runCommand, copyAdminCommands } = this.#options;
    const account = book.find(accountId ?? null);
    switch (remedy) {
      case "addAccount":
        await accounts.add(deliveryId).catch(failed);
        return;
      case "checkAccount":
        if (account !== undefined) await accounts.check(account);
        return;
      case "updateKey":
        if (account !== undefined) await accounts.updateKey(account);
        return;
      case "allowMore":
        if (account !== undefined) await accounts.allowMore(account);
        return;
      case "retry":
        await this.#retry(deliveryId, attachmentId);
        return;
      case "uploadNewVersion":
        if (deliveryId !== undefined && attachmentId !== undefined)
          await runner.uploadNewVersion(deliveryId, attachmentId);
        return;
      case "sendAsItIs":
        if (deliveryId !== undefined && attachmentId !== undefined)
          await runner.sendAsItIs(deliveryId, attachmentId).catch(failed);
        return;
      case "compress":
      case "packAgain":
        if (deliveryId !== undefined && attachmentId !== undefined)
          await this.#pack(remedy, deliveryId, attachmentId);
        return;
      case "sendAgain":
      case "saveAgain":
        if (deliveryId !== undefined) await this.#sendAgain(remedy, deliveryId);
        return;
      case "compressAndSend":
      case "sendLink":
      case "correctAddress":
      case "sendToRefused":
        if (deliveryId !== undefined) await this.#sendToRefused(remedy, deliveryId);
        return;
      case "copyAdminCommand":
        if (account !== undefined) await copyAdminCommands(account.email);
        return;
      case "showLog":
        await runCommand("freightMail.showLog");
        return;
      case "openProxySettings":
        await runCommand("workbench.action.openSettings", "http.proxy");
        return;
    }
  }

  /** Replaces a file that has become too large, or a zip that is gone, with a new zip. */
  async #pack(remedy: "compress" | "packAgain", deliveryId: string, attachmentId: string): Promise<void> {
    const { runner, store, book, packer, failed } = this.#options;
    const { accountId, attachments } = store.get(deliveryId);
    const file = attachments.find(({ id }) => id === attachmentId);
    if (file === undefined) return;
    const { bytes } = fileLimit(mailboxOf(book.find(accountId)));
    const replace = (zip: string) => runner.replace(deliveryId, attachmentId, zip);
    const packing =
      remedy === "compress" || file.madeFrom === undefined
        ? packer.compress(file, bytes, replace)
        : packer.again(file.madeFrom, bytes, replace);
    await packing.catch(failed);
  }

  /** Opens a mail to only those recipients who did not get it; the person sends it. */
  async #sendToRefused(remedy: ReturnRemedy, deliveryId: string): Promise<void> {
    const { runner, store, show, failed } = this.#options;
    const to = refusedBy(store.get(deliveryId), remedy);
    const copy = to.length === 0 ? undefined : await runner.sendAgainTo(deliveryId, to);
    if (copy === undefined) return;
    show(copy);
    if (remedy === "compressAndSend") await this.shrink(copy).catch(failed);
    if (remedy === "sendLink")
      for (const { id } of store.get(copy).attachments) await runner.chooseWay(copy, id, true).catch(failed);
  }

  /** Replaces with a zip each file that a zip makes smaller. */
  async shrink(deliveryId: string): Promise<void> {
    const { runner, store, packer, book, dialogs } = this.#options;
    const { accountId, attachments } = store.get(deliveryId);
    const { bytes } = fileLimit(mailboxOf(book.find(accountId)));
    let isSmaller = false;
    for (const { id, path, name } of attachments)
      if (await packer.shrink({ path, name }, bytes, (zip) => runner.replace(deliveryId, id, zip)))
        isSmaller = true;
    if (!isSmaller)
      await dialogs.tell(
        "info",
        t("Compressing does not make these files smaller. Remove files, or send fewer in each mail."),
      );
  }

  /** Retries what failed, for the same purpose: a draft that was not saved must not be sent. */
  async #retry(deliveryId: string | undefined, attachmentId: string | undefined): Promise<void> {
    const { runner, store, show, now } = this.#options;
    if (deliveryId === undefined) return;
    if (attachmentId !== undefined) return runner.resume(deliveryId, attachmentId);
    const { form, purpose, phase } = store.get(deliveryId);
    // It was retried or taken back meanwhile, or its time has passed and nobody has said that it may go now.
    if (phase !== "failed" || (purpose.type === "later" && purpose.at <= now())) return show(deliveryId);
    if ((await runner.send(deliveryId, form, purpose)) !== undefined) show(deliveryId);
  }

  /** Asks first: what the service did not confirm may be there. */
  async #sendAgain(remedy: "sendAgain" | "saveAgain", deliveryId: string): Promise<void> {
    const { dialogs, runner } = this.#options;
    const [question, detail, again] =
      remedy === "sendAgain"
        ? [
            t("Did you check Sent Items?"),
            t("The first attempt may have arrived. Sending again would then deliver the mail twice."),
            t("It Is Not There: Send Again"),
          ]
        : [
            t("Did you check Drafts?"),
            t("The first attempt may have arrived. Saving again would then leave two drafts."),
            t("It Is Not There: Save Again"),
          ];
    if ((await dialogs.ask("warning", question, detail, again)) === again) await runner.sendAgain(deliveryId);
  }
}
