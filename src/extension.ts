/** Activation: registers what VS Code must know at once, and loads the rest on first use. */
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
  /** For views: the newest mails of a long history are there early. Actions wait until all are loaded. */
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
  // A hover that had to wait for this module would get VS Code's own link.
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

  // Resume what an earlier window left unfinished; without any history nothing more is loaded.
  void hasHistory(context.globalStorageUri)
    .then((found) => (found ? app() : undefined))
    .catch((reason: unknown) => log.error(explain(reason)));
}

export async function deactivate(): Promise<void> {
  const app = await running?.catch(() => undefined); // The failed start was reported then.
  await app?.shutdown();
}

/** Called before any text is shown; takes the texts that VS Code has loaded from `dist/l10n`, if any. */
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
  // Starting also removes an archive that a crash left behind.
  return records.length > 0 || (await names("archives")).length > 0;
}
