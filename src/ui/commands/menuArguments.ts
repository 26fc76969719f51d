/** Which rows or files a command from a menu is for. */
import * as vscode from "vscode";
import * as z from "zod";

/** The tree rows that a command is for: the selection if the clicked row belongs to it. */
export function chosenRows([row, selection]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(selection) && selection.includes(row) ? selection : [row];
}

const ResourceState = z.object({ resourceUri: z.custom<vscode.Uri>((value) => value instanceof vscode.Uri) });

const ResourceGroup = z.object({ resourceStates: z.array(ResourceState) });

/**
 * The items a command is for: the clicked one, or the selection it belongs to. The Explorer passes the item
 * and the whole selection; Source Control passes each selected change, or a group of changes.
 */
export function chosenUris(args: readonly unknown[]): readonly vscode.Uri[] {
  const [uri, uris] = args;
  if (!(uri instanceof vscode.Uri))
    return args.flatMap((arg) => changes(arg).map(({ resourceUri }) => resourceUri));
  const selection = Array.isArray(uris) ? uris.filter((item) => item instanceof vscode.Uri) : [];
  const isSelected = selection.some((item) => item.toString() === uri.toString());
  return isSelected ? selection : [uri];
}

function changes(arg: unknown): readonly z.infer<typeof ResourceState>[] {
  const change = ResourceState.safeParse(arg).data;
  return change === undefined ? (ResourceGroup.safeParse(arg).data?.resourceStates ?? []) : [change];
}
