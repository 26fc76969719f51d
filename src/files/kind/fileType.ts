/**
 * The type that a mail states for a file: little, but never wrong. A mail program that is told something
 * wrong (TypeScript as a video, a saved mail as one inside this one, Latin 1 as UTF-8) shows or changes what
 * it should only pass on.
 */
import { extname } from "node:path";
import { readAt, withFile } from "../fileBytes.ts";

/** Says nothing, so that mail programs only offer to save it. */
export const UNKNOWN_TYPE = "application/octet-stream";
/** Longer texts are not shown inside a mail, and not examined here. */
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

/** Texts that are more than plain text, if they are in UTF-8. */
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

/** Texts that a mail program acts on: mails, meetings, and what is signed or encrypted. */
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
  ).catch(() => false); // Whoever has to read it reports why it cannot.
  return isText === true ? (TEXT_TYPES.get(ending) ?? "text/plain; charset=utf-8") : UNKNOWN_TYPE;
}

/**
 * Whether bytes are text in UTF-8 with the line ends of mails. Other encodings do not pass: UTF-16 contains
 * zeros, most others are not valid UTF-8, and 7-bit ones (ISO 2022) switch sets by escapes that no terminal
 * knows.
 */
function isPlainText(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return false;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text has.
  return !/[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?![[\]])|\r(?!\n)/.test(text);
}
