/** The kind of a file, in a word that people use. */
import { t } from "../../shared/l10n.ts";

const KINDS: readonly (readonly [RegExp, () => string])[] = [
  [/pdf$/, () => "PDF"],
  [/wordprocessingml|msword|opendocument\.text|rtf$/, () => t("Document")],
  [/spreadsheetml|ms-excel|opendocument\.spreadsheet|\/csv$/, () => t("Spreadsheet")],
  [/presentationml|ms-powerpoint|opendocument\.presentation/, () => t("Presentation")],
  [/\/(x-)?(zip|gzip|tar|7z|7z-compressed)$/, () => t("Archive")],
  [/^image\//, () => t("Image")],
  [/^audio\//, () => t("Audio")],
  [/^video\//, () => t("Video")],
  [/^text\/html/, () => "HTML"],
  [/^text\/|\/(json|xml)\b/, () => t("Text")],
];

/** Undefined for types that people have no word for. @param contentType as in the mail */
export function fileKind(contentType: string): string | undefined {
  return KINDS.find(([types]) => types.test(contentType))?.[1]();
}
