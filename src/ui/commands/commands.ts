/** What each command does: maps its name and arguments to an act. IDs and titles are in package.json. */
import * as vscode from "vscode";
import * as z from "zod";
import type { AccountBook } from "../../accounts/accountBook.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { t } from "../../shared/l10n.ts";
import type { AccountActs } from "../actions/accountActs.ts";
import type { AttachActs } from "../actions/attachActs.ts";
import type { MailActs } from "../actions/mailActs.ts";
import type { SentLinkActs } from "../actions/sentLinkActs.ts";
import type { BugReports } from "../attach/bugReportFiles.ts";
import type { IncomingFiles } from "../attach/incomingFiles.ts";
import { diagnostics } from "../editor/diagnostics.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import type { Notifier } from "../notices/notify.ts";
import { isAccountRow } from "../views/accountsTree.ts";
import type { ScheduledMails } from "../views/scheduledMails.ts";
import { isSessionRow, selectedSessions } from "../views/sessionsTree.ts";
import { alsoChosen, FileRow } from "./alsoChosen.ts";
import type { CommandName } from "./commandNames.ts";
import { chosenRows, chosenUris } from "./menuArguments.ts";
import { revealFile } from "./rowCommands.ts";

export interface CommandsOptions {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly book: AccountBook;
  readonly mails: MailActs;
  readonly accounts: AccountActs;
  readonly attach: AttachActs;
  readonly links: SentLinkActs;
  readonly scheduledMails: ScheduledMails;
  readonly incomingFiles: IncomingFiles;
  readonly bugReports: BugReports;
  readonly dialogs: Dialogs;
  readonly notifier: Notifier;
  readonly extensionVersion: string;
}

