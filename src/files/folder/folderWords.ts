/** What is in a folder to send, in words. */
import { basename } from "node:path";
import { withoutHidden } from "../../shared/foreignText.ts";
import { counted, formatBytes } from "../../shared/format.ts";
import { secretName } from "../secrets/secretNames.ts";
import { renamedIn } from "./entryNames.ts";
import type { FolderListing } from "./folderWalk.ts";

/** "214 files, 38 MB", and below it what stays out and what weighs most; a line for each. */
export function describeFolder(listing: FolderListing): string {
  const { files, bytes, largest } = listing;
  const out = leftOutWords(listing);
  return [
    `${counted(files.length, "file")}, ${formatBytes(bytes)}`,
    ...(out.length > 0 ? [`Left out: ${out.join(", ")}`] : []),
    ...bundleLine(listing),
    ...rulesLine(listing),
    ...renamedLine(listing),
    ...secretLine(listing),
    ...(largest.length > 0
      ? [`Largest: ${largest.map(({ path, size }) => `${shown(path)} (${formatBytes(size)})`).join(", ")}`]
      : []),
  ].join("\n");
}

/** Whose word counts in a repository; there is nothing to say where there is none. */
function rulesLine({ rules: { git, trouble } }: FolderListing): string[] {
  if (trouble !== undefined) return [`Git could not be asked, so .gitignore files were followed. ${trouble}`];
  return git ? ["As Git lists it: tracked files, and new ones that it does not ignore."] : [];
}

/** What is called otherwise in the zip. */
function renamedLine({ folder, files }: FolderListing): string[] {
  const all = [...renamedIn(folder, files)].map(([before, after]) => `${shown(before)} → ${after}`);
  if (all.length === 0) return [];
  const more = all.length > 3 ? ` and ${all.length - 3} more` : "";
  return [`Renamed so that every system can unpack them: ${all.slice(0, 3).join(", ")}${more}`];
}

/** Names that look like secrets. What is in the files is looked at when they are read, and asked about then. */
function secretLine({ files }: FolderListing): string[] {
  const found = files.filter(({ path }) => secretName(basename(path)) !== undefined);
  return found.length === 0 ? [] : [`May be secret: ${names(found.map(({ path }) => path))}`];
}

/** An app without its inner links does not start. */
function bundleLine({ leftOut: { brokenBundles } }: FolderListing): string[] {
  if (brokenBundles.length === 0) return [];
  const what = brokenBundles.length === 1 ? "needs its symbolic links" : "need their symbolic links";
  return [`${names(brokenBundles)} ${what} to work: compress in the Finder, and send that zip`];
}

export function folderName({ folder }: { readonly folder: string }): string {
  return shown(basename(folder));
}

function leftOutWords({ leftOut, rules }: FolderListing): string[] {
  const { ignored, system, git, symlinks, special, unwanted, unreadable } = leftOut;
  return [
    ...(unwanted > 0 ? [`${counted(unwanted, "file")} by you`] : []),
    ...(ignored > 0
      ? [`${counted(ignored, "file")} ${rules.git ? "that Git ignores" : "by .gitignore"}`]
      : []),
    ...(system > 0
      ? [counted(system, "system file (such as .DS_Store)", "system files (such as .DS_Store)")]
      : []),
    ...(git > 0 ? [".git"] : []),
    ...(symlinks > 0 ? [counted(symlinks, "symbolic link")] : []),
    ...(special > 0 ? [counted(special, "socket, pipe or device", "sockets, pipes or devices")] : []),
    ...(unreadable.length > 0 ? [`unreadable files (${names(unreadable)})`] : []),
  ];
}

/** Names for people: the first few, and how many more. */
export function names(paths: readonly string[]): string {
  const first = paths.slice(0, 3).map(shown).join(", ");
  return paths.length > 3 ? `${first} and ${paths.length - 3} more` : first;
}

/** A path on one line, in which a sign stands for what cannot be seen. */
export function shown(name: string): string {
  return withoutHidden(name, "�");
}
