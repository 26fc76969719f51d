/** The files of a folder to send, to be looked through. */
import * as vscode from "vscode";
import type { FolderListing } from "../../files/folder/folderWalk.ts";
import { formatBytes } from "../../shared/format.ts";
import { plain, withoutIcons } from "../notices/plain.ts";

/** More rows than these would keep the editor busy, and nobody reads them. */
const MAX_ROWS = 5_000;

/** Shows what goes into an archive, file by file. @returns the list without those that lost their tick */
export async function chooseFiles(listing: FolderListing): Promise<FolderListing> {
  const { largestOf, leaveOut } = await import("../../files/folder/folderWalk.ts");
  const { folderName, shown } = await import("../../files/folder/folderWords.ts");
  const { files } = listing;
  const isWhole = files.length <= MAX_ROWS;
  const rows = (isWhole ? files : largestOf(files, MAX_ROWS)).map(({ path, size }) => ({
    label: withoutIcons(shown(path)),
    description: formatBytes(size),
    picked: true,
    path,
  }));
  const chosen = await vscode.window.showQuickPick(rows, {
    canPickMany: true,
    title: plain(`What goes into the zip of “${folderName(listing)}”`),
    placeHolder: isWhole
      ? "Untick what you don't want to include"
      : `The ${MAX_ROWS.toLocaleString("en")} largest of ${files.length.toLocaleString("en")} files. Untick what you don't want to include`,
  });
  if (chosen === undefined) return listing;
  const wanted = new Set(chosen.map(({ path }) => path));
  return leaveOut(listing, new Set(rows.map(({ path }) => path).filter((path) => !wanted.has(path))));
}
