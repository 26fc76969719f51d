/** "Undo" in the status bar, for some seconds, where a mail goes away that nobody has written anything in. */
import * as vscode from "vscode";
import { plain, withoutIcons } from "../notices/plain.ts";

const SHOWN_MS = 10_000;

/** @returns true when the person wants the mail back; false when the time is over, or the window closes */
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
    item.name = "Freight Mail: Undo Close";
    item.text = `$(discard) ${withoutIcons(`“${name}” was not saved. Undo`)}`;
    item.tooltip = plain("Nothing was typed in this mail. Click to bring it back.");
    item.accessibilityInformation = { label: `“${name}” was not saved. Undo`, role: "button" };
    item.command = { command, title: "Undo Close" };
    item.show();
  });
}
