/** The dialogs, as VS Code shows them. */
import * as vscode from "vscode";
import type { Dialogs, Weight } from "./dialogs.ts";

export const editorDialogs: Dialogs = {
  tell: async (weight, text, ...buttons) => message(weight)(text, ...buttons),
  ask: async (weight, question, detail, ...buttons) =>
    message(weight)(question, { modal: true, detail }, ...buttons),
  pick: async (title, placeHolder, rows) =>
    (await vscode.window.showQuickPick([...rows], { title, placeHolder }))?.value,
  keep: async (title, placeHolder, rows) => {
    const ticked = rows.map((row) => ({ ...row, picked: row.isTicked ?? true }));
    const kept = await vscode.window.showQuickPick(ticked, {
      title,
      placeHolder,
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    return kept?.map(({ value }) => value);
  },
  type: async (title, prompt, placeHolder, look) =>
    vscode.window.showInputBox({
      title,
      prompt,
      placeHolder,
      ignoreFocusOut: true,
      validateInput: (text) => {
        const remark = look(text);
        if (remark === undefined || "problem" in remark) return remark?.problem;
        return { message: remark.note, severity: vscode.InputBoxValidationSeverity.Info };
      },
    }),
  note: (text, ms) => void vscode.window.setStatusBarMessage(text, ms),
  copy: async (text, noted, ms) => {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(noted, ms);
  },
};

function message(weight: Weight) {
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  return { error: showErrorMessage, warning: showWarningMessage, info: showInformationMessage }[weight];
}
