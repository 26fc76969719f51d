/** Addresses that the panel's page says were dropped on it. A page is untrusted: it may only name what people see. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { plain } from "../notices/plain.ts";

/** What this machine sees of them: a file of this remote is a file to the extension, which runs there. */
export function droppedUris(texts: readonly string[]): readonly vscode.Uri[] {
  return texts.map((text) => {
    const uri = parsed(text);
    return isOfThisRemote(uri) ? uri.with({ scheme: "file", authority: "" }) : uri;
  });
}

function parsed(text: string): vscode.Uri {
  try {
    return vscode.Uri.parse(text, true);
  } catch {
    throw new FreightError(
      "file-not-local",
      t("“{0}” is not on a disk that Freight Mail can read from.", plain(text)),
    );
  }
}

/** VS Code tells an extension the remote's kind only; a window has no more than one remote. */
function isOfThisRemote({ scheme, authority }: vscode.Uri): boolean {
  const [kind = ""] = authority.split("+");
  return scheme === "vscode-remote" && kind.toLowerCase() === vscode.env.remoteName?.toLowerCase();
}
