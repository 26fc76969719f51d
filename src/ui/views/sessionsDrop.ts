/** Files dropped on the "Sessions" tree. Loaded at activation, so what handles them is elsewhere. */
import type * as vscode from "vscode";
import type { SessionRow } from "./sessionItem.ts";

type Drop = (target: SessionRow | undefined, dropped: vscode.DataTransfer) => Promise<void>;

export function sessionsDrop(drop: Drop): vscode.TreeDragAndDropController<SessionRow> {
  return {
    dragMimeTypes: [],
    dropMimeTypes: ["text/uri-list", "files"],
    // Files without a path can be read only until this promise settles.
    handleDrop: drop,
  };
}
