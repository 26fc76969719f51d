/** URIs that the page reports as dropped on it. The page is untrusted: it may only name what people see. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { plain } from "../notices/plain.ts";

/** The URIs as the extension sees them: it runs on the remote, so that a file there is a local file to it. */
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

/** VS Code tells an extension only the remote's kind, which suffices: a window has at most one remote. */
function isOfThisRemote({ scheme, authority }: vscode.Uri): boolean {
  const [kind = ""] = authority.split("+");
  return scheme === "vscode-remote" && kind.toLowerCase() === vscode.env.remoteName?.toLowerCase();
}
