/** What each command does. Their ids and titles are in package.json. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import { type Account, type AccountBook, isPractice, PRACTICE_ID } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { ComposeRequest } from "../../delivery/compose/composeRequest.ts";
import type { Begin } from "../../delivery/compose/newMailText.ts";
import { type DeliveryRecord, isFinished, isOpen } from "../../delivery/record/delivery.ts";
import type { Filler } from "../../delivery/record/provenance.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import { discardQuestion } from "../../delivery/words/discardWords.ts";
import { capacity, fileLimit } from "../../delivery/words/sendMethod.ts";
import type { MailService } from "../../services/mailService.ts";
import type { Remedy } from "../../shared/contract.ts";
import { counted } from "../../shared/format.ts";
import type { AccountWizard } from "../accounts/accountWizard.ts";
import { busy } from "../accounts/quickInput.ts";
import type { IncomingFiles } from "../attach/incomingFiles.ts";
import { mayBeSent } from "../attach/linkQuestion.ts";
import type { NewMail } from "../attach/newMail.ts";
import type { Packer } from "../attach/packer.ts";
import { diagnostics } from "../editor/diagnostics.ts";
import type { Notifier, RemedyContext } from "../notices/notify.ts";
import { plain } from "../notices/plain.ts";
import { copyAdminCommands } from "../notices/sendQuestions.ts";
import type { ComposePanels } from "../panel/composePanels.ts";
import { isAccountRow } from "../views/accountsTree.ts";
import type { PracticeOutbox } from "../views/practiceOutbox.ts";
import type { ScheduledMails } from "../views/scheduledMails.ts";
import type { FileRow } from "../views/sessionItem.ts";
import type { CommandName } from "./commandNames.ts";
import { chosenUris } from "./menuArguments.ts";

export interface CommandsOptions {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly book: AccountBook;
  readonly wizard: () => Promise<AccountWizard>;
  readonly serviceFor: (account: Account) => Promise<MailService>;
  readonly panels: ComposePanels;
  readonly outbox: PracticeOutbox;
  readonly packer: Packer;
  readonly newMail: NewMail;
  readonly scheduledMails: ScheduledMails;
  readonly incomingFiles: IncomingFiles;
  readonly notifier: Notifier;
  readonly extensionVersion: string;
  readonly log: Log;
}

/** Any extension can run a command with anything: what menus and the tree pass along is checked like other input. */
const Row = z.object({ deliveryId: z.string(), attachmentId: z.string() });
/** A row of a file, or of a mail without any. */
const DeliveryArgument = z.object({ deliveryId: z.string() });
const AccountArgument = z.object({ id: z.string() });

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Runs a command; shows what went wrong. Commands for a row do nothing without one. */
  async run(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#dispatch(name, args);
    } catch (reason) {
      this.#options.notifier.failed(reason);
      return undefined;
    }
  }

  async #dispatch(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    const [first] = args;
    const row = Row.safeParse(first).data;
    const mail = DeliveryArgument.safeParse(first).data;
    const account = this.#options.book.find(AccountArgument.safeParse(first).data?.id ?? null);
    switch (name) {
      case "send":
        return this.send(chosenUris(args));
      case "compose":
        return this.compose(first);
      case "attachToEvent":
        return this.attachToEvent(chosenUris(args));
      case "sendDocument":
        return this.sendDocument(first instanceof vscode.Uri ? first : undefined);
      case "sendSelection":
        return this.#options.incomingFiles.sendSelection();
      case "sendPatch":
        return this.#options.incomingFiles.sendPatch(first);
      case "addAccount":
        return this.addAccount();
      case "openPracticeMailbox":
        return this.openPracticeMailbox();
      case "clearHistory":
        return this.clearHistory();
      case "scheduled":
        return this.#options.scheduledMails.list();
      case "sendAgainTo":
        return row === undefined ? undefined : this.sendAgainTo(row);
      case "cancelScheduled":
        return mail === undefined ? undefined : this.#options.scheduledMails.cancel(mail.deliveryId);
      case "copyDiagnostics":
        return this.copyDiagnostics();
      case "showLog":
        return; // Registered at activation: the log is there before anything else.
      case "showSession":
        return this.showSession(mail?.deliveryId);
      case "setDefaultAccount":
        return account === undefined ? undefined : this.setDefaultAccount(account, isAccountRow(first));
      case "removeAccount":
      case "checkAccount":
      case "updateKey":
        return account === undefined ? undefined : this[name](account);
      case "undoSend":
        return this.undoSend(mail?.deliveryId);
      case "discard":
      case "forget":
        return mail === undefined ? undefined : this.forget(mail.deliveryId);
      case "pause":
      case "resume":
      case "retry":
      case "cancel":
      case "removeFile":
      case "copyAttachmentId":
      case "revealFile":
        return row === undefined ? undefined : this[name](row);
    }
  }

  async send(chosen: readonly vscode.Uri[]): Promise<void> {
    const paths = chosen.length > 0 ? await mayBeSent(this.#localPaths(chosen)) : await this.#chooseFiles();
    if (paths.length > 0) await this.#compose(paths);
  }

  /**
   * Opens a new mail, filled as the arguments say: for keybindings, tasks and other extensions. It never sends.
   * @returns the mail's id, empty when the person did not want it: a task can use nothing but a text
   */
  async compose(argument: unknown): Promise<string> {
    const { readComposeRequest } = await import("../../delivery/compose/composeRequest.ts");
    return (await this.fill(readComposeRequest(argument ?? {}), "command"))?.deliveryId ?? "";
  }

  /** Opens a new mail with what was asked for in it. @throws FreightError when a file or the account is not there */
  async fill(request: ComposeRequest, who: Filler): Promise<{ readonly deliveryId: string } | undefined> {
    const { book, newMail } = this.#options;
    const { requestedFiles } = await import("../panel/requestedFiles.ts");
    const account = request.account === undefined ? undefined : book.named(request.account);
    const files = await requestedFiles(request.files);
    const { mayComeFromOutside } = await import("../attach/droppedUris.ts");
    if (!(await mayComeFromOutside(files.map((file) => vscode.Uri.file(file))))) return undefined;
    const paths = await mayBeSent(files);
    if (paths.length < files.length) return undefined;
    const deliveryId = await this.#compose(
      paths,
      newMail.beginRequest(request, isEmpty(request) ? undefined : who),
      account,
    );
    return deliveryId === undefined ? undefined : { deliveryId };
  }

  /** Puts what was dropped into a mail. @param deliveryId a mail that has not left yet; undefined: a new one */
  async sendInto(chosen: readonly vscode.Uri[], deliveryId: string | undefined): Promise<void> {
    const paths = await mayBeSent(this.#localPaths(chosen));
    if (paths.length > 0) await this.put(paths, deliveryId);
  }

  /** Where every way in ends. @param begin of a new mail */
  async put(paths: readonly string[], deliveryId?: string, begin?: Begin): Promise<void> {
    if (deliveryId === undefined) await this.#compose(paths, begin);
    else await this.#handOver(paths, deliveryId, this.#options.store.get(deliveryId).accountId);
  }

  /** Attaches files to an event of a calendar, without a mail. */
  async attachToEvent(chosen: readonly vscode.Uri[]): Promise<void> {
    const { wizard, runner, panels, notifier } = this.#options;
    const paths = chosen.length > 0 ? await mayBeSent(this.#localPaths(chosen)) : await this.#chooseFiles();
    if (paths.length === 0) return;
    const account = await this.#accountWithCalendar();
    const event = account === undefined ? undefined : await (await wizard()).chooseEvent(account);
    if (account === undefined || event === undefined) return;
    const { deliveryId, problems } = await runner.attachToEvent(paths, account.id, event);
    for (const problem of problems) notifier.failed(problem);
    if (deliveryId !== undefined) panels.show(deliveryId);
  }

  /** The default account if it has a calendar, else the one that has. @throws FreightError when none has */
  async #accountWithCalendar(): Promise<Account | undefined> {
    const { book } = this.#options;
    const { defaultAccount } = book;
    const fitting = book.accounts.filter(({ hasCalendar }) => hasCalendar);
    if (fitting.length === 0)
      throw new FreightError(
        "no-account",
        "Attaching files to events needs a Microsoft 365 account. Add one first.",
        { remedy: "addAccount" },
      );
    if (defaultAccount?.hasCalendar === true || fitting.length === 1)
      return defaultAccount?.hasCalendar === true ? defaultAccount : fitting[0];
    const picked = await vscode.window.showQuickPick(
      fitting.map((account) => ({ label: account.email, account })),
      { title: "Attach to Calendar Event", placeHolder: "Whose calendar?" },
    );
    return picked?.account;
  }

  /** Begins a mail whose text is a Markdown document as the editor has it, saved or not. */
  async sendDocument(chosen: vscode.Uri | undefined): Promise<void> {
    const uri = chosen ?? vscode.window.activeTextEditor?.document.uri;
    const document = uri === undefined ? undefined : await vscode.workspace.openTextDocument(uri);
    if (document?.languageId !== "markdown")
      void vscode.window.showInformationMessage("Open the Markdown file you want to send.");
    else await this.#compose([], this.#options.newMail.beginDocument(document));
  }

  /** Adds an account; the mail it was asked for takes it. */
  async addAccount(deliveryId?: string): Promise<void> {
    const account = await (await this.#options.wizard()).run();
    if (account === undefined) return;
    void vscode.window.showInformationMessage(
      isPractice(account)
        ? "The practice mailbox is ready: what you send arrives in it, on this machine."
        : plain(`${account.email} is ready: ${capacity(account.provider)} can be sent from it.`),
    );
    if (deliveryId !== undefined) await this.#options.runner.chooseAccount(deliveryId, account.id);
  }

  async removeAccount(account: Account): Promise<void> {
    const remove = "Remove";
    const detail = "Its key is deleted from this machine. Mails that were sent stay in the history.";
    const answer = await vscode.window.showWarningMessage(
      plain(`Remove ${account.email}?`),
      { modal: true, detail },
      remove,
    );
    if (answer === remove) await this.#options.book.remove(account.id);
  }

  /** @param isMeant a person has clicked on the account: others have it told, and it can be taken back */
  async setDefaultAccount(account: Account, isMeant: boolean): Promise<void> {
    const { book } = this.#options;
    const before = book.defaultAccount;
    if (before === undefined || before.id === account.id) return;
    if (isMeant) return book.setDefault(account.id);
    if (account.service === "practice" && before.service !== "practice") {
      void vscode.window.showInformationMessage(
        "The practice mailbox sends nothing, so only you can make it the default, in the Accounts view.",
      );
      return;
    }
    await book.setDefault(account.id);
    const undo = "Undo";
    const told = plain(`A command made ${account.email} the account that new mails are sent from.`);
    void vscode.window.showInformationMessage(told, undo).then(async (answer) => {
      if (answer === undo) await book.setDefault(before.id);
    });
  }

  async checkAccount(account: Account): Promise<void> {
    try {
      const service = await this.#options.serviceFor(account);
      const mailbox = await busy("Check Account", `Checking ${account.email}…`, (signal) =>
        service.check(signal),
      );
      void vscode.window.showInformationMessage(
        plain(`${mailbox.email ?? account.email} is connected and can send ${capacity(mailbox.provider)}.`),
      );
    } catch (reason) {
      this.#options.notifier.failed(reason, { accountId: account.id });
    }
  }

  async updateKey(account: Account): Promise<void> {
    if (await (await this.#options.wizard()).renew(account)) await this.checkAccount(account);
  }

  /** Without an id (from the palette): the newest mail. */
  showSession(deliveryId = this.#options.store.list()[0]?.id): void {
    if (deliveryId === undefined)
      void vscode.window.showInformationMessage("There are no mails yet. Right-click a file to send it.");
    else this.#options.panels.show(deliveryId);
  }

  async pause({ deliveryId, attachmentId }: FileRow): Promise<void> {
    await this.#options.runner.pause(deliveryId, attachmentId);
  }

  async resume({ deliveryId, attachmentId }: FileRow): Promise<void> {
    await this.#options.runner.resume(deliveryId, attachmentId);
  }

  async retry(row: FileRow): Promise<void> {
    await this.resume(row);
  }

  async cancel({ deliveryId, attachmentId }: FileRow): Promise<void> {
    await this.#options.runner.cancel(deliveryId, attachmentId);
  }

  /** Takes one file off a mail that was not sent; the mail stays. */
  async removeFile({ deliveryId, attachmentId }: FileRow): Promise<void> {
    await this.#options.runner.detach(deliveryId, attachmentId);
  }

  /** Takes a mail back that is about to leave: without an id the newest. */
  async undoSend(deliveryId?: string): Promise<void> {
    const { store, runner, panels } = this.#options;
    const leaving = store
      .list()
      .find(({ id, leavesAt }) => id === (deliveryId ?? id) && leavesAt !== undefined);
    if (leaving === undefined) return;
    await runner.withdraw(leaving.id);
    panels.show(leaving.id);
  }

  async copyAttachmentId(row: FileRow): Promise<void> {
    const id = this.#attachment(row)?.session?.attachmentId;
    if (id == null) return;
    await vscode.env.clipboard.writeText(id);
    vscode.window.setStatusBarMessage("Attachment ID copied", 3000);
  }

  async revealFile(row: FileRow): Promise<void> {
    const path = this.#attachment(row)?.path;
    if (path === undefined) return;
    const uri = vscode.Uri.file(path);
    const exists = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (!exists) throw new FreightError("file-missing", `The file is no longer in ${dirname(path)}.`);
    const isInFolder = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    await vscode.commands.executeCommand(isInFolder ? "revealInExplorer" : "revealFileInOS", uri);
  }

  async forget(deliveryId: string): Promise<void> {
    const delivery = this.#options.store.find(deliveryId);
    if (delivery === undefined || !(await mayForget(delivery))) return;
    await this.#options.runner.forget(deliveryId);
  }

  /** Forgets every mail that nothing will happen to any more. */
  async clearHistory(): Promise<void> {
    const { store, runner } = this.#options;
    const finished = store.list().filter(isFinished);
    if (finished.length === 0) return;
    const clear = "Clear History";
    const question = `Forget ${counted(finished.length, "mail that was", "mails that were")} sent or saved?`;
    const detail =
      "This machine then no longer shows what was sent, and to whom. The mails themselves stay where they are.";
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, clear)) !== clear) return;
    for (const { id } of finished) await runner.forget(id);
  }

  async copyDiagnostics(): Promise<void> {
    const { store, book, extensionVersion } = this.#options;
    await vscode.env.clipboard.writeText(
      diagnostics({ accounts: book.accounts, deliveries: store.list(), extensionVersion }),
    );
    vscode.window.setStatusBarMessage("Diagnostics copied: no addresses, no file names, no keys", 5000);
  }

  async openPracticeMailbox(): Promise<void> {
    // Whoever looks into it wants to send from it too.
    if (this.#options.book.find(PRACTICE_ID) === undefined)
      await (await this.#options.wizard()).addPractice();
    await this.#options.outbox.open();
  }

  async runRemedy(remedy: Remedy, context: RemedyContext): Promise<void> {
    const { runner, book, notifier } = this.#options;
    const { deliveryId, attachmentId } = context;
    const account = book.find(context.accountId ?? null);
    switch (remedy) {
      case "addAccount":
        await this.addAccount(deliveryId).catch((reason: unknown) => notifier.failed(reason));
        return;
      case "checkAccount":
        if (account !== undefined) await this.checkAccount(account);
        return;
      case "updateKey":
        if (account !== undefined) await this.updateKey(account);
        return;
      case "retry":
        await this.#retry(deliveryId, attachmentId);
        return;
      case "uploadNewVersion":
        if (deliveryId !== undefined && attachmentId !== undefined)
          await runner.uploadNewVersion(deliveryId, attachmentId);
        return;
      case "compress":
      case "packAgain":
        if (deliveryId !== undefined && attachmentId !== undefined)
          await this.#pack(remedy, deliveryId, attachmentId);
        return;
      case "sendAgain":
        if (deliveryId !== undefined) await this.#sendAgain(deliveryId);
        return;
      case "saveAgain":
        if (deliveryId !== undefined) await this.#saveAgain(deliveryId);
        return;
      case "copyAdminCommand":
        if (account !== undefined) await copyAdminCommands(account.email);
        return;
      case "showLog":
        await vscode.commands.executeCommand("freightMail.showLog");
        return;
      case "openProxySettings":
        await vscode.commands.executeCommand("workbench.action.openSettings", "http.proxy");
        return;
    }
  }

  /** Lets the person choose what to add to a mail that has not left yet. */
  async addFiles(deliveryId: string): Promise<void> {
    const paths = await this.#chooseFiles();
    if (paths.length > 0) await this.put(paths, deliveryId);
  }

  /** The active editor's file is offered first. */
  async #chooseFiles(): Promise<readonly string[]> {
    const active = vscode.window.activeTextEditor?.document.uri;
    const defaultUri = active?.scheme === "file" ? active : vscode.workspace.workspaceFolders?.[0]?.uri;
    const uris = await vscode.window.showOpenDialog({
      title: "Send as Large Attachment",
      openLabel: "Attach",
      canSelectMany: true,
      canSelectFiles: true,
      canSelectFolders: canChooseBoth(),
      ...(defaultUri === undefined ? {} : { defaultUri }),
    });
    return mayBeSent(this.#localPaths(uris ?? []));
  }

  async #compose(paths: readonly string[], begin?: Begin, from?: Account): Promise<string | undefined> {
    const { book, wizard } = this.#options;
    const account = from ?? book.defaultAccount ?? (await (await wizard()).run());
    return account === undefined ? undefined : this.#handOver(paths, undefined, account.id, begin);
  }

  /**
   * Puts files, and zips of folders, into a mail: into a new one where none is given, or that one has left meanwhile.
   * @returns the mail that has them; undefined while there is none
   */
  async #handOver(
    paths: readonly string[],
    deliveryId: string | undefined,
    accountId: string | null,
    begin?: Begin,
  ): Promise<string | undefined> {
    const { store, runner, panels, notifier, packer, book } = this.#options;
    let mail = deliveryId;
    const { provider = null } = book.find(accountId) ?? {};
    await packer.handOver(paths, fileLimit(provider), async (ready) => {
      const delivery = mail === undefined ? undefined : store.find(mail);
      if (delivery !== undefined && isOpen(delivery)) {
        for (const problem of await runner.attach(delivery.id, ready)) notifier.failed(problem);
        return;
      }
      const begun = await runner.compose(ready, accountId, begin);
      for (const problem of begun.problems) notifier.failed(problem);
      mail = begun.deliveryId;
      if (mail !== undefined) panels.show(mail);
    });
    return mail;
  }

  /** Starts a mail like one that was sent, for other recipients. */
  async sendAgainTo({ deliveryId }: { readonly deliveryId: string }): Promise<void> {
    const { runner, panels } = this.#options;
    const copy = await runner.sendAgainTo(deliveryId);
    if (copy !== undefined) panels.show(copy);
  }

  /** Puts a zip in the place of a file that has become too large, or of an archive that is gone. */
  async #pack(remedy: "compress" | "packAgain", deliveryId: string, attachmentId: string): Promise<void> {
    const { runner, store, book, packer, notifier } = this.#options;
    const { accountId, attachments } = store.get(deliveryId);
    const file = attachments.find(({ id }) => id === attachmentId);
    if (file === undefined) return;
    const { bytes } = fileLimit(book.find(accountId)?.provider ?? null);
    const replace = (zip: string) => runner.replace(deliveryId, attachmentId, zip);
    const packing =
      remedy === "compress" || file.madeFrom === undefined
        ? packer.compress(file, bytes, replace)
        : packer.again(file.madeFrom, bytes, replace);
    await packing.catch((reason: unknown) => notifier.failed(reason));
  }

  async #retry(deliveryId: string | undefined, attachmentId: string | undefined): Promise<void> {
    const { runner, store, panels } = this.#options;
    if (deliveryId === undefined) return;
    if (attachmentId !== undefined) await runner.resume(deliveryId, attachmentId);
    else {
      // What failed is tried again: a draft that was not saved must not be sent.
      const { form, purpose, phase } = store.get(deliveryId);
      // It was tried again meanwhile, or taken back; or its time is over, and nobody has said that it may go now.
      if (phase !== "failed" || (purpose.type === "later" && purpose.at <= Date.now()))
        return panels.show(deliveryId);
      if ((await runner.send(deliveryId, form, purpose)) !== undefined) panels.show(deliveryId);
    }
  }

  /** Sends a mail as it stands; what is missing is shown in its panel. */
  async sendNow({ id }: DeliveryRecord): Promise<void> {
    const { runner, store, panels } = this.#options;
    if ((await runner.send(id, store.get(id).form)) !== undefined) panels.show(id);
  }

  async #sendAgain(deliveryId: string): Promise<void> {
    const sendAgain = "It Is Not There: Send Again";
    const answer = await vscode.window.showWarningMessage(
      "Did you check Sent Items?",
      {
        modal: true,
        detail: "The first attempt may have arrived. Sending again would then deliver the mail twice.",
      },
      sendAgain,
    );
    if (answer === sendAgain) await this.#options.runner.sendAgain(deliveryId);
  }

  async #saveAgain(deliveryId: string): Promise<void> {
    const saveAgain = "It Is Not There: Save Again";
    const detail = "The first attempt may have arrived. Saving again would then leave two drafts.";
    const question = "Did you check Drafts?";
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, saveAgain);
    if (answer === saveAgain) await this.#options.runner.sendAgain(deliveryId);
  }

  /** File-system paths; what lies elsewhere is named and left out. */
  #localPaths(uris: readonly vscode.Uri[]): string[] {
    for (const uri of uris)
      if (uri.scheme !== "file")
        this.#options.notifier.failed(
          new FreightError(
            "file-not-local",
            `“${uri.path}” is not on a disk that Freight Mail can read from.`,
          ),
        );
    return uris.filter(({ scheme }) => scheme === "file").map(({ fsPath }) => fsPath);
  }

  #attachment({ deliveryId, attachmentId }: FileRow) {
    return this.#options.store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
  }
}

/** VS Code's own dialog shows files and folders, as that of macOS does; elsewhere it is one of the two. */
function canChooseBoth(): boolean {
  const isOwnDialog = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  return isOwnDialog || process.platform === "darwin";
}

/** Asks for a mail, and fills nothing in. */
function isEmpty({ files, account: _, format: __, ...texts }: ComposeRequest): boolean {
  return files.length === 0 && Object.values(texts).every((text) => (text ?? "") === "");
}

/** A mail that was not sent is lost with its row: asked before. */
async function mayForget(delivery: DeliveryRecord): Promise<boolean> {
  if (isFinished(delivery)) return true;
  if (delivery.phase === "scheduled") return mayForgetScheduled();
  const discard = "Discard Mail";
  const { question, detail } = discardQuestion(delivery);
  return (
    (await vscode.window.showWarningMessage(
      plain(question),
      { modal: true, detail: plain(detail) },
      discard,
    )) === discard
  );
}

async function mayForgetScheduled(): Promise<boolean> {
  const remove = "Remove from History";
  const detail = "The mail will still be sent as scheduled. To stop it, cancel it first.";
  const question = "Remove a mail that is scheduled?";
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}
