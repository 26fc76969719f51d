/** What the menu of a file's row does that the editor alone can do. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import type { AttachmentRecord } from "../../delivery/record/delivery.ts";
import type { Dialogs } from "../notices/dialogs.ts";

export async function copyAttachmentId(dialogs: Dialogs, file: AttachmentRecord | undefined): Promise<void> {
  const id = file?.session?.attachmentId;
  if (id != null) await dialogs.copy(id, "Attachment ID copied", 3000);
}

/** @throws FreightError `file-missing` */
export async function revealFile(file: AttachmentRecord | undefined): Promise<void> {
  if (file === undefined) return;
  const uri = vscode.Uri.file(file.path);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) throw new FreightError("file-missing", `The file is no longer in ${dirname(file.path)}.`);
  const isInFolder = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(isInFolder ? "revealInExplorer" : "revealFileInOS", uri);
}
