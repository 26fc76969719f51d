/** What a click on an item of the status bar, or on a row of the tree, does. */
import type * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { t } from "../../shared/l10n.ts";

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

/**
 * Commands for rows that are drawn anew all the time: one for each mail, without arguments. VS Code forgets the arguments
 * of a row's command with each drawing, and a click that is on its way just then would do nothing.
 */
export class RowCommands implements Disposable {
  readonly #register: (command: string, run: () => void) => Disposable;
  readonly #show: (deliveryId: string) => void;
  readonly #known = new Map<string, vscode.Command>();
  readonly #owner = new DisposableStore();

  /** @param register makes a command known to VS Code, until it is disposed of */
  constructor(
    register: (command: string, run: () => void) => Disposable,
    show: (deliveryId: string) => void,
  ) {
    this.#register = register;
    this.#show = show;
  }

  of(deliveryId: string): vscode.Command {
    const known = this.#known.get(deliveryId);
    if (known !== undefined) return known;
    const command = { command: `freightMail.showSession.${deliveryId}`, title: t("Show Session") };
    this.#known.set(deliveryId, command);
    this.#owner.add(this.#register(command.command, () => this.#show(deliveryId)));
    return command;
  }

  dispose(): void {
    this.#owner.dispose();
  }
}
