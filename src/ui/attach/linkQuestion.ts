/** Files that are not what their place in the folder says: links that lead out of it. */
import * as vscode from "vscode";
import { leadsOut } from "../../files/fileSource.ts";
import { plain } from "../notices/plain.ts";

const SHOWN = 5;

/**
 * The paths that may be sent. A folder from elsewhere may hold a link that looks like a picture and stands for a private
 * key: a person who sends it has to know.
 */
export async function mayBeSent(paths: readonly string[]): Promise<readonly string[]> {
  const links: { readonly path: string; readonly target: string }[] = [];
  for (const path of paths) {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
    const target = folder === undefined ? undefined : await leadsOut(path, folder.uri.fsPath);
    if (target !== undefined) links.push({ path, target });
  }
  if (links.length === 0) return paths;
  const sendThem = links.length === 1 ? "Send That File" : "Send Those Files";
  const targets = links.slice(0, SHOWN).map(({ target }) => plain(target));
  const more = links.length > SHOWN ? [`and ${links.length - SHOWN} more`] : [];
  const answer = await vscode.window.showWarningMessage(
    links.length === 1
      ? "This is a link to a file outside the folder."
      : `${links.length} of these are links to files outside the folder.`,
    { modal: true, detail: ["What would be sent:", ...targets, ...more].join("\n") },
    sendThem,
  );
  // Closing the question sends nothing at all, not the rest.
  return answer === sendThem ? paths : [];
}
