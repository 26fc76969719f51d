/** Which files are meant, and whether each is what it looks like. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import type { OutsideFiles } from "./outsideFiles.ts";

/** Names and leaves out what does not lie on a disk, and asks about links that lead out of their folder. */
export async function localFiles(
  uris: readonly vscode.Uri[],
  outside: OutsideFiles,
  failed: (reason: unknown) => void,
): Promise<readonly string[]> {
  for (const uri of uris)
    if (uri.scheme !== "file")
      failed(
        new FreightError("file-not-local", `“${uri.path}” is not on a disk that Freight Mail can read from.`),
      );
  return outside.mayBeSent(uris.filter(({ scheme }) => scheme === "file").map(({ fsPath }) => fsPath));
}

/** Lets the person choose; the active editor's file is offered first. */
export async function chooseUris(): Promise<readonly vscode.Uri[]> {
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
  return uris ?? [];
}

/** The files that a text names. @returns undefined when the person does not want all of them in a mail */
export async function namedFiles(
  names: readonly string[],
  outside: OutsideFiles,
): Promise<readonly string[] | undefined> {
  const { requestedFiles } = await import("./requestedFiles.ts");
  const files = await requestedFiles(names);
  if (!(await outside.mayComeIn(files))) return undefined;
  const paths = await outside.mayBeSent(files);
  return paths.length < files.length ? undefined : paths;
}

/** VS Code's own dialog shows files and folders, as that of macOS does; elsewhere it is one of the two. */
function canChooseBoth(): boolean {
  const isOwnDialog = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  return isOwnDialog || process.platform === "darwin";
}
