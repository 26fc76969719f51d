/** Builds everything that the extension needs once it is used, and hands each part what it takes. Loaded on demand. */
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import * as vscode from "vscode";
import { type Account, AccountBook } from "../accounts/accountBook.ts";
import { MailServices } from "../accounts/mailServices.ts";
import { NylasTokens } from "../accounts/nylasTokens.ts";
import { type FreightError, toSavedError } from "../base/errors.ts";
import { DisposableStore, Emitter } from "../base/lifecycle.ts";
import { explain, type Log } from "../base/log.ts";
import { isRunning } from "../base/processIdentity.ts";
import { MailHosts } from "../delivery/compose/mailHosts.ts";
import { OwnLimits } from "../delivery/compose/ownLimits.ts";
import { LinkTrials } from "../delivery/linkTrials.ts";
import { isOpen } from "../delivery/record/queries.ts";
import { messageLimit } from "../delivery/rules/messageLimit.ts";
import { SecretDoor } from "../delivery/rules/secretDoor.ts";
import { SendRules } from "../delivery/rules/sendRules.ts";
import { TrialNotes } from "../delivery/store/disk/trialNotes.ts";
import type { DeliveryStore } from "../delivery/store/store.ts";
import type { LinkLimits } from "../delivery/words/linkLimits.ts";
import { fileLimit, mailboxOf } from "../delivery/words/sendMethod.ts";
import { hashFile } from "../files/fileHash.ts";
import { inspectFile } from "../files/fileSource.ts";
import { isGrowing } from "../files/folder/growingFiles.ts";
import type { Network } from "../net/connect/dialler.ts";
import { HttpLine } from "../net/http.ts";
import { LoopbackListener } from "../net/loopbackListener.ts";
import { mailServersOf } from "../net/mailServers.ts";
import { permit } from "../policy/accountRules.ts";
import { AuditLog } from "../policy/auditLog.ts";
import { verdictOn } from "../policy/mailRules.ts";
import { machinePolicy } from "../policy/policyFile.ts";
import { revokeToken, tokenEnd } from "../services/nylas/nylasSignIn.ts";
import { PracticeMailbox } from "../services/practice.ts";
import { described } from "../shared/format.ts";
import { plural } from "../shared/l10n.ts";
import * as quickInput from "../ui/accounts/quickInput.ts";
import type { PageTools } from "../ui/accounts/servicePages.ts";
import { silentToken } from "../ui/accounts/signInToken.ts";
import { AccountActs, askToSignInAgain } from "../ui/actions/accountActs.ts";
import { AttachActs } from "../ui/actions/attachActs.ts";
import { LinkActs } from "../ui/actions/linkActs.ts";
import { MailActs } from "../ui/actions/mailActs.ts";
import { Remedies } from "../ui/actions/remedies.ts";
import { AssistantTools } from "../ui/assistant/assistantTools.ts";
import { BugReports } from "../ui/attach/bugReport.ts";
import { chooseUris, localFiles, namedFiles } from "../ui/attach/fileSelection.ts";
import { IncomingFiles } from "../ui/attach/incomingFiles.ts";
import { MadeFiles } from "../ui/attach/madeFiles.ts";
import { NewMail } from "../ui/attach/newMail.ts";
import { OutsideFiles } from "../ui/attach/outsideFiles.ts";
import { Packer } from "../ui/attach/packer.ts";
import { askAboutSecrets } from "../ui/attach/secretQuestion.ts";
import { UnsavedFiles } from "../ui/attach/unsavedFiles.ts";
import { Commands } from "../ui/commands/commands.ts";
import { type FailedTasks, listedProblems, selectedOutput } from "../ui/editor/bugSources.ts";
import { editorBrowser } from "../ui/editor/editorBrowser.ts";
import { type GitExtension, gitPath } from "../ui/editor/gitExtension.ts";
import { People } from "../ui/editor/people.ts";
import {
  isManagedSetting,
  managedSetting,
  networkSettings,
  readSetting,
  setting,
  writeSetting,
} from "../ui/editor/settings.ts";
import { systemProxy } from "../ui/editor/systemProxy.ts";
import { unsavedEditors } from "../ui/editor/unsavedEditors.ts";
import { editorDialogs } from "../ui/notices/editorDialogs.ts";
import { ExpiryWatch } from "../ui/notices/expiryWatch.ts";
import { Notifier, type RemedyContext } from "../ui/notices/notify.ts";
import { Outcomes } from "../ui/notices/outcomes.ts";
import { RefusedFiles } from "../ui/notices/refusedFiles.ts";
import { copyAdminCommands, SendQuestions } from "../ui/notices/sendQuestions.ts";
import { ComposePanels } from "../ui/panel/composePanels.ts";
import { KeptMails } from "../ui/panel/keptMails.ts";
import { OpenTabs } from "../ui/panel/openTabs.ts";
import { offerUndo } from "../ui/views/notKeptItem.ts";
import { PracticeMails } from "../ui/views/practiceMails.ts";
import { PracticeOutbox } from "../ui/views/practiceOutbox.ts";
import { showProgress } from "../ui/views/progress.ts";
import { ScheduledMails } from "../ui/views/scheduledMails.ts";
import { StatusBar } from "../ui/views/statusBar.ts";
import { UndoItem } from "../ui/views/undoItem.ts";
import { publishContext } from "./contextKeys.ts";
import { createEngine, createRecords, type ShowProgress, shownCopy } from "./createEngine.ts";

