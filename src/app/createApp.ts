/** Builds everything the extension needs once it is used, and wires it together. Loaded on demand. */
import * as vscode from "vscode";
import type { AccountBook } from "../accounts/accountBook.ts";
import { DisposableStore } from "../base/lifecycle.ts";
import { explain, type Log } from "../base/log.ts";
import type { DeliveryStore } from "../delivery/store/store.ts";
import { fileLimit, mailboxOf } from "../delivery/words/sendMethod.ts";
import { inspectFile } from "../files/fileSource.ts";
import { isGrowing } from "../files/folder/growingFiles.ts";
import { AssistantTools } from "../ui/assistant/assistantTools.ts";
import type { IncomingFiles } from "../ui/attach/incomingFiles.ts";
import { NewMail } from "../ui/attach/newMail.ts";
import { Commands } from "../ui/commands/commands.ts";
import type { FailedTasks } from "../ui/editor/bugSources.ts";
import { linkLimits, managedSetting, setting } from "../ui/editor/settings.ts";
import type { ComposePanels } from "../ui/panel/composePanels.ts";
import { createAccounts } from "./createAccounts.ts";
import { createActs } from "./createActs.ts";
import { createChecks } from "./createChecks.ts";
import { createEngine, createRecords } from "./createEngine.ts";
import { createPanels } from "./createPanels.ts";
import { createWaysIn } from "./createWaysIn.ts";
import { createWindow } from "./createWindow.ts";
import { resumeWork } from "./resumeWork.ts";

export interface App {
  readonly store: DeliveryStore;
  readonly book: AccountBook;
  readonly commands: Commands;
  readonly panels: ComposePanels;
  readonly tools: AssistantTools;
  readonly incomingFiles: IncomingFiles;
  /** Stops all work; the next window resumes what is unfinished. */
  shutdown(): Promise<void>;
}

/** @param showFirst called with the store once it can show the newest mails of a long history */
export async function createApp(
  context: vscode.ExtensionContext,
  log: Log,
  showFirst: (store: DeliveryStore) => void,
  failedTasks: FailedTasks,
): Promise<App> {
  const owner = new DisposableStore();
  const window = createWindow(context, log, owner);
  const { folder, dialogs, notifier, isTrusted, git, clock, closing, showWork } = window;
  const accounts = createAccounts(window);
  const { network, book, serviceFor } = accounts;
  const records = createRecords(
    {
      folders: { deliveries: folder("deliveries"), archives: folder("archives") },
      secrets: context.secrets,
      log,
      clock,
      place: vscode.workspace.name,
    },
    owner,
  );
  const { store } = records;
  const newMail = new NewMail({ git, now: Date.now, log });
  const checks = createChecks(window, { ...accounts, ...records });
  const { secretDoor, rules, packer, ownLimits, sendLimit, questions } = checks;
  const runner = createEngine(records, {
    secretDoor,
    log,
    memory: context.globalState,
    tell: (error, deliveryId) => notifier.failed(error, { deliveryId }),
    serviceFor,
    accounts: book,
    begin: newMail.begin,
    network,
    clock,
    consent: (deliveryId, replace, purpose) => questions.ask(deliveryId, replace, purpose),
    mostBoth: (delivery) => questions.mostBoth(delivery),
    rules,
    watch: { isOn: () => setting("noticeReturnedMail"), isFocused: () => vscode.window.state.focused },
    asksForReceipts: () => setting("deliveryReceipts"),
    mostBytes: (account) => sendLimit(account)?.bytes ?? null,
    ownLimits,
    linkLimits,
    undoSendMs: () => managedSetting("undoSendSeconds") * 1000,
    goesAsItIs: (path) => isGrowing(path, setting("growingFiles")),
    showProgress: showWork,
    // VS Code gives an extension five seconds to shut down.
    sendGraceMs: 3_000,
  });

  const acts = createActs(window, { ...accounts, ...records, packer, runner });
  const waysIn = createWaysIn(window, { ...accounts, ...records, ...acts, newMail, failedTasks });
  const { attach, incomingFiles } = waysIn;
  const tabs = createPanels(window, { ...accounts, ...records, ...checks, ...acts, ...waysIn, runner });
  const { panels, kept, openTabs } = tabs;
  const commands = new Commands({
    store,
    runner,
    book,
    ...acts,
    ...waysIn,
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
    // All that a model can cause: it fills the form, and a person sends.
    fill: (request) => attach.fill(request, "assistant"),
    now: Date.now,
  });

  await resumeWork(window, { ...accounts, ...records, ...checks, ...acts, ...tabs, runner }, showFirst);
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
