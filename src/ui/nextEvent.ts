/** Waits for VS Code to say something, but not for ever. */
import type * as vscode from "vscode";

/** The next time that an event happens, or the end of the patience for it. */
export function next(event: vscode.Event<unknown>, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(done, patienceMs);
    const listener = event(done);
  });
}
