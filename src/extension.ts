/** Activation: registers what VS Code must know at once, and loads the rest when it is first needed. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import * as vscode from "vscode";
import type { App } from "./app/createApp.ts";
import { explain, redactingLog } from "./base/log.ts";
import { speak, unpacked } from "./shared/l10n.ts";
import { registerTools } from "./ui/assistant/registerTools.ts";
import type { FileLink } from "./ui/attach/terminalLinks.ts";
import { COMMAND_NAMES, type CommandName } from "./ui/commands/commandNames.ts";
import { FailedTasks } from "./ui/editor/bugSources.ts";
import { AccountsTree } from "./ui/views/accountsTree.ts";
import { greyedRows } from "./ui/views/greyedRows.ts";
import { sessionsDrop } from "./ui/views/sessionsDrop.ts";
import { SessionsTree } from "./ui/views/sessionsTree.ts";

let running: Promise<App> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  speakAsEditor(context.extensionUri);
  const channel = vscode.window.createOutputChannel("Freight Mail", { log: true });
  const log = redactingLog(channel);
  let showFirst: (store: App["store"]) => void = () => {};
  const firstMails = new Promise<App["store"]>((resolve) => {
    showFirst = resolve;
  });
  const failedTasks = new FailedTasks();
  const app = (): Promise<App> => {
    running ??= import("./app/createApp.ts")
      .then(({ createApp }) => createApp(context, log, showFirst, failedTasks))
      .catch(startFailed);
    return running;
  };
  const startFailed = (reason: unknown): never => {
    running = undefined; // The next command tries again.
    log.error(explain(reason));
    throw new Error("Freight Mail could not start. “Freight Mail: Show Log” has the details.", {
      cause: reason,
    });
  };
  /** For whoever shows mails: of a long history the newest ones are there early. Whatever acts on one waits for all. */
  const store = () => Promise.race([firstMails, app().then((started) => started.store)]);
  const book = async () => (await app()).book;
  const run = async (name: CommandName, args: readonly unknown[]) => {
    if (name !== "showLog") return (await app()).commands.run(name, args);
    channel.show();
    return undefined;
  };

  context.subscriptions.push(
    channel,
    failedTasks,
    new SessionsTree(
      store,
      sessionsDrop(async (target, dropped) => (await app()).incomingFiles.drop(target, dropped)),
    ),
    new AccountsTree(book),
    vscode.window.registerFileDecorationProvider(greyedRows),
    vscode.window.registerUriHandler({
      handleUri: async ({ path, query }) => (await app()).commands.openLink(path, query),
    }),
    vscode.window.registerWebviewPanelSerializer("freightMail.compose", {
      deserializeWebviewPanel: async (panel, state) => (await app()).panels.revive(panel, state),
    }),
  );
  for (const tool of registerTools(async () => (await app()).tools)) context.subscriptions.push(tool);
  const terminalLinks = () => import("./ui/attach/terminalLinks.ts");
  // A hover that waits for it gets VS Code's own link.
  if (vscode.window.terminals.length > 0) void terminalLinks();
  context.subscriptions.push(vscode.window.onDidOpenTerminal(() => void terminalLinks()));
  const fileLinks: vscode.TerminalLinkProvider<FileLink> = {
    provideTerminalLinks: async (line) => (await terminalLinks()).findFileLinks(line),
    handleTerminalLink: async ({ uri }) => void (await run("send", [uri])),
  };
  context.subscriptions.push(vscode.window.registerTerminalLinkProvider(fileLinks));
  for (const name of COMMAND_NAMES)
    context.subscriptions.push(
      vscode.commands.registerCommand(`freightMail.${name}`, (...args: unknown[]) => run(name, args)),
    );

  // What an earlier window left unfinished goes on automatically; without any history nothing more is loaded.
  void hasHistory(context.globalStorageUri)
    .then((found) => (found ? app() : undefined))
    .catch((reason: unknown) => log.error(explain(reason)));
}

export async function deactivate(): Promise<void> {
  const app = await running?.catch(() => undefined); // Why it did not start was said then.
  await app?.shutdown();
}

/** Before anything is said: from what VS Code has loaded of `dist/l10n`, where it has our language. */
function speakAsEditor(extensionUri: vscode.Uri): void {
  const bundle = vscode.l10n.bundle?.["texts"];
  const keys = vscode.Uri.joinPath(extensionUri, "dist/l10n/keys.txt").fsPath;
  const texts = bundle === undefined ? undefined : unpacked(readFileSync(keys, "utf8"), bundle);
  speak(vscode.env.language, texts);
}

async function hasHistory(storage: vscode.Uri): Promise<boolean> {
  const names = (folder: string) =>
    readdir(vscode.Uri.joinPath(storage, folder).fsPath).catch((): string[] => []);
  const records = (await names("deliveries")).filter((name) => name.endsWith(".json"));
  // An archive that a crash has left behind goes away at the next start.
  return records.length > 0 || (await names("archives")).length > 0;
}
