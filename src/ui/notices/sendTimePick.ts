/** Asks when a mail is to leave. */
import * as vscode from "vscode";
import { formatMoment } from "../../shared/format.ts";
import { readSendTime, sendTimes } from "../../shared/sendTimes.ts";

const TITLE = "Send Later";

interface TimeItem extends vscode.QuickPickItem {
  /** Undefined: another time. */
  readonly at?: number;
}

/** Milliseconds since the epoch; undefined when the person thought better of it. */
export async function pickSendTime(now: () => number): Promise<number | undefined> {
  const items: TimeItem[] = [
    ...sendTimes(now()).map(({ label, at }) => ({ label, at, description: formatMoment(at, now()) })),
    { label: "Pick Date and Time…" },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: `When should the mail be sent? (${timeZone()})`,
  });
  return picked === undefined || picked.at !== undefined ? picked?.at : askTime(now);
}

async function askTime(now: () => number): Promise<number | undefined> {
  const typed = await vscode.window.showInputBox({
    title: TITLE,
    prompt: `Date and time, or just a time (${timeZone()})`,
    placeHolder: "2026-11-30 08:00",
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === "") return undefined;
      const read = readSendTime(text, now());
      return "problem" in read
        ? read.problem
        : {
            message: `Will be sent ${formatMoment(read.at, now())}.`,
            severity: vscode.InputBoxValidationSeverity.Info,
          };
    },
  });
  if (typed === undefined || typed.trim() === "") return undefined;
  const read = readSendTime(typed, now());
  // It may have become too late while the box was open.
  if (!("problem" in read)) return read.at;
  void vscode.window.showWarningMessage(read.problem);
  return undefined;
}

/** "Europe/Berlin, UTC+01:00" */
function timeZone(): string {
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions();
  const minutes = -new Date().getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return size === 0
    ? name
    : `${name}, UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
