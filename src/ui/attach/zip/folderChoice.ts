/** Lets a person choose what of a folder goes into a zip, and reports what could not be included. */
import { basename } from "node:path";
import type { FreightError } from "../../../base/errors.ts";
import type { FolderListing } from "../../../files/folder/folderWalk.ts";
import { formatBytes } from "../../../shared/format.ts";
import { t } from "../../../shared/l10n.ts";
import type { Dialogs } from "../../notices/dialogs.ts";
import { plain, withoutIcons } from "../../notices/plain.ts";

/** More rows would keep the editor busy, and nobody reads that many. */
const MAX_ROWS = 5_000;

export interface FolderChoiceOptions {
  readonly dialogs: Dialogs;
  /** Whether the workspace is trusted; if not, its ignore files are not used. */
  readonly isTrusted: boolean;
  readonly list: (useIgnoreFiles: boolean) => Promise<FolderListing>;
  /** The error for an empty folder. */
  readonly empty: () => FreightError;
}

/** Shows a folder's content until the person decides. @returns undefined when they do not want to send it */
export async function chooseContent(
  maxBytes: number,
  { dialogs, isTrusted, list, empty }: FolderChoiceOptions,
): Promise<FolderListing | undefined> {
  const { describeFolder, folderName } = await import("../../../files/folder/folderWords.ts");
  const [compress, choose] = [t("Compress"), t("Choose Files…")];
  const [includeIgnored, leaveOutIgnored] = [t("Include Ignored Files"), t("Leave Out Ignored Files")];
  let useIgnoreFiles = isTrusted;
  let listing = await list(useIgnoreFiles);
  for (;;) {
    const isEmpty = listing.files.length === 0;
    const { ignored, system, unwanted } = listing.leftOut;
    if (isEmpty && ignored + system + unwanted === 0) throw empty();
    const other = useIgnoreFiles ? ignored + system > 0 && includeIgnored : isTrusted && leaveOutIgnored;
    const note = isTrusted
      ? useIgnoreFiles
        ? ""
        : t("Ignored files are included.")
      : t("Restricted Mode: the folder's ignore files are not used. Everything but .git goes in.");
    const answer = await dialogs.ask(
      "info",
      plain(t("Send “{0}” as a zip?", folderName(listing))),
      [describeFolder(listing), limitNote(listing.bytes, maxBytes), note]
        .filter((line) => line !== "")
        .join("\n"),
      ...[...(isEmpty ? [] : [compress, choose]), ...(other === false ? [] : [other])],
    );
    if (answer === compress) return listing;
    if (answer === undefined) return undefined;
    if (answer === choose) listing = await chooseFiles(dialogs, listing);
    else {
      useIgnoreFiles = !useIgnoreFiles;
      listing = await list(useIgnoreFiles);
    }
  }
}

/** Shows what goes into an archive, file by file. @returns the list without what was unticked */
async function chooseFiles(dialogs: Dialogs, listing: FolderListing): Promise<FolderListing> {
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

function limitNote(bytes: number, maxBytes: number): string {
  if (bytes <= maxBytes) return "";
  return t("The limit is {0}; whether the zip fits is known only once it is made.", formatBytes(maxBytes));
}

/** Reports files that turned out not to be readable. */
export async function tellLeftOut(dialogs: Dialogs, path: string, leftOut: readonly string[]): Promise<void> {
  const { names } = await import("../../../files/folder/folderWords.ts");
  void dialogs.tell(
    "warning",
    plain(
      leftOut.length === 1
        ? t(
            "One file is not in the zip of “{0}”, changed or unreadable while it was made: {1}.",
            basename(path),
            names(leftOut),
          )
        : t(
            "{0} files are not in the zip of “{1}”, changed or unreadable while it was made: {2}.",
            leftOut.length,
            basename(path),
            names(leftOut),
          ),
    ),
  );
}
