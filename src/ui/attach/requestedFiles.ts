/** The files that a command's arguments name. */
import { isAbsolute, resolve } from "node:path";
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { mayLookAt } from "../../files/workspaceFile.ts";
import { t } from "../../shared/l10n.ts";

const WORKSPACE_FOLDER = /^\$\{workspaceFolder\}(?=$|[\\/])/;

/**
 * The files' paths, all checked to exist before any is used.
 * @param names absolute paths, paths relative to the first open folder, `${workspaceFolder}/…`, or `file:`
 * URIs
 * @throws FreightError `file-missing`, `file-not-local` or `bad-arguments`, for the first that cannot be used
 */
export async function requestedFiles(names: readonly string[]): Promise<readonly string[]> {
  const paths = names.map(pathOf);
  const open = vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [];
  for (const path of paths) {
    if (!mayLookAt(path, open))
      throw new FreightError(
        "file-not-local",
        t(
          "“{0}” is on a server and not in a folder that is open. Open its folder first, or copy the file.",
          path,
        ),
      );
    const isThere = await vscode.workspace.fs.stat(vscode.Uri.file(path)).then(
      () => true,
      () => false,
    );
    if (!isThere)
      throw new FreightError("file-missing", t("There is no file “{0}”, so no mail was created.", path));
  }
  return paths;
}

function pathOf(name: string): string {
  // At least two characters, as a drive letter is not a scheme.
  if (/^[a-z][a-z\d+.-]+:/i.test(name)) {
    const uri = vscode.Uri.parse(name);
    if (uri.scheme === "file") return uri.fsPath;
    throw new FreightError(
      "file-not-local",
      t("“{0}” is not on a disk that Freight Mail can read from.", name),
    );
  }
  if (isAbsolute(name)) return resolve(name);
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file");
  if (folder !== undefined) return resolve(folder.uri.fsPath, name.replace(WORKSPACE_FOLDER, "."));
  throw new FreightError(
    "bad-arguments",
    t("“{0}” is a relative path, and no folder is open. Use the file's full path.", name),
  );
}
