/** Which files a menu was opened on. */
import * as vscode from "vscode";
import * as z from "zod";

/** Rows of a tree that a command is for: the selection where the clicked one belongs to it. */
export function chosenRows([row, selection]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(selection) && selection.includes(row) ? selection : [row];
}

const ResourceState = z.object({
  resourceUri: z.custom<vscode.Uri>((value) => value instanceof vscode.Uri),
});

/**
 * The items a command is for: the clicked one, or the selection it belongs to. The Explorer passes the item and the
 * whole selection, Source Control each of the selected changes.
 */
export function chosenUris(args: readonly unknown[]): readonly vscode.Uri[] {
  const [uri, uris] = args;
  if (!(uri instanceof vscode.Uri))
    return args.flatMap((arg) => ResourceState.safeParse(arg).data?.resourceUri ?? []);
  const selection = Array.isArray(uris) ? uris.filter((item) => item instanceof vscode.Uri) : [];
  const isSelected = selection.some((item) => item.toString() === uri.toString());
  return isSelected ? selection : [uri];
}
