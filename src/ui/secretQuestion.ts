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
  const named = [...found].map(([path, what]) => ({ name: basename(path), what }));
  const answer = await askWhetherSecretsGo(named, found.size < paths.length);
  if (answer === "send") return paths;
  return answer === "leaveOut" ? paths.filter((path) => !found.has(path)) : undefined;
}

/**
 * @param hasOthers whether something is left when these stay out
 * @returns undefined when the person wants to send nothing
 */
export async function askWhetherSecretsGo(
  found: readonly { readonly name: string; readonly what: string }[],
  hasOthers: boolean,
): Promise<"send" | "leaveOut" | undefined> {
  const lines = found.map(({ name, what }) => plain(`${name}: ${what}`));
  const answer = await vscode.window.showWarningMessage(
    found.length === 1
      ? plain(`“${found[0]?.name ?? ""}” looks like a secret.`)
      : `${found.length} files look like secrets.`,
    {
      modal: true,
      detail: `${[...lines.slice(0, NAMED), ...(lines.length > NAMED ? ["…"] : [])].join("\n")}\n\nNothing of it has left this machine.`,
    },
    ...(hasOthers ? [LEAVE_OUT, SEND] : [SEND]),
  );
  if (answer === SEND) return "send";
  return answer === LEAVE_OUT ? "leaveOut" : undefined;
}
