/** One status bar item while work is under way, the view's own progress bar with it, and nothing when idle. */
import * as vscode from "vscode";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import { describeWork } from "../../delivery/words/describe.ts";
import { withoutIcons } from "../notices/plain.ts";
import { pointAt } from "./mailCommand.ts";

/** The status bar changes at most twice a second. */
const REDRAW_MS = 500;

export class StatusBar implements vscode.Disposable {
  readonly #store: DeliveryStore;
  readonly #item: vscode.StatusBarItem;
  readonly #listening: { dispose(): void };
  #redraw: NodeJS.Timeout | undefined;
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
    const work = describeWork(this.#store.list(), Date.now());
    if (work === undefined) {
      this.#item.hide();
      this.#endProgress?.();
      this.#endProgress = undefined;
      return;
    }
    this.#item.text = `$(cloud-upload) ${withoutIcons(work.text)}`;
    this.#item.accessibilityInformation = { label: `Freight Mail: ${work.text}`, role: "button" };
    const tooltip = new vscode.MarkdownString();
    for (const line of work.lines) tooltip.appendText(line).appendMarkdown("  \n");
    this.#item.tooltip = tooltip;
    pointAt(this.#item, work.deliveryId, "freightMail.showSession", "Show Session");
    this.#item.show();
    this.#beginProgress();
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
