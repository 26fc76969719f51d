/** What a click on an item of the status bar does. */
import type * as vscode from "vscode";

/**
 * Has a click run a command on a mail. Set only where that is another one than before: with each command VS Code forgets
 * the arguments of the last one, and a click that is on its way just then does nothing.
 */
export function pointAt(
  item: Pick<vscode.StatusBarItem, "command">,
  deliveryId: string | undefined,
  command: string,
  title: string,
): void {
  const present = typeof item.command === "object" ? item.command : undefined;
  if (present?.command === command && present.arguments?.[0]?.deliveryId === deliveryId) return;
  item.command = { command, title, arguments: [{ deliveryId }] };
}
