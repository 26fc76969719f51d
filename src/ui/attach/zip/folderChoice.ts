/** The files of a folder to send, to be looked through. */
import type { FolderListing } from "../../../files/folder/folderWalk.ts";
import { formatBytes } from "../../../shared/format.ts";
import { t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import { plain, withoutIcons } from "../../notices/plain.ts";

/** More rows than these would keep the editor busy, and nobody reads them. */
const MAX_ROWS = 5_000;

/** Shows what goes into an archive, file by file. @returns the list without those that lost their tick */
export async function chooseFiles(dialogs: Dialogs, listing: FolderListing): Promise<FolderListing> {
  const { largestOf, leaveOut } = await import("../../../files/folder/folderWalk.ts");
  const { folderName, shown } = await import("../../../files/folder/folderWords.ts");
  const { files } = listing;
  const isWhole = files.length <= MAX_ROWS;
  const rows = (isWhole ? files : largestOf(files, MAX_ROWS)).map(({ path, size }) => ({
    label: withoutIcons(shown(path)),
    description: formatBytes(size),
    value: path,
  }));
  const chosen = await dialogs.keep(
    plain(t("What goes into the zip of “{0}”", folderName(listing))),
    isWhole
      ? t("Untick what you don't want to include")
      : t("The {0} largest of {1} files. Untick what you don't want to include", MAX_ROWS, files.length),
    rows,
  );
  if (chosen === undefined) return listing;
  const wanted = new Set(chosen);
  return leaveOut(listing, new Set(rows.map(({ value }) => value).filter((path) => !wanted.has(path))));
}
