/** Offers to send files that a terminal names, if no editor can show them: others keep VS Code's link. */
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { mayLookAt } from "../../files/workspaceFile.ts";
import { t } from "../../shared/l10n.ts";
import { managedSetting } from "../editor/settings.ts";
import { terminalPaths } from "./terminalPaths.ts";

export interface FileLink extends vscode.TerminalLink {
  readonly uri: vscode.Uri;
}

export async function findFileLinks({ line, terminal }: vscode.TerminalLinkContext): Promise<FileLink[]> {
  if (!managedSetting("terminalLinks")) return [];
  const folders = foldersOf(terminal);
  const links = terminalPaths(line).map(async ({ path, startIndex, length }) => {
    const uri = await existing(path, folders);
    return uri === undefined ? [] : [{ uri, startIndex, length, tooltip: t("Send as Large Attachment") }];
  });
  // One link for each word: its longest reading that exists.
  const there = (await Promise.all(links)).flat();
  return there.filter((link, at) => !there.slice(0, at).some((other) => overlap(link, other)));
}

function overlap(one: FileLink, other: FileLink): boolean {
  return one.startIndex < other.startIndex + other.length && other.startIndex < one.startIndex + one.length;
}

/** The folders that a path may be relative to, likeliest first. */
function foldersOf({ shellIntegration, creationOptions }: vscode.Terminal): readonly vscode.Uri[] {
  const begun = "cwd" in creationOptions ? creationOptions.cwd : undefined;
  const own = shellIntegration?.cwd ?? (typeof begun === "string" ? vscode.Uri.file(begun) : begun);
  return (own === undefined ? openFolders() : [own, ...openFolders()]).filter(
    ({ scheme }) => scheme === "file",
  );
}

function openFolders(): readonly vscode.Uri[] {
  return vscode.workspace.workspaceFolders?.map(({ uri }) => uri) ?? [];
}

async function existing(path: string, folders: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  const full = path.replace(/^~(?=[/\\])/, () => homedir());
  const places = isAbsolute(full)
    ? [vscode.Uri.file(full)]
    : folders.map((folder) => vscode.Uri.joinPath(folder, full));
  const open = openFolders().map(({ fsPath }) => fsPath);
  for (const uri of places) {
    // The program in the terminal, which is not trusted, writes the text and reports the folder.
    if (!mayLookAt(uri.fsPath, open)) continue;
    const isFile = await vscode.workspace.fs.stat(uri).then(
      ({ type }) => (type & vscode.FileType.File) !== 0,
      () => false,
    );
    if (isFile) return uri;
  }
  return undefined;
}
