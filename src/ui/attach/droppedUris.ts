/** Addresses that the panel's page says were dropped on it. A page is untrusted: it may only name what people see. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { plain } from "../notices/plain.ts";

const SHOWN = 5;

/** What this machine sees of them: a file of this remote is a file to the extension, which runs there. */
export function droppedUris(texts: readonly string[]): readonly vscode.Uri[] {
  return texts.map((text) => {
    const uri = parsed(text);
    return isOfThisRemote(uri) ? uri.with({ scheme: "file", authority: "" }) : uri;
  });
}

/** Asks about files that no open folder has: the Explorer shows none of those. */
export async function mayComeFromOutside(uris: readonly vscode.Uri[]): Promise<boolean> {
  const outside = uris.filter(
    (uri) => uri.scheme === "file" && vscode.workspace.getWorkspaceFolder(uri) === undefined,
  );
  if (outside.length === 0) return true;
  const attach = "Attach";
  const more = outside.length > SHOWN ? [`and ${outside.length - SHOWN} more`] : [];
  const answer = await vscode.window.showWarningMessage(
    outside.length === 1
      ? "Attach a file from outside the folder?"
      : `Attach ${outside.length} files from outside the folder?`,
    {
      modal: true,
      detail: [...outside.slice(0, SHOWN).map(({ fsPath }) => plain(fsPath)), ...more].join("\n"),
    },
    attach,
  );
  return answer === attach;
}

function parsed(text: string): vscode.Uri {
  try {
    return vscode.Uri.parse(text, true);
  } catch {
    throw new FreightError(
      "file-not-local",
      `“${plain(text)}” is not on a disk that Freight Mail can read from.`,
    );
  }
}

/** VS Code tells an extension the remote's kind only; a window has no more than one remote. */
function isOfThisRemote({ scheme, authority }: vscode.Uri): boolean {
  const [kind = ""] = authority.split("+");
  return scheme === "vscode-remote" && kind.toLowerCase() === vscode.env.remoteName?.toLowerCase();
}
