/** What kind of file it is, in a word that people use for it. */

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/pdf$/, "PDF"],
  [/wordprocessingml|msword|opendocument\.text|rtf$/, "Document"],
  [/spreadsheetml|ms-excel|opendocument\.spreadsheet|\/csv$/, "Spreadsheet"],
  [/presentationml|ms-powerpoint|opendocument\.presentation/, "Presentation"],
  [/\/(x-)?(zip|gzip|tar|7z|7z-compressed)$/, "Archive"],
  [/^image\//, "Image"],
  [/^audio\//, "Audio"],
  [/^video\//, "Video"],
  [/^text\/html/, "HTML"],
  [/^text\/|\/(json|xml)\b/, "Text"],
];

/** Undefined where the type says nothing that a person would. @param contentType as in the mail */
export function fileKind(contentType: string): string | undefined {
  return KINDS.find(([types]) => types.test(contentType))?.[1];
}
