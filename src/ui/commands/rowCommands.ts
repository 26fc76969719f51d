/** What the menu of a file's row does that the editor alone can do. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import type { AttachmentRecord } from "../../delivery/record/delivery.ts";

/** @throws FreightError `file-missing` */
export async function revealFile(file: AttachmentRecord | undefined): Promise<void> {
  if (file === undefined) return;
  const path = file.copyOf ?? file.path;
  const uri = vscode.Uri.file(path);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) throw new FreightError("file-missing", `The file is no longer in ${dirname(path)}.`);
  const isInFolder = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(isInFolder ? "revealInExplorer" : "revealFileInOS", uri);
}
