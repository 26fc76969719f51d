/** "Undo Send" in the status bar while a mail is about to leave, whether or not its panel is open. */
import * as vscode from "vscode";
import { mailName } from "../../delivery/record/describeMail.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { managed } from "../../policy/accountRules.ts";
import { formatDuration } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { isManagedSetting } from "../editor/settings.ts";
import { plain } from "../notices/plain.ts";
import { pointAt } from "./mailCommand.ts";

const SECOND_MS = 1000;

export class UndoItem implements vscode.Disposable {
  readonly #store: DeliveryStore;
  readonly #item: vscode.StatusBarItem;
  readonly #listening: { dispose(): void };
  #countdown: NodeJS.Timeout | undefined;

  constructor(store: DeliveryStore) {
    this.#store = store;
    // To the left of the progress item: it is there for only seconds.
    this.#item = vscode.window.createStatusBarItem("freightMail.undo", vscode.StatusBarAlignment.Left, -9);
    this.#item.name = `Freight Mail: ${t("Undo Send")}`;
    this.#listening = store.onDidChange(() => this.#render());
    this.#render();
  }

  dispose(): void {
    clearTimeout(this.#countdown);
    this.#listening.dispose();
    this.#item.dispose();
  }

  #render(): void {
    clearTimeout(this.#countdown);
    const leaving = this.#store.list().find(({ leavesAt }) => leavesAt !== undefined);
    if (leaving?.leavesAt === undefined) {
      this.#item.hide();
      return;
    }
    const left = formatDuration(Math.max(SECOND_MS, leaving.leavesAt - Date.now()));
    this.#item.text = `$(discard) ${t("Undo Send ({0})", left)}`;
    this.#item.tooltip = plain(
      sentences(
        t("“{0}” is about to be sent. Click to take it back.", mailName(leaving)),
        isManagedSetting("undoSendSeconds") ? managed() : undefined,
      ),
    );
    this.#item.accessibilityInformation = {
      label: t("Undo Send: {0} will be sent in {1}", mailName(leaving), left),
      role: "button",
    };
    this.#item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    pointAt(this.#item, leaving.id, "freightMail.undoSend", t("Undo Send"));
    this.#item.show();
    this.#countdown = setTimeout(() => this.#render(), SECOND_MS);
  }
}
