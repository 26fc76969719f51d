/** What every part of the app needs from the window it runs in. */
import * as vscode from "vscode";
import type { DisposableStore } from "../base/lifecycle.ts";
import type { Log } from "../base/log.ts";
import type { GitExtension } from "../ui/editor/gitExtension.ts";
import { editorDialogs } from "../ui/notices/editorDialogs.ts";
import { Notifier, type RemedyContext } from "../ui/notices/notify.ts";
import { showProgress } from "../ui/views/progress.ts";
import type { ShowProgress } from "./createEngine.ts";

export type AppWindow = ReturnType<typeof createWindow>;

/** @param owner takes what must be disposed of with the window */
export function createWindow(context: vscode.ExtensionContext, log: Log, owner: DisposableStore) {
  const { globalStorageUri, extensionUri } = context;
  const dialogs = editorDialogs;
  const notifier = new Notifier(log, dialogs);
  const closing = new AbortController();
  const showWork: ShowProgress = (title, work) => showProgress(title, closing.signal, work);
  return {
    context,
    log,
    own: <T extends { dispose(): void }>(item: T): T => owner.add(item),
    /** A folder that all windows on this machine share. */
    folder: (name: string) => vscode.Uri.joinPath(globalStorageUri, name).fsPath,
    program: (name: string) => vscode.Uri.joinPath(extensionUri, "dist", `${name}.js`).fsPath,
    dialogs,
    notifier,
    failed: (reason: unknown, remedyContext?: RemedyContext) => notifier.failed(reason, remedyContext),
    isTrusted: () => vscode.workspace.isTrusted,
    git: () => vscode.extensions.getExtension<GitExtension>("vscode.git"),
    runCommand: async (command: string, ...args: readonly unknown[]): Promise<void> =>
      vscode.commands.executeCommand(command, ...args),
    clock: { now: Date.now, monotonic: () => performance.now() },
    /** Aborts the work whose progress is being shown. */
    closing,
    showWork,
  };
}
