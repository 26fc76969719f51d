/**
 * A send that carries its files itself, as JSON when it is small, otherwise as a form: what is recorded of it
 * before the first try, and the bytes made from that. https://developer.nylas.com/docs/v3/email/attachments/
 */
import * as z from "zod";
import { assembledLength, type Piece } from "../../transfer/assembly.ts";
import { FrozenFile, frozenFiles } from "../frozenFile.ts";
import type { AttachmentRef } from "../mailService.ts";
import { JSON_MAX_BYTES } from "./standardLimits.ts";

/** Everything that determines the bytes of the request. */
export const StandardMail = z.object({
  /** JSON, without the files. */
  message: z.string(),
  /** Separates the parts of the form; null for JSON. */
  boundary: z.string().nullable(),
  files: z.array(FrozenFile),
});
export type StandardMail = z.infer<typeof StandardMail>;

/** @param boundary a text that no file contains */
export function standardMail(
  message: object,
  attachments: readonly AttachmentRef[],
  boundary: string,
): StandardMail {
  const mail = { message: JSON.stringify(message), boundary: null, files: frozenFiles(attachments) };
  return assembledLength(piecesOf(mail)) <= JSON_MAX_BYTES ? mail : { ...mail, boundary };
}

export function contentTypeOf({ boundary }: StandardMail): string {
  return boundary === null ? "application/json" : `multipart/form-data; boundary=${boundary}`;
}

/** The parts of the request's body, in order. */
export function piecesOf({ message, boundary, files }: StandardMail): Piece[] {
  return boundary === null ? jsonPieces(message, files) : formPieces(message, files, boundary);
}

function jsonPieces(message: string, files: readonly FrozenFile[]): Piece[] {
  const entries = files.flatMap(
    ({ path, start, name, contentType, size, sha256, contentId }, index): Piece[] => {
      const entry = {
        filename: name,
        content_type: contentType,
        ...(contentId === null ? {} : { content_id: contentId }),
        content: "",
      };
      const head = JSON.stringify(entry).slice(0, -2);
      return [`${index === 0 ? "" : ","}${head}`, { path, start, size, sha256, as: "base64" }, '"}'];
    },
  );
  return [`${message.slice(0, -1)},"attachments":[`, ...entries, "]}"];
}

/** The field of a file is named after its content id; files without one are numbered. */
function formPieces(message: string, files: readonly FrozenFile[], boundary: string): Piece[] {
  const parts = files.flatMap(
    ({ path, start, name, contentType, size, sha256, contentId }, index): Piece[] => [
      `\r\n--${boundary}\r\n` +
        `Content-Disposition: form-data; name="${contentId ?? `file${index}`}"; filename="${quoted(name)}"\r\n` +
        `Content-Type: ${contentType}\r\n\r\n`,
      { path, start, size, sha256, as: "bytes" },
    ],
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="message"\r\n\r\n${message}`;
  return [head, ...parts, `\r\n--${boundary}--\r\n`];
}

/** Escapes a file name as browsers do. https://www.rfc-editor.org/rfc/rfc7578#section-4.2 */
function quoted(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
