/** Waits for VS Code to say something. */
import type * as vscode from "vscode";

/** The next time that an event happens, or the end of the patience for it; unset: as long as it takes. */
export function next(event: vscode.Event<unknown>, patienceMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = patienceMs === undefined ? undefined : setTimeout(done, patienceMs);
    const listener = event(done);
  });
}
