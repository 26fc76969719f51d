/** What is in a folder to send, in words. */
import { basename } from "node:path";
import { withoutHidden } from "../../shared/foreignText.ts";
import { described, formatBytes, moreFiles, noted, someOf } from "../../shared/format.ts";
import { listOf, plural, sentences, t } from "../../shared/l10n.ts";
import { secretName } from "../secrets/secretNames.ts";
import { renamedIn } from "./entryNames.ts";
import type { FolderListing } from "./folderWalk.ts";

/** "214 files, 38 MB", then a line each for what stays out, what is largest, and so on. */
export function describeFolder(listing: FolderListing): string {
  const { files, bytes, largest } = listing;
  const out = leftOutWords(listing);
  return [
    plural(files.length, "{0} file, {1}", "{0} files, {1}", formatBytes(bytes)),
    ...(out.length > 0 ? [t("Left out: {0}", described(...out))] : []),
    ...bundleLine(listing),
    ...rulesLine(listing),
    ...renamedLine(listing),
    ...secretLine(listing),
    ...(largest.length > 0
      ? [t("Largest: {0}", listOf(largest.map(({ path, size }) => noted(shown(path), formatBytes(size)))))]
      : []),
  ].join("\n");
}

/** Says when Git decided what is ignored, or why it could not be asked. */
function rulesLine({ rules: { git, trouble } }: FolderListing): string[] {
  if (trouble !== undefined)
    return [sentences(t("Git could not be asked, so .gitignore files were followed."), trouble)];
  return git ? [t("As Git lists it: tracked files, and new ones that it does not ignore.")] : [];
}

/** What gets another name in the zip. */
function renamedLine({ folder, files }: FolderListing): string[] {
  const all = [...renamedIn(folder, files)].map(([before, after]) => `${shown(before)} → ${after}`);
  if (all.length === 0) return [];
  return [t("Renamed so that every system can unpack them: {0}", someOf(all, NAMED, moreFiles))];
}

/** Names that look like secrets. Contents are searched, and asked about, when the files are read. */
function secretLine({ files }: FolderListing): string[] {
  const found = files.filter(({ path }) => secretName(basename(path)) !== undefined);
  return found.length === 0 ? [] : [t("May be secret: {0}", names(found.map(({ path }) => path)))];
}

/** An app without its inner links does not start. */
function bundleLine({ leftOut: { brokenBundles } }: FolderListing): string[] {
  if (brokenBundles.length === 0) return [];
  return [
    plural(
      brokenBundles.length,
      "{1} needs its symbolic links to work: compress in the Finder, and send that zip",
      "{1} need their symbolic links to work: compress in the Finder, and send that zip",
      someOf(brokenBundles.map(shown), NAMED, (count) => plural(count, "{0} more app", "{0} more apps")),
    ),
  ];
}

export function folderName({ folder }: { readonly folder: string }): string {
  return shown(basename(folder));
}

function leftOutWords({ leftOut, rules }: FolderListing): string[] {
  const { ignored, system, git, symlinks, special, unwanted, unreadable } = leftOut;
  return [
    ...(unwanted > 0 ? [plural(unwanted, "{0} file that you unticked", "{0} files that you unticked")] : []),
    ...(ignored > 0
      ? [
          rules.git
            ? plural(ignored, "{0} file that Git ignores", "{0} files that Git ignores")
            : plural(ignored, "{0} file ignored by .gitignore", "{0} files ignored by .gitignore"),
        ]
      : []),
    ...(system > 0
      ? [plural(system, "{0} system file (such as .DS_Store)", "{0} system files (such as .DS_Store)")]
      : []),
    ...(git > 0 ? [".git"] : []),
    ...(symlinks > 0 ? [plural(symlinks, "{0} symbolic link", "{0} symbolic links")] : []),
    ...(special > 0 ? [plural(special, "{0} socket, pipe or device", "{0} sockets, pipes or devices")] : []),
    ...(unreadable.length > 0 ? [t("unreadable files ({0})", names(unreadable))] : []),
  ];
}

/** Nobody reads more names than this in a question. */
const NAMED = 3;

/** Names for people: the first few, and how many more. */
export function names(paths: readonly string[]): string {
  return someOf(paths.map(shown), NAMED, moreFiles);
}

/** A path on one line, with � for what cannot be seen. */
export function shown(name: string): string {
  return withoutHidden(name, "�");
}
