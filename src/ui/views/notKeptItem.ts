/** "Undo" in the status bar, for 10 seconds after a mail in which nothing was typed is discarded. */
import * as vscode from "vscode";
import { t } from "../../shared/l10n.ts";
import { withoutIcons } from "../notices/plain.ts";

const SHOWN_MS = 10_000;

/** @returns true when the person wants the mail back; false when the time is over */
export function offerUndo(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const item = vscode.window.createStatusBarItem(
      "freightMail.notKept",
      vscode.StatusBarAlignment.Left,
      -11,
    );
    const command = `freightMail.notKept.${Math.random().toString(36).slice(2)}`;
    const end = (isWanted: boolean) => {
      clearTimeout(timer);
      clicked.dispose();
      item.dispose();
      resolve(isWanted);
    };
    const clicked = vscode.commands.registerCommand(command, () => end(true));
    const timer = setTimeout(() => end(false), SHOWN_MS);
    const undoClose = t("Undo Close");
    const text = t("“{0}” was not saved. Undo", name);
    item.name = `Freight Mail: ${undoClose}`;
    item.text = `$(discard) ${withoutIcons(text)}`;
    item.tooltip = t("Nothing was typed in this mail. Click to bring it back.");
    item.accessibilityInformation = { label: text, role: "button" };
    item.command = { command, title: undoClose };
    item.show();
  });
}
