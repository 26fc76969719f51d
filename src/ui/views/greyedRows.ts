/** Greys out rows that are over. VS Code colours a row only by its `resourceUri`. */
import * as vscode from "vscode";
import type { AttachmentWords } from "../../delivery/words/describeAttachment.ts";

const SCHEME = "freight-mail-row";
const GREYED: ReadonlySet<AttachmentWords["status"]> = new Set(["expired", "cancelled"]);

/** The `resourceUri` for a row of this state; undefined for one that is not grey. */
export function greyUri(status: AttachmentWords["status"]): vscode.Uri | undefined {
  return GREYED.has(status) ? vscode.Uri.from({ scheme: SCHEME, path: `/${status}` }) : undefined;
}

export const greyedRows: vscode.FileDecorationProvider = {
  provideFileDecoration: ({ scheme }) =>
    scheme === SCHEME ? { color: new vscode.ThemeColor("list.deemphasizedForeground") } : undefined,
};
