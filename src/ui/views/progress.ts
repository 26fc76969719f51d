/** Shows work that a person is waiting for as a notification with a Cancel button. */
import * as vscode from "vscode";
import { plain } from "../notices/plain.ts";

/** @param percent undefined while the total is not known */
export type Report = (message: string, percent?: number) => void;

/** Shorter work is not shown: VS Code would keep its notification up for a second anyway. */
const QUICK_MS = 400;

/**
 * @param closing also ends the work
 * @throws whatever the work throws: an AbortError when Cancel was pressed
 */
export async function showProgress<T>(
  title: string,
  closing: AbortSignal,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Titles contain file names, and VS Code would turn links in them into real ones.
  const named = plain(title);
  const shown = new LateProgress();
  const working = work(AbortSignal.any([controller.signal, closing]), (message, percent) =>
    shown.report(message, percent),
  );
  const location = vscode.ProgressLocation.Notification;
  const late = setTimeout(() => {
    void vscode.window.withProgress(
      { location, title: named, cancellable: true },
      async (progress, token) => {
        const listening = token.onCancellationRequested(() => controller.abort());
        shown.begin(progress);
        await working.catch(() => {}); // The caller gets the error.
        listening.dispose();
      },
    );
  }, QUICK_MS);
  return working.finally(() => clearTimeout(late));
}

type VsCodeProgress = vscode.Progress<{ readonly message: string; readonly increment: number }>;

/** Keeps what was reported before the notification was shown. */
class LateProgress {
  #to: VsCodeProgress | undefined;
  #message = "";
  #percent = 0;
  #shownPercent = 0;

  begin(to: VsCodeProgress): void {
    this.#to = to;
    this.#show();
  }

  report(message: string, percent = 0): void {
    this.#message = plain(message);
    this.#percent = percent;
    this.#show();
  }

  #show(): void {
    if (this.#to === undefined) return;
    this.#to.report({ message: this.#message, increment: this.#percent - this.#shownPercent });
    this.#shownPercent = this.#percent;
  }
}
