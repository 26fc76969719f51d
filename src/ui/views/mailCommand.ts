/** What a click on an item of the status bar, or on a row of the tree, does. */
import type * as vscode from "vscode";
import { type Disposable, DisposableStore } from "../../base/lifecycle.ts";
import { t } from "../../shared/l10n.ts";

/**
 * Sets the command that a click runs on a mail, only when it differs: with each assignment VS Code forgets
 * the arguments of the last one, and a click at that moment would do nothing.
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
 * Commands for rows that are redrawn often: one for each mail, without arguments. With each drawing VS Code
 * forgets the arguments of a row's command, and a click at that moment would do nothing.
 */
export class RowCommands implements Disposable {
  readonly #register: (command: string, run: () => void) => Disposable;
  readonly #show: (deliveryId: string) => void;
  readonly #known = new Map<string, vscode.Command>();
  readonly #owner = new DisposableStore();

  /** @param register registers a command with VS Code until disposed of */
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
