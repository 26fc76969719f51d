/** Finds an added file in its draft's list by more than its id: ids come in two kinds, so they may differ. */
import type { ListedFile } from "./graphMessages.ts";

/** A file as it was uploaded. */
export interface SentFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Exchange counts more than a file's bytes: base64, and the properties of the attachment. */
const LARGEST_GROWTH = 1.5;
const PROPERTIES_BYTES = 64 * 1024;

/** Whether a listed attachment can be this file, complete. Its id cannot tell: see `Prefer: IdType`. */
export function isFile({ name, size }: ListedFile, file: SentFile): boolean {
  if (name !== file.name) return false;
  return size == null || (size >= file.size && size <= file.size * LARGEST_GROWTH + PROPERTIES_BYTES);
}

/** A file of the frozen mail; name and size are missing in mails that earlier versions have frozen. */
export interface WantedFile extends Partial<SentFile> {
  readonly id: string;
}

/**
 * The listed attachment of each wanted file: the one with its id, else one with its name and size.
 * @returns in the order of `wanted`; undefined where there is none
 */
export function matchFiles(
  wanted: readonly WantedFile[],
  listed: readonly ListedFile[],
): (ListedFile | undefined)[] {
  const byId = wanted.map(({ id }) => listed.find((one) => one.id === id));
  const taken = new Set(byId);
  return wanted.map(({ name, size }, index) => {
    const known = byId[index];
    if (known !== undefined || name === undefined || size === undefined) return known;
    const alike = listed.find((one) => !taken.has(one) && isFile(one, { name, size }));
    taken.add(alike);
    return alike;
  });
}
