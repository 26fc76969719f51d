/** What VS Code knows about a bug: the output of terminals and tasks, and the Problems view. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { next } from "./nextEvent.ts";

/** How long to wait for a terminal to become the active one. */
const PATIENCE_MS = 2_000;

/** Printed output, read only when needed. */
export interface Printed {
  /** The name of the terminal or task. */
  readonly name: string;
  read(): Promise<string>;
}

export interface FailedTask {
  readonly name: string;
  readonly exitCode: number;
}

/** Remembers the last task that failed in this window. */
export class FailedTasks {
  #last: FailedTask | undefined;
  readonly #listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
    const { name } = execution.task;
    if (exitCode !== undefined && exitCode !== 0) this.#last = { name, exitCode };
    else if (this.#last?.name === name) this.#last = undefined;
  });

  /** Undefined if none failed, or its terminal is gone. */
  get last(): (FailedTask & Printed) | undefined {
    const failed = this.#last;
    const terminal = vscode.window.terminals.find(
      ({ name }) => name === failed?.name || name === `Task - ${failed?.name}`,
    );
    return failed && terminal && { ...failed, read: () => allOf(terminal) };
  }

  dispose(): void {
    this.#listening.dispose();
  }
}

/** The selection in the active terminal; if nothing is selected, VS Code says so itself. */
export function selectedOutput(): Printed | undefined {
  const terminal = vscode.window.activeTerminal;
  return terminal && { name: terminal.name, read: () => copied() };
}

async function allOf(terminal: vscode.Terminal): Promise<string> {
  if (vscode.window.activeTerminal !== terminal) {
    const shown = next(vscode.window.onDidChangeActiveTerminal, PATIENCE_MS);
    terminal.show(true);
    await shown;
  } else terminal.show(true);
  await vscode.commands.executeCommand("workbench.action.terminal.selectAll");
  try {
    return await copied();
  } finally {
    await vscode.commands.executeCommand("workbench.action.terminal.clearSelection");
  }
}

/** Extensions can read a terminal only through the clipboard, whose content is restored. */
async function copied(): Promise<string> {
  const { clipboard } = vscode.env;
  const before = await clipboard.readText();
  await clipboard.writeText("");
  try {
    await vscode.commands.executeCommand("workbench.action.terminal.copySelection");
    return await clipboard.readText();
  } finally {
    await clipboard.writeText(before);
  }
}

/** Errors and warnings, as compilers print them; undefined when there are none. */
export function listedProblems():
  | { readonly text: string; readonly errors: number; readonly warnings: number }
  | undefined {
  const counts = { errors: 0, warnings: 0 };
  const lines = vscode.languages.getDiagnostics().flatMap(([uri, problems]) =>
    problems.flatMap(({ severity, range, message, source, code }) => {
      const isError = severity === vscode.DiagnosticSeverity.Error;
      if (!isError && severity !== vscode.DiagnosticSeverity.Warning) return [];
      counts[isError ? "errors" : "warnings"]++;
      const { line, character } = range.start;
      const rule = typeof code === "object" ? code.value : code;
      const from = [source, rule].filter((part) => part !== undefined).join(" ");
      const place = uri.scheme === "file" ? vscode.workspace.asRelativePath(uri) : basename(uri.path);
      return [
        `${place}:${line + 1}:${character + 1}: ${isError ? "error" : "warning"}: ${message}${from === "" ? "" : ` [${from}]`}`,
      ];
    }),
  );
  return lines.length === 0 ? undefined : { text: `${lines.join("\n")}\n`, ...counts };
}
