/** Commands of a file's row that only the editor can carry out. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import type { AttachmentRecord } from "../../delivery/record/delivery.ts";
import { t } from "../../shared/l10n.ts";

/** @throws FreightError `file-missing` */
export async function revealFile(file: AttachmentRecord | undefined): Promise<void> {
  if (file === undefined) return;
  const uri = await uriOf(file);
  const isInFolder = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(isInFolder ? "revealInExplorer" : "revealFileInOS", uri);
}

/** Opens the file in the editor that VS Code has for it. @throws FreightError `file-missing` */
export async function openFile(file: AttachmentRecord | undefined): Promise<void> {
  if (file !== undefined) await vscode.commands.executeCommand("vscode.open", await uriOf(file));
}

async function uriOf({ copyOf, path: own }: AttachmentRecord): Promise<vscode.Uri> {
  const path = copyOf ?? own;
  const uri = vscode.Uri.file(path);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) throw new FreightError("file-missing", t("The file is no longer in {0}.", dirname(path)));
  return uri;
}
