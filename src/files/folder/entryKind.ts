/** What an entry of a folder's listing is. */

interface Kinds {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export type EntryKind = "folder" | "link" | "other";

/**
 * Windows lists every reparse point as a link, even files and folders of OneDrive, Dropbox or a deduplicated
 * volume, which are not links. Only `lstat` can tell.
 * @param ask the entry's `lstat`; if it fails, the entry stays what the listing says
 */
export async function kindOf(entry: Kinds, ask: () => Promise<Kinds>): Promise<EntryKind> {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "folder" : "other";
  const seen = await ask().catch(() => entry);
  if (seen.isSymbolicLink()) return "link";
  return seen.isDirectory() ? "folder" : "other";
}
