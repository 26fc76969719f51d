/** Waits for an event of VS Code. */
import type * as vscode from "vscode";

/** Resolves at the next event, or after `patienceMs` (default: waits forever). */
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
