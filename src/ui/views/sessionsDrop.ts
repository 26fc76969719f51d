/** Files dropped on the tree "Sessions". Loaded at activation: what becomes of them is elsewhere. */
import type * as vscode from "vscode";
import type { SessionRow } from "./sessionItem.ts";

type Drop = (target: SessionRow | undefined, dropped: vscode.DataTransfer) => Promise<void>;

export function sessionsDrop(drop: Drop): vscode.TreeDragAndDropController<SessionRow> {
  return {
    dragMimeTypes: [],
    dropMimeTypes: ["text/uri-list", "files"],
    // Files without a path can be read only until this is over.
    handleDrop: drop,
  };
}
