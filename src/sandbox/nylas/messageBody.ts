/**
 * The body of a request with a mail, as JSON or as a form: how large it may be, and which of a form's fields are files.
 * What its JSON says: `letterRequest.ts`.
 */
import { createHash } from "node:crypto";
import type { Exchange } from "../http/exchange.ts";
import { parseForm } from "../http/multipart.ts";
import { type AttachmentRequest, type LetterRequest, readLetter } from "./letterRequest.ts";
import { NylasError } from "./nylasErrors.ts";

const jsonBytes = 3 * 1024 * 1024;
const multipartBytes = 25 * 1024 * 1024;

/** A request's body before it is parsed. */
export interface RawBody {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** The same for two requests with the same bytes. */
  readonly digest: string;
}

/** Reads the body of a message or draft, within the size limit of its form. */
export async function readMessageBody(exchange: Exchange): Promise<RawBody> {
  const contentType = exchange.header("content-type") ?? "";
  const multipart = isMultipart(contentType);
  if (!multipart && !isJson(contentType))
    throw new NylasError(400, "Content-Type must be application/json or multipart/form-data");
  const bytes = await exchange.bytes(multipart ? multipartBytes : jsonBytes);
  if (!bytes && multipart) throw new NylasError(413, "the request is larger than 25MB");
  if (!bytes)
    throw new NylasError(
      400,
      `max size of attachments for json is 3MB, received '${exchange.record.bytesReceived}'`,
    );
  return { contentType, bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** The mail that a body describes. */
export function parseMessage({ contentType, bytes }: RawBody): LetterRequest {
  if (!isMultipart(contentType)) return readLetter(parseJson(bytes.toString()));
  const fields = parseForm(contentType, bytes);
  if (!fields) throw new NylasError(400, "malformed multipart/form-data");
  const message = fields.find(({ name }) => name === "message");
  if (!message) throw new NylasError(400, "the form has no field `message`");
  const request = readLetter(parseJson(message.content.toString()));
  const attachments: AttachmentRequest[] = [...(request.attachments ?? [])];
  for (const field of fields) {
    if (field === message) continue;
    const { name, filename, contentType: type, content } = field;
    if (!filename) throw new NylasError(400, `the field \`${name}\` is no file`);
    // The field's name is the content id; `file0` and the like mean that there is none.
    const contentId = /^(file\d*|attachment)$/.test(name) ? undefined : name;
    attachments.push({
      contentId,
      source: { filename, contentType: type || "application/octet-stream", content },
    });
  }
  return { ...request, attachments };
}

export function isJson(contentType: string): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NylasError(400, "the body is not valid JSON");
  }
}

function isMultipart(contentType: string): boolean {
  return /^multipart\/form-data\s*;/i.test(contentType);
}