/** The row of a file below its mail: removing it does not remove the mail. */
const SessionFile = z.object({ deliveryId: z.string(), attachmentId: z.string(), isMail: z.literal(false) });
/** The row of a mail or of one of its files. */
const DeliveryArgument = z.object({ deliveryId: z.string() });
const AccountArgument = z.object({ id: z.string() });

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Runs a command, and shows what went wrong. Commands on a row do nothing without one. */
  async run(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#dispatch(name, args);
    } catch (reason) {
      this.#options.notifier.failed(reason);
      return undefined;
    }
  }

  /** Opens a new mail filled in by a link from outside VS Code. It never sends and attaches nothing. */
  async openLink(path: string, query: string): Promise<void> {
    const { readComposeLink } = await import("../../delivery/compose/composeLink.ts");
    const { attach, notifier } = this.#options;
    try {
      await attach.fill(readComposeLink(path, query), "link");
    } catch (reason) {
      notifier.failed(reason);
    }
  }

  async #dispatch(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    const { book, mails, accounts, attach, incomingFiles, bugReports, scheduledMails } = this.#options;
    const [first] = args;
    const mail = DeliveryArgument.safeParse(first).data;
    const account = book.find(AccountArgument.safeParse(first).data?.id ?? null);
    switch (name) {
      case "send":
        return attach.send(chosenUris(args));
      case "compose":
        return this.#compose(first);
      case "attachToEvent":
        return attach.attachToEvent(chosenUris(args));
      case "sendDocument":
        return incomingFiles.sendDocument(first instanceof vscode.Uri ? first : undefined);
      case "sendSelection":
        return incomingFiles.sendSelection();
      case "sendPatch":
        return incomingFiles.sendPatch(first);
      case "sendBugReport":
        return bugReports.send();
      case "addAccount":
        return accounts.add();
      case "openPracticeMailbox":
        return accounts.openPracticeMailbox();
      case "clearHistory":
        return mails.clearHistory();
      case "scheduled":
        return scheduledMails.list();
      case "cancelScheduled":
        return mail && scheduledMails.cancel(mail.deliveryId);
      case "copyDiagnostics":
        return this.#copyDiagnostics();
      case "showLog":
        return; // Registered at activation, so that the log is available before anything else.
      case "showSession":
        return mails.showSession(mail?.deliveryId);
      case "setDefaultAccount":
        return account && accounts.setDefault(account, isAccountRow(first));
      case "removeAccount":
        return account && accounts.remove(account);
      case "checkAccount":
        return account && accounts.check(account);
      case "updateKey":
        return account && accounts.updateKey(account);
      case "allowLinks":
        return account && accounts.allowLinks(account);
      case "undoSend":
        return mails.undoSend(mail?.deliveryId);
      case "sendAgainTo":
        return mail && mails.sendAgainTo(mail.deliveryId);
      case "discard":
      case "forget":
        return this.#forget(first === undefined ? selectedSessions() : chosenRows(args), first !== undefined);
      default:
        return this.#onRows(name, args);
    }
  }

  async #onRows(name: RowCommand, args: readonly unknown[]): Promise<void> {
    const [first] = args;
    const find = (deliveryId: string) => this.#options.store.find(deliveryId);
    const others = alsoChosen(name, first, chosenRows(args), find, Date.now());
    for (const row of [first, ...others]) await this.#onRow(name, row);
  }

  /** @param isClicked whether rows were clicked; a key or a task asks even about sent mails */
  async #forget(rows: readonly unknown[], isClicked: boolean): Promise<void> {
    const { mails } = this.#options;
    const [first] = rows;
    const file = SessionFile.safeParse(first).data;
    if (file !== undefined) return this.#onRow("removeFile", file);
    const ids = rows.flatMap((row) => DeliveryArgument.safeParse(row).data?.deliveryId ?? []);
    const [id, ...others] = ids;
    if (id !== undefined && others.length === 0) return mails.forget(id, isClicked && isSessionRow(first));
    await mails.forgetAll(ids);
  }

  async #onRow(name: RowCommand, argument: unknown): Promise<void> {
    const { runner, store, links } = this.#options;
    const row = FileRow.safeParse(argument).data;
    if (row === undefined) return;
    const { deliveryId, attachmentId } = row;
    const file = store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
    switch (name) {
      case "pause":
        return runner.pause(deliveryId, attachmentId);
      case "resume":
      case "retry":
        return runner.resume(deliveryId, attachmentId);
      case "uploadNewVersion":
        return runner.uploadNewVersion(deliveryId, attachmentId);
      case "sendAsItIs":
        return runner.sendAsItIs(deliveryId, attachmentId);
      case "keepVersion":
        return runner.keepVersion(deliveryId, attachmentId);
      case "cancel":
        return runner.cancel(deliveryId, attachmentId);
      case "removeFile":
        return runner.detach(deliveryId, attachmentId);
      case "copyAttachmentId":
        return this.#copyAttachmentId(file?.session?.attachmentId);
      case "copyLink":
        return this.#copyLink(file?.link?.url);
      case "extendLink":
        return links.extend(deliveryId, attachmentId);
      case "stopSharing":
      case "deleteLinked":
        return links.end(deliveryId, attachmentId, name === "deleteLinked");
      case "revealFile":
        return revealFile(file);
    }
  }

  /**
   * Opens a new mail filled in by the arguments, for keybindings, tasks and other extensions. It never sends.
   * @returns the mail's ID; empty when the person declined it, because a task can only use text
   */
  async #compose(argument: unknown): Promise<string> {
    const { readComposeRequest } = await import("../../delivery/compose/composeRequest.ts");
    const { attach } = this.#options;
    return (await attach.fill(readComposeRequest(argument ?? {}), "command"))?.deliveryId ?? "";
  }

  async #copyAttachmentId(id: string | null | undefined): Promise<void> {
    if (id != null) await this.#options.dialogs.copy(id, t("Attachment ID copied"), 3000);
  }

  async #copyLink(url: string | undefined): Promise<void> {
    if (url !== undefined) await this.#options.dialogs.copy(url, t("Link copied"), 3000);
  }

  async #copyDiagnostics(): Promise<void> {
    const { store, book, dialogs, extensionVersion } = this.#options;
    const text = diagnostics({ accounts: book.accounts, deliveries: store.list(), extensionVersion });
    await dialogs.copy(text, t("Diagnostics copied, without addresses, file names or keys"), 5000);
  }
}

/** The commands on a file's row. */
type RowCommand = Extract<
  CommandName,
  | "cancel"
  | "copyAttachmentId"
  | "copyLink"
  | "deleteLinked"
  | "extendLink"
  | "keepVersion"
  | "pause"
  | "removeFile"
  | "resume"
  | "retry"
  | "revealFile"
  | "sendAsItIs"
  | "stopSharing"
  | "uploadNewVersion"
>;
