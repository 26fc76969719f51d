/** What an entry of a folder's listing is. */

interface Kinds {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export type EntryKind = "folder" | "link" | "other";

/**
 * Windows lists every reparse point as a link: also the files and folders that OneDrive, Dropbox or a deduplicated
 * volume keeps, which are no links. Only `lstat` knows which of them are.
 * @param ask the entry's `lstat`; what it rejects with leaves the entry a link, as the listing says
 */
export async function kindOf(entry: Kinds, ask: () => Promise<Kinds>): Promise<EntryKind> {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "folder" : "other";
  const seen = await ask().catch(() => entry);
  if (seen.isSymbolicLink()) return "link";
  return seen.isDirectory() ? "folder" : "other";
}
