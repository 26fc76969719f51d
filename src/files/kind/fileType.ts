/**
 * What a mail says that a file is. Little, and true: a mail program that is told something else (TypeScript as a video,
 * a saved mail as one inside this one, Latin 1 as UTF-8) shows or changes what it should only hand on.
 */
import { extname } from "node:path";
import { readAt, withFile } from "../fileBytes.ts";

/** Says nothing, so that nothing is done but to save it. */
export const UNKNOWN_TYPE = "application/octet-stream";
/** Longer texts are not shown inside a mail, and not read to their end here. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** What mail programs show or open by its type. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pdf: "application/pdf",
    rtf: "application/rtf",
    epub: "application/epub+zip",
    doc: "application/msword",
    xls: "application/vnd.ms-excel",
    ppt: "application/vnd.ms-powerpoint",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    odt: "application/vnd.oasis.opendocument.text",
    ods: "application/vnd.oasis.opendocument.spreadsheet",
    odp: "application/vnd.oasis.opendocument.presentation",
    zip: "application/zip",
    gz: "application/gzip",
    tgz: "application/gzip",
    "7z": "application/x-7z-compressed",
    tar: "application/x-tar",
    png: "image/png",
    apng: "image/apng",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    bmp: "image/bmp",
    tif: "image/tiff",
    tiff: "image/tiff",
    heic: "image/heic",
    avif: "image/avif",
    mp3: "audio/mpeg",
    m4a: "audio/mp4",
    wav: "audio/wav",
    flac: "audio/flac",
    ogg: "audio/ogg",
    mp4: "video/mp4",
    m4v: "video/mp4",
    mov: "video/quicktime",
    webm: "video/webm",
    mkv: "video/x-matroska",
    avi: "video/x-msvideo",
  }),
);

/** Texts that are more than that, where they are in UTF-8. */
const TEXT_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    csv: "text/csv; charset=utf-8",
    tsv: "text/tab-separated-values; charset=utf-8",
    htm: "text/html; charset=utf-8",
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    vcf: "text/vcard; charset=utf-8",
    svg: "image/svg+xml",
    xml: "application/xml",
    json: "application/json",
  }),
);

/** Texts that a mail program acts on: mails, meetings, and what is signed or sealed. */
const ACTED_ON = /^(eml|emlx|mht|mhtml|mbox|mbx|msg|ics|ical|vcs|ifb|p7[cmsz]|asc|sig|pgp|gpg)$/;

/** @param name in the mail @param path where its bytes are @returns a type, with the character set of a text */
export async function fileType(name: string, path: string): Promise<string> {
  const ending = extname(name).slice(1).toLowerCase();
  const known = TYPES.get(ending);
  if (known !== undefined) return known;
  if (ACTED_ON.test(ending)) return UNKNOWN_TYPE;
  const isText = await withFile(
    path,
    async (file, size) => size <= MAX_TEXT_BYTES && isPlainText(await readAt(file, 0, size)),
  ).catch(() => false); // Why it cannot be read is told when it has to be.
  return isText === true ? (TEXT_TYPES.get(ending) ?? "text/plain; charset=utf-8") : UNKNOWN_TYPE;
}

/**
 * Whether bytes are a text in UTF-8 with lines as mails have them. Other sets are not guessed: UTF-16 has zeros, most
 * others are no UTF-8, and those of 7 bits (ISO 2022) change sets by escapes that no terminal knows.
 */
export function isPlainText(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return false;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has.
  return !/[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?![[\]])|\r(?!\n)/.test(text);
}
