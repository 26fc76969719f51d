/** Shares files out among mails of a certain size. Pure; the page asks how many there would be, the host which. */
import { messageBytes } from "./arrival.ts";

interface Sized {
  /** Bytes. */
  readonly size: number;
}

/** More mails at once nobody wants to get. */
const MOST_MAILS = 20;
/** What a mail has beside its files and its text: headers, the list of what is in which mail, the text once more as plain text. */
const BESIDE = 128 * 1024;
/** A text travels as HTML and as plain text, and quoted. */
const TEXT_COPIES = 3;

/**
 * Fills mails with whole files, the largest first; each mail's are in the order that they had.
 * @param most bytes of a whole mail as it travels
 * @param first what the first mail has besides: the bytes of its text, and those of each image in that
 * @returns undefined where one mail is enough, a file fits in none, or there would be too many mails
 */
export function shareOut<File extends Sized>(
  files: readonly File[],
  most: number,
  first: { readonly text: number; readonly images: readonly number[] },
): File[][] | undefined {
  const firstBytes = messageBytes(first.images, first.text * TEXT_COPIES);
  const mails: Set<File>[] = [];
  const rooms: number[] = [];
  for (const file of [...files].sort((one, other) => other.size - one.size)) {
    const bytes = messageBytes([file.size], 0);
    let at = rooms.findIndex((room) => bytes <= room);
    if (at < 0) {
      at = mails.length;
      mails.push(new Set());
      rooms.push(most - BESIDE - (at === 0 ? firstBytes : 0));
    }
    if (bytes > (rooms[at] ?? 0) || mails.length > MOST_MAILS) return undefined;
    mails[at]?.add(file);
    rooms[at] = (rooms[at] ?? 0) - bytes;
  }
  return mails.length < 2 ? undefined : mails.map((mail) => files.filter((file) => mail.has(file)));
}
