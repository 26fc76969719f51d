/**
 * A status bar item, with the view's progress bar, while work is under way; then how long uploads are kept;
 * hidden when idle.
 */
import * as vscode from "vscode";
import { lookAgainMs } from "../../delivery/record/expiry.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { busyMails, type StatusLine, statusLine } from "../../delivery/words/statusLine.ts";
import { t } from "../../shared/l10n.ts";
import { withoutIcons } from "../notices/plain.ts";
import { pointAt } from "./mailCommand.ts";

/** The status bar changes at most twice a second. */
const REDRAW_MS = 500;
const ICONS: Readonly<Record<StatusLine["kind"], string>> = {
  moving: "cloud-upload",
  waiting: "warning",
  ready: "history",
  ending: "warning",
};

export class StatusBar implements vscode.Disposable {
  readonly #store: DeliveryStore;
  readonly #item: vscode.StatusBarItem;
  readonly #listening: { dispose(): void };
  #redraw: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  /** The mails worked on since there was last nothing to do. */
  readonly #worked = new Set<string>();
  #endProgress: (() => void) | undefined;

  constructor(store: DeliveryStore) {
    this.#store = store;
    this.#item = vscode.window.createStatusBarItem(
      "freightMail.progress",
      vscode.StatusBarAlignment.Left,
      -10,
    );
    this.#item.name = "Freight Mail";
    this.#listening = store.onDidChange(() => this.#renderSoon());
    this.#render();
  }

  dispose(): void {
    clearTimeout(this.#redraw);
    clearTimeout(this.#tick);
    this.#listening.dispose();
    this.#endProgress?.();
    this.#item.dispose();
  }

  #renderSoon(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#render();
    }, REDRAW_MS);
  }

  #render(): void {
    clearTimeout(this.#tick);
    const deliveries = this.#store.list();
    const busy = busyMails(deliveries);
    if (busy.length === 0) {
      this.#worked.clear();
      this.#endProgress?.();
      this.#endProgress = undefined;
    } else this.#beginProgress();
    for (const { id } of busy) this.#worked.add(id);
    const now = Date.now();
    const line = statusLine(deliveries, now, this.#worked);
    if (line === undefined) {
      this.#item.hide();
      return;
    }
    const { kind, text, lines, deliveryId } = line;
    this.#item.text = `$(${ICONS[kind]}) ${withoutIcons(text)}`;
    this.#item.accessibilityInformation = { label: `Freight Mail: ${text}`, role: "button" };
    this.#item.backgroundColor =
      kind === "ending" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.#item.tooltip = tooltipOf(lines);
    pointAt(this.#item, deliveryId, "freightMail.showSession", t("Show Session"));
    this.#item.show();
    // Waits and countdowns go out of date by themselves.
    if (kind !== "moving") this.#tick = setTimeout(() => this.#render(), lookAgainMs(deliveries, now));
  }

  #beginProgress(): void {
    if (this.#endProgress !== undefined) return;
    void vscode.window.withProgress(
      { location: { viewId: "freightMail.sessions" } },
      () =>
        new Promise<void>((resolve) => {
          this.#endProgress = resolve;
        }),
    );
  }
}

const SESSIONS = "freightMail.sessions.focus";
const LOG = "freightMail.showLog";

/** File names are added as text: the only links in it are ours. */
function tooltipOf(lines: readonly string[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString("**Freight Mail**\n\n");
  tooltip.isTrusted = { enabledCommands: [SESSIONS, LOG] };
  for (const words of lines) tooltip.appendText(words).appendMarkdown("  \n");
  const links = `[${t("Show Sessions")}](command:${SESSIONS}) · [${t("Show Log")}](command:${LOG})`;
  return tooltip.appendMarkdown(`\n${links}`);
}
