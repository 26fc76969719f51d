/** The dialogs of VS Code. */
import * as vscode from "vscode";
import type { Dialogs } from "./dialogs.ts";

export const editorDialogs: Dialogs = {
  tell: async (weight, text, ...buttons) => {
    const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
    const show =
      weight === "error"
        ? showErrorMessage
        : weight === "warning"
          ? showWarningMessage
          : showInformationMessage;
    return show(text, ...buttons);
  },
  ask: async (question, detail, ...buttons) =>
    vscode.window.showWarningMessage(question, { modal: true, detail }, ...buttons),
  pick: async (title, placeHolder, rows) =>
    (await vscode.window.showQuickPick([...rows], { title, placeHolder }))?.value,
  note: (text, ms) => void vscode.window.setStatusBarMessage(text, ms),
};
