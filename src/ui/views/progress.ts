/** Work that a person waits for, shown in the corner with a button that ends it. */
import * as vscode from "vscode";
import { plain } from "../notices/plain.ts";

/** @param percent undefined where the end is not known */
export type Report = (message: string, percent?: number) => void;

/** Work that is over by then is not shown: VS Code would keep its message up for a second all the same. */
const QUICK_MS = 400;

/**
 * @param closing ends the work, too
 * @throws whatever the work throws: an AbortError when Cancel was pressed
 */
export async function showProgress<T>(
  title: string,
  closing: AbortSignal,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Titles name files, and VS Code reads links in them.
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
        await working.catch(() => {}); // Told to whoever asked for the work.
        listening.dispose();
      },
    );
  }, QUICK_MS);
  return working.finally(() => clearTimeout(late));
}

type VsCodeProgress = vscode.Progress<{ readonly message: string; readonly increment: number }>;

/** Keeps what was reported before there was something to show it. */
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
