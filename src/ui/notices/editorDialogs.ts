/** The dialogs, as VS Code shows them. */
import * as vscode from "vscode";
import { t } from "../../shared/l10n.ts";
import type { Dialogs, Weight } from "./dialogs.ts";

/** Of narrow letters; VS Code cuts a message without a button where its first line ends. */
const LINE = 55;

export const editorDialogs: Dialogs = {
  tell: async (weight, text, ...buttons) => {
    if (buttons.length > 0 || width(text) <= LINE) return message(weight)(text, ...buttons);
    await message(weight)(text, t("OK"));
    return undefined;
  },
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

/** Letters of Chinese and Japanese are twice as wide. */
function width(text: string): number {
  return text.length + (text.match(/[\u2e80-\uffef]/g)?.length ?? 0);
}

function message(weight: Weight) {
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  return { error: showErrorMessage, warning: showWarningMessage, info: showInformationMessage }[weight];
}
