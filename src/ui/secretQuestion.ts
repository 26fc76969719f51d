/** Asks before a file that looks like a secret leaves the machine. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { looksSecret } from "../transfer/secretFiles.ts";
import { plain } from "./plain.ts";

const SEND = "Send Anyway";
const LEAVE_OUT = "Leave Out";
/** More names than these nobody reads. */
const NAMED = 8;

/** @returns what may go; undefined when the person wants to send nothing */
export async function askAboutSecrets(paths: readonly string[]): Promise<readonly string[] | undefined> {
  const found = new Map<string, string>();
  for (const path of paths) {
    const what = await looksSecret(path);
    if (what !== undefined) found.set(path, what);
  }
  if (found.size === 0) return paths;
  const lines = [...found].map(([path, what]) => plain(`${basename(path)}: ${what}`));
  const others = found.size < paths.length;
  const answer = await vscode.window.showWarningMessage(
    found.size === 1
      ? plain(`“${basename([...found.keys()][0] ?? "")}” looks like a secret.`)
      : `${found.size} files look like secrets.`,
    {
      modal: true,
      detail: `${[...lines.slice(0, NAMED), ...(lines.length > NAMED ? ["…"] : [])].join("\n")}\n\nNothing of it has left this machine.`,
    },
    ...(others ? [LEAVE_OUT, SEND] : [SEND]),
  );
  if (answer === SEND) return paths;
  return answer === LEAVE_OUT ? paths.filter((path) => !found.has(path)) : undefined;
}
