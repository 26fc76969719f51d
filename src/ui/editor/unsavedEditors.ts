/** What editors of this window hold that is not on the disk. */
import * as vscode from "vscode";

/** A file whose text, notebook or other content was changed in an editor. */
export interface UnsavedEditor {
  readonly path: string;
  /** @returns false when it was not saved: VS Code has said why */
  save(): Promise<boolean>;
}

/** Texts, notebooks, and what editors of extensions show. */
export function unsavedEditors(): readonly UnsavedEditor[] {
  const documents = [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments]
    .filter(({ isDirty, uri }) => isDirty && uri.scheme === "file")
    .map((document) => ({ path: document.uri.fsPath, save: async () => document.save() }));
  const known = new Set(documents.map(({ path }) => path));
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const others = tabs.flatMap(({ isDirty, input }) => {
    if (!isDirty || !(input instanceof vscode.TabInputCustom) || input.uri.scheme !== "file") return [];
    const { uri } = input;
    if (known.has(uri.fsPath)) return [];
    known.add(uri.fsPath);
    return [{ path: uri.fsPath, save: async () => (await vscode.workspace.save(uri)) !== undefined }];
  });
  return [...documents, ...others];
}
