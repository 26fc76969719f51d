/** Unsaved content of this window's editors. */
import * as vscode from "vscode";

/** A file with unsaved changes in a text, notebook or custom editor. */
export interface UnsavedEditor {
  readonly path: string;
  /** @returns false if it was not saved; VS Code has then said why */
  save(): Promise<boolean>;
}

/** Texts, notebooks, and custom editors. */
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
