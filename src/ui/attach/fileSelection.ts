/** Finds out which files are meant, and asks about those that are not what they seem. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import type { OutsideFiles } from "./outsideFiles.ts";
import type { UnsavedFiles } from "./unsavedFiles.ts";

export interface FileQuestions {
  readonly outside: OutsideFiles;
  readonly unsaved: UnsavedFiles;
  readonly failed: (reason: unknown) => void;
}

/**
 * The paths of files on a disk; reports the others. Asks about links that lead out of their folder, and about
 * unsaved changes.
 */
export async function localFiles(
  uris: readonly vscode.Uri[],
  { outside, unsaved, failed }: FileQuestions,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const uri of uris) {
    const path = uri.scheme === "untitled" ? await savedNow(uri, unsaved) : uri.fsPath;
    if (uri.scheme !== "file" && uri.scheme !== "untitled")
      failed(
        new FreightError(
          "file-not-local",
          t("“{0}” is not on a disk that Freight Mail can read from.", uri.path),
        ),
      );
    else if (path !== undefined) paths.push(path);
  }
  return unsaved.settle(await outside.mayBeSent(paths));
}

/** Saves an editor that has no file. @returns the path; undefined if it was not saved, or not to a disk */
async function savedNow(uri: vscode.Uri, unsaved: UnsavedFiles): Promise<string | undefined> {
  return unsaved.saveNew(uri.path, async () => {
    const saved = await vscode.workspace.save(uri);
    return saved?.scheme === "file" ? saved.fsPath : undefined;
  });
}

/** Lets the person pick files; the dialog starts at the active editor's file. */
export async function chooseUris(): Promise<readonly vscode.Uri[]> {
  const active = vscode.window.activeTextEditor?.document.uri;
  const defaultUri = active?.scheme === "file" ? active : vscode.workspace.workspaceFolders?.[0]?.uri;
  const uris = await vscode.window.showOpenDialog({
    title: t("Send as Large Attachment"),
    openLabel: t("Attach"),
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
  { outside, unsaved }: FileQuestions,
): Promise<readonly string[] | undefined> {
  const { requestedFiles } = await import("./requestedFiles.ts");
  const files = await requestedFiles(names);
  if (!(await outside.mayComeIn(files))) return undefined;
  const paths = await unsaved.settle(await outside.mayBeSent(files));
  return paths.length < files.length ? undefined : paths;
}

/** VS Code's own dialog and that of macOS can offer both files and folders; others offer only one kind. */
function canChooseBoth(): boolean {
  const isOwnDialog = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  return isOwnDialog || process.platform === "darwin";
}