const DAY_MS = 24 * 3_600_000;

export interface App {
  readonly store: DeliveryStore;
  readonly book: AccountBook;
  readonly commands: Commands;
  readonly panels: ComposePanels;
  readonly tools: AssistantTools;
  readonly incomingFiles: IncomingFiles;
  /** Ends all work; what is unfinished goes on in the next window. */
  shutdown(): Promise<void>;
}

/** @param showFirst handed what can be shown of a long history while the rest of it is read */
export async function createApp(
  context: vscode.ExtensionContext,
  log: Log,
  showFirst: (store: DeliveryStore) => void,
  failedTasks: FailedTasks,
): Promise<App> {
  const owner = new DisposableStore();
  const own = <T extends { dispose(): void }>(item: T): T => owner.add(item);
  const { globalState, secrets, globalStorageUri, extensionUri } = context;
  const folder = (name: string) => vscode.Uri.joinPath(globalStorageUri, name).fsPath;
  const program = (name: string) => vscode.Uri.joinPath(extensionUri, "dist", `${name}.js`).fsPath;

  const pac = systemProxy(log);
  const network = (): Network => ({
    settings: networkSettings(),
    env: process.env,
    ...(pac === undefined ? {} : { systemProxy: pac }),
  });
  const http = own(new HttpLine({ network }));
  const book = own(new AccountBook(globalState, secrets));
  const practice = own(
    new PracticeMailbox({
      program: program("sandbox"),
      dataFolder: folder("practice"),
      log,
    }),
  );

  const dialogs = editorDialogs;
  const { authentication } = vscode;
  const isTrusted = () => vscode.workspace.isTrusted;
  const runCommand = async (command: string, ...args: readonly unknown[]): Promise<void> =>
    vscode.commands.executeCommand(command, ...args);
  const notifier = new Notifier(log, dialogs);
  const failed = (reason: unknown, remedyContext?: RemedyContext) => notifier.failed(reason, remedyContext);
  const credential = (account: Account) => book.credential(account);
  const pageTools: PageTools = {
    http,
    credential,
    save: (account, secret) => book.save(account, secret),
    newId: randomUUID,
    noted: (reason) => log.error(explain(reason)),
    report: (reason) => notifier.failed(reason),
    input: quickInput,
    authentication,
    dialogs,
    browser: editorBrowser,
    listen: LoopbackListener.open,
    remoteName: vscode.env.remoteName,
    readSetting,
    writeSetting,
  };
  const nylasTokens = new NylasTokens({
    book,
    now: Date.now,
    endOf: (account, token) => tokenEnd(http, account.apiUri, token, AbortSignal.timeout(10_000)),
    renew: async (account) => {
      // A broker asks nobody.
      if (account.renewal === "signIn" && !(await askToSignInAgain(dialogs, account, Date.now())))
        return undefined;
      const { NylasSignInPages } = await import("../ui/accounts/nylasSignInPages.ts");
      return new NylasSignInPages(pageTools).tokenFor(account);
    },
    failed,
  });
  const services = new MailServices({
    http,
    practice,
    permit,
    credential,
    nylasToken: (accountId) => nylasTokens.of(accountId),
    signInToken: ({ signIn, email }, challenge) => silentToken(authentication, signIn, email, challenge),
  });
  const serviceFor = (account: Account) => services.serviceOf(account);
  /** Loaded for a person who adds or mends an account: a window that only goes on with an upload needs none of it. */
  const wizard = async () => {
    const { AccountWizard } = await import("../ui/accounts/accountWizard.ts");
    return new AccountWizard({ ...pageTools, practice, serviceFor });
  };

  const clock = { now: Date.now, monotonic: () => performance.now() };
  const records = createRecords(
    {
      folders: { deliveries: folder("deliveries"), archives: folder("archives") },
      secrets,
      log,
      clock,
      place: vscode.workspace.name,
    },
    owner,
  );
  const { store, archives, keeper } = records;
  const git = () => vscode.extensions.getExtension<GitExtension>("vscode.git");
  const newMail = new NewMail({ git, now: Date.now, log });
  const secretDoor = new SecretDoor({
    ask: (found, hasOthers) => askAboutSecrets(dialogs, found, hasOthers),
    originOf: (path) => archives.originOf(path),
  });
  const rules = new SendRules({
    store,
    policy: () => machinePolicy.rules,
    audit: new AuditLog({
      folder: () => machinePolicy.rules.auditLog,
      noteFolder: folder("audit"),
      user: userInfo().username,
      now: Date.now,
    }),
    log,
  });
  const closing = new AbortController();
  const shownWork: ShowProgress = (title, work) => showProgress(title, closing.signal, work);
  const packer = new Packer({
    archives,
    secretDoor,
    settle: (path) => keeper.settle(path),
    inspect: (path, { bytes, limitOf }) => inspectFile(path, bytes, limitOf),
    takeCopy: (path) => shownCopy(keeper, path, shownWork),
    showProgress,
    threadProgram: program("packThread"),
    isTrusted,
    git: () => gitPath(git()),
    dialogs,
    notifier,
    log,
  });
  const ownLimits = new OwnLimits({ memory: globalState, accounts: book, log });
  const mailHosts = new MailHosts({
    isOn: () => managedSetting("lookUpMailServers"),
    serversOf: (domain) => mailServersOf(domain),
    now: Date.now,
    log,
  });
  const sendLimit = (account: Account | undefined) =>
    account === undefined ? null : messageLimit(account, setting("messageLimits"), ownLimits.of(account));
  const questions = new SendQuestions({
    dialogs,
    store,
    book,
    sendLimit,
    mailHosts,
    recipients: () => ({
      outside: managedSetting("ask.outside"),
      firstTime: managedSetting("ask.firstTime"),
      manyRecipients: managedSetting("ask.manyRecipients"),
      isAsked: (email) => verdictOn(email, machinePolicy.rules.recipients) === "asked",
      ownDomains: managedSetting("ownDomains"),
      isManaged: (["ask.outside", "ask.firstTime", "ask.manyRecipients"] as const).some(isManagedSetting),
    }),
    zip: (file, limit, give) => packer.zip(file, limit.bytes, give),
  });
  const runner = createEngine(records, {
    secretDoor,
    log,
    memory: globalState,
    tell: (error, deliveryId) => notifier.failed(error, { deliveryId }),
    serviceFor,
    accounts: book,
    begin: newMail.begin,
    network,
    clock,
    consent: (deliveryId, replace, purpose) => questions.ask(deliveryId, replace, purpose),
    mostBoth: (delivery) => questions.mostBoth(delivery),
    rules,
    watch: {
      isOn: () => setting("noticeReturnedMail"),
      isFocused: () => vscode.window.state.focused,
    },
    asksForReceipts: () => setting("deliveryReceipts"),
    mostBytes: (account) => sendLimit(account)?.bytes ?? null,
    ownLimits,
    linkLimits,
    undoSendMs: () => managedSetting("undoSendSeconds") * 1000,
    goesAsItIs: (path) => isGrowing(path, setting("growingFiles")),
    showProgress: shownWork,
    // VS Code gives an extension five seconds.
    sendGraceMs: 3_000,
  });

  const practiceMails = new PracticeMails({ practice, http, deliveries: () => store.list(), hash: hashFile });
  const outbox = new PracticeOutbox({ mails: practiceMails, extensionUri, failed });
  const shown = own(new Emitter<string>(failed));
  const show = (deliveryId: string) => shown.fire(deliveryId);
  const accounts = new AccountActs({
    book,
    runner,
    wizard,
    serviceFor,
    openMails: (accountId) =>
      store
        .list()
        .filter((mail) => mail.accountId === accountId && isOpen(mail) && mail.event === null)
        .flatMap(({ id }) => (records.leases.holds(id) ? [id] : [])),
    busy: quickInput.busy,
    openOutbox: () => outbox.open(),
    failed,
    signOut: async (account) => {
      const token = await book.credential(account);
      await revokeToken(http, account.apiUri, token, AbortSignal.timeout(5_000));
    },
    log,
    dialogs,
  });
  const refusedFiles = new RefusedFiles();
  const refused = own(
    new Emitter<{ readonly problem: FreightError; readonly deliveryId: string | undefined }>(failed),
  );
  const mails = new MailActs({
    store,
    runner,
    book,
    packer,
    addAccount: async () => (await wizard()).run(),
    show,
    refused: (problem, deliveryId) => refused.fire({ problem, deliveryId }),
    dialogs,
  });
  const put: MailActs["put"] = (paths, deliveryId, begin) => mails.put(paths, deliveryId, begin);
  const outside = new OutsideFiles({
    dialogs,
    folderOf: (path) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath,
  });
  const fileQuestions = {
    outside,
    unsaved: new UnsavedFiles({ dialogs, editors: unsavedEditors, failed }),
    failed,
  };
  const attach = new AttachActs({
    files: {
      local: (uris) => localFiles(uris, fileQuestions),
      choose: async () => localFiles(await chooseUris(), fileQuestions),
      requested: (names) => namedFiles(names, fileQuestions),
    },
    mails,
    accounts,
    book,
    newMail,
    chooseEvent: async (account) => (await wizard()).chooseEvent(account),
  });
  const remedies = new Remedies({
    store,
    runner,
    book,
    packer,
    accounts,
    copyAdminCommands: (mailbox) => copyAdminCommands(dialogs, mailbox),
    runCommand,
    show,
    failed,
    dialogs,
    now: Date.now,
  });
  own(notifier.onDidChooseRemedy(({ remedy, context }) => void remedies.run(remedy, context).catch(failed)));

  const people = own(
    new People({
      store,
      book,
      git,
      isTrusted,
      now: Date.now,
      log,
    }),
  );
  const made = new MadeFiles({ archives, settle: (path) => keeper.settle(path) });
  const scheduledMails = new ScheduledMails({
    store,
    runner,
    book,
    serviceFor,
    show,
    dialogs,
    notifier,
    log,
  });
  const incomingFiles = new IncomingFiles({
    store,
    book,
    made,
    outside,
    dialogs,
    newMail,
    git,
    send: (uris, deliveryId) => attach.sendInto(uris, deliveryId),
    put,
    failed,
    now: Date.now,
  });
  const openTabs = new OpenTabs({
    folder: folder("tabs"),
    memory: context.workspaceState,
    hostId: randomUUID(),
    pid: process.pid,
    parentPid: process.ppid,
    isRunning,
  });
  const closed = own(new Emitter<string>(failed));
  const links = new LinkActs({ store, runner, dialogs, now: Date.now, limits: linkLimits });
  const trials = new LinkTrials({
    ...{ serviceFor, clock, log, limits: linkLimits },
    notes: new TrialNotes(folder("trials")),
    find: (id) => book.find(id),
  });
  const panels = own(
    new ComposePanels({
      extensionUri,
      store,
      runner,
      book,
      sendLimit,
      mailHosts,
      people,
      memory: globalState,
      notifier,
      runRemedy: (remedy, remedyContext) => remedies.run(remedy, remedyContext),
      dialogs,
      refusedFiles,
      addFiles: (deliveryId) => attach.addFiles(deliveryId),
      loadSimulator: async (deliveryId, post) => {
        const { createSimulator } = await import("../ui/panel/createSimulator.ts");
        return createSimulator(deliveryId, {
          ...{ store, memory: globalState, practice, http, mails: practiceMails, dialogs, log, post },
        });
      },
      made,
      put,
      dropUris: (deliveryId, uris) => incomingFiles.dropOnPanel(deliveryId, uris),
      cancelScheduled: (deliveryId) => scheduledMails.cancel(deliveryId),
      noteTabs: (tabs) => {
        try {
          openTabs.note(tabs);
        } catch (reason) {
          log.warn(`After a crash, open mails will have to be reopened by hand: ${explain(reason)}`);
        }
      },
      onClosed: (deliveryId) => closed.fire(deliveryId),
      sendAgainTo: (deliveryId) => mails.sendAgainTo(deliveryId),
      links,
      linkLimits,
      linkRefusals: async (accountId, days) => {
        const account = book.find(accountId);
        return account === undefined ? [] : trials.refusals(account, days);
      },
      openPracticeMailbox: () => accounts.openPracticeMailbox(),
      shrink: (deliveryId) => remedies.shrink(deliveryId),
      log,
    }),
  );
  own(shown.event((deliveryId) => panels.show(deliveryId)));
  own(
    refused.event(({ problem, deliveryId }) => {
      // In a panel that is in sight; anywhere else nobody would see it.
      if (deliveryId === undefined || !panels.isVisible(deliveryId)) return failed(problem);
      log.error(explain(problem));
      refusedFiles.add(deliveryId, problem.message);
    }),
  );
  const kept = own(
    new KeptMails({
      store,
      runner,
      show,
      discard: (deliveryId) => mails.forget(deliveryId, true),
      isOpen: (deliveryId) => panels.isOpen(deliveryId),
      offerUndo,
      failed,
      dialogs,
      runCommand,
      log,
    }),
  );
  own(closed.event((deliveryId) => kept.closed(deliveryId)));
  const commands = new Commands({
    store,
    runner,
    book,
    mails,
    accounts,
    attach,
    links,
    scheduledMails,
    incomingFiles,
    bugReports: new BugReports({
      dialogs,
      made,
      failedTask: () => failedTasks.last,
      selectedOutput,
      problems: listedProblems,
      repository: async () => {
        const { reportedRepository } = await import("../ui/attach/gitPatch.ts");
        return reportedRepository(git(), dialogs, closing.signal);
      },
      chooseFiles: async () => localFiles(await chooseUris(), fileQuestions),
      put,
      begin: (body, subject) => {
        const format = setting("body.format") === "text" ? "text" : "markdown";
        return newMail.beginRequest({ body, subject, format });
      },
      failed,
      system: described(`${vscode.env.appName} ${vscode.version}`, `${process.platform} ${process.arch}`),
    }),
    dialogs,
    notifier,
    extensionVersion: String(context.extension.packageJSON.version),
  });
  const tools = new AssistantTools({
    deliveries: store,
    folders: () => (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    isTrusted,
    hasAccount: () => book.accounts.length > 0,
    inspect: (path) => {
      const { bytes, limitOf } = fileLimit(mailboxOf(book.defaultAccount));
      return inspectFile(path, bytes, limitOf);
    },
    // The one thing that a model can have done, and it ends at the form.
    fill: (request) => attach.fill(request, "assistant"),
    now: Date.now,
  });

  const unreadable = await store.load(() => showFirst(store));
  if (unreadable > 0)
    void dialogs.tell(
      "warning",
      plural(
        unreadable,
        "{0} saved mail could not be read and was set aside in {1}.",
        "{0} saved mails could not be read and were set aside in {1}.",
        folder("deliveries"),
      ),
    );
  void rules.catchUp().catch((reason: unknown) => log.error(explain(reason)));
  void keeper.sweep();
  own(new StatusBar(store));
  own(new UndoItem(store));
  own(
    new Outcomes({
      store,
      notifier,
      dialogs,
      runCommand,
      isOurs: (deliveryId) => records.leases.holds(deliveryId),
      runRemedy: (remedy, remedyContext) => remedies.run(remedy, remedyContext),
      isVisible: (deliveryId) => panels.isVisible(deliveryId),
      wanted: () => setting("notifications"),
    }),
  );
  own(
    new ExpiryWatch({
      store,
      isOurs: (deliveryId) => records.leases.holds(deliveryId),
      sendNow: (delivery) => mails.sendNow(delivery),
      dialogs,
    }),
  );
  own(store.onDidStumble((error) => notifier.problem({ ...toSavedError(error), remedy: null })));
  own(publishContext(store, book));
  // Other windows of this machine share the folder: what they do is shown here too.
  await records
    .watch((id) => {
      void runner.noticed(id).catch((reason: unknown) => log.error(explain(reason)));
    })
    .then(own, (reason: unknown) =>
      // Linux counts watches for all programs together. Mails are sent all the same.
      log.warn(`Changes made in other windows are shown here only after a reload: ${explain(reason)}`),
    );
  const tidy = () => {
    void trials.tidy().catch((reason: unknown) => log.error(explain(reason)));
    void runner
      .forgetOlder(Date.now() - managedSetting("history.days") * DAY_MS)
      .catch((reason: unknown) => log.error(explain(reason)));
  };
  const daily = setInterval(tidy, DAY_MS).unref();
  own({ dispose: () => clearInterval(daily) });
  tidy();
  void runner.recover().catch((reason: unknown) => log.error(explain(reason)));

  const orphans = openTabs.orphans();
  if (orphans.length > 0)
    await panels.replace(orphans).catch((reason: unknown) => log.error(explain(reason)));

  return {
    store,
    book,
    commands,
    panels,
    tools,
    incomingFiles,
    shutdown: async () => {
      panels.windowCloses();
      openTabs.forget();
      kept.dispose();
      incomingFiles.stop();
      closing.abort();
      await Promise.all([packer.stop(), runner.shutdown()]);
      owner.dispose();
    },
  };
}

/** What a person may choose for links at most: as they have set, or less where a policy says so. */
function linkLimits(): LinkLimits {
  const days = managedSetting("links.days");
  return { audience: managedSetting("links.audience"), days: days === 0 ? null : days };
}
