/** Distributes files among mails of limited size. Pure; the page only asks for the number of mails. */
import { mostEncoded } from "../message.ts";
import { messageBytes } from "./sizeDoubts.ts";

interface Sized {
  /** Bytes. */
  readonly size: number;
}

/** What else the first mail contains: bytes of its text, and of each image in it. */
interface Letter {
  readonly text: number;
  readonly images: readonly number[];
}

/** A part of a file: its bytes from `start` on; `number` counts from 1. */
export interface Slice {
  readonly start: number;
  readonly number: number;
}

/** Nobody wants to get more mails than this at once. */
export const MOST_MAILS = 20;
/** Bytes kept free in each mail for headers, the list of what is in which mail, and its plain text. */
const BESIDE = 128 * 1024;
/** The text is sent as HTML and as plain text, and its encoding makes it longer. */
const TEXT_COPIES = 3;

/**
 * Fills mails with whole files, the largest first; in each mail they keep their order.
 * @param most bytes of a whole mail as it travels
 * @returns undefined when one mail is enough, a file fits in none, or there would be too many mails
 */
export function shareOut<File extends Sized>(
  files: readonly File[],
  most: number,
  first: Letter,
): File[][] | undefined {
  const mails: Set<File>[] = [];
  const rooms: number[] = [];
  for (const file of [...files].sort((one, other) => other.size - one.size)) {
    const bytes = messageBytes([file.size], 0);
    let at = rooms.findIndex((room) => bytes <= room);
    if (at < 0) {
      at = mails.length;
      mails.push(new Set());
      rooms.push(at === 0 ? firstRoom(most, first) : most - BESIDE);
    }
    if (bytes > (rooms[at] ?? 0) || mails.length > MOST_MAILS) return undefined;
    mails[at]?.add(file);
    rooms[at] = (rooms[at] ?? 0) - bytes;
  }
  return mails.length < 2 ? undefined : mails.map((mail) => files.filter((file) => mail.has(file)));
}

/**
 * Cuts files that fit in no mail into parts that do, each but the last as large as the first mail allows.
 * Parameters as for `shareOut`.
 * @returns all files in order, with their parts instead of those cut; a file of too many parts stays whole
 */
export function cutUp<File extends Sized>(
  files: readonly File[],
  most: number,
  first: Letter,
): (File & { readonly slice?: Slice })[] {
  const size = mostEncoded(firstRoom(most, first));
  return files.flatMap((file) => {
    const count = Math.ceil(file.size / size);
    if (size <= 0 || count < 2 || count > MOST_MAILS) return [file];
    return Array.from({ length: count }, (_, at) => {
      const start = at * size;
      return { ...file, size: Math.min(size, file.size - start), slice: { start, number: at + 1 } };
    });
  });
}

/** The largest file that fits in a mail without anything else, in bytes. @param most as above */
export function largestFile(most: number): number {
  return mostEncoded(most - BESIDE);
}

function firstRoom(most: number, { text, images }: Letter): number {
  return most - BESIDE - messageBytes(images, text * TEXT_COPIES);
}
