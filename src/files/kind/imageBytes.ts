/** What kind of image a file is by its first bytes: anybody can call a file `.png`. */
import { readAt, withFile } from "../fileBytes.ts";

/** Signatures and where they are, bytes as Latin-1. */
const KINDS: readonly (readonly [type: string, ...signs: (readonly [at: number, sign: string])[]])[] = [
  ["image/png", [0, "\x89PNG\r\n\x1a\n"]],
  ["image/jpeg", [0, "\xff\xd8\xff"]],
  ["image/gif", [0, "GIF87a"]],
  ["image/gif", [0, "GIF89a"]],
  ["image/webp", [0, "RIFF"], [8, "WEBP"]],
  ["image/bmp", [0, "BM"], [6, "\0\0\0\0"]],
];
const HEAD_BYTES = 16;

/**
 * "image/png"; undefined if it is not an image that mail programs show.
 * @throws the system's error when the file cannot be read
 */
export async function imageKind(path: string): Promise<string | undefined> {
  const head = await withFile(path, (file) => readAt(file, 0, HEAD_BYTES));
  const text = head?.toString("latin1") ?? "";
  return KINDS.find(([, ...signs]) => signs.every(([at, sign]) => text.startsWith(sign, at)))?.[0];
}
