/**
 * A mail as requests to Nylas describe it in JSON: which fields it has, and which are refused. The body around it, and
 * its size: `messageBody.ts`.
 */
import * as z from "zod";
import type { LetterChange, Person } from "../outbox/letter.ts";
import { NylasError } from "./nylasErrors.ts";

/** An attachment in a message's JSON: by the id of its upload, or with its content. */
export interface AttachmentRequest {
  readonly contentId: string | undefined;
  readonly source:
    | { readonly id: string }
    | { readonly filename: string; readonly contentType: string; readonly content: Buffer };
}

/** When a scheduled mail should leave. */
export interface WaitRequest {
  /** Seconds since 1970. */
  readonly sendAt: number;
  readonly useDraft: boolean;
}

/** What a request says about a mail; undefined where it says nothing. */
export interface LetterRequest {
  readonly letter: LetterChange;
  /** Undefined when the request has no list at all, which leaves a draft's attachments as they are. */
  readonly attachments: readonly AttachmentRequest[] | undefined;
  readonly wait: WaitRequest | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** The service's id of the message that this one replies to. */
  readonly answers: string | undefined;
}

const PersonIn = z.object({ email: z.string(), name: z.string().nullish() });
const people = z.array(PersonIn).nullish();
const MessageBody = z.object({
  from: z.array(PersonIn).max(1).nullish(),
  to: people,
  cc: people,
  bcc: people,
  reply_to: people,
  reply_to_message_id: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.string().nullish(),
  is_plaintext: z.boolean().nullish(),
  custom_headers: z.array(z.object({ name: z.string().min(1), value: z.string() })).nullish(),
  send_at: z.int().positive().nullish(),
  use_draft: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string().max(500)).nullish(),
  attachments: z
    .array(
      z.object({
        id: z.string().nullish(),
        filename: z.string().nullish(),
        content_type: z.string().nullish(),
        content: z.string().nullish(),
        content_id: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** Reads the JSON of a message or draft. Throws the service's answer to a malformed one. */
export function readLetter(json: unknown): LetterRequest {
  const parsed = MessageBody.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new NylasError(400, `${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}`);
  }
  const body = parsed.data;
  if (body.use_draft && body.send_at == null)
    throw new NylasError(400, "use_draft: only together with send_at");
  if (Object.keys(body.metadata ?? {}).length > 50) throw new NylasError(400, "metadata: more than 50 pairs");
  return {
    letter: {
      from: readPeople(body.from),
      to: readPeople(body.to),
      cc: readPeople(body.cc),
      bcc: readPeople(body.bcc),
      replyTo: readPeople(body.reply_to),
      subject: body.subject,
      body: body.body,
      isPlaintext: body.is_plaintext,
      headers: body.custom_headers,
    },
    attachments: body.attachments?.map(readAttachment),
    wait: body.send_at == null ? undefined : { sendAt: body.send_at, useDraft: body.use_draft === true },
    metadata: body.metadata ?? undefined,
    answers: body.reply_to_message_id || undefined,
  };
}

type AttachmentIn = NonNullable<z.infer<typeof MessageBody>["attachments"]>[number];

function readAttachment(attachment: AttachmentIn, index: number): AttachmentRequest {
  const { id, filename, content_type: contentType, content, content_id: contentId } = attachment;
  const where = `attachments.${index}`;
  if (id) {
    if (typeof content === "string" || typeof contentType === "string")
      throw new NylasError(400, `${where}: an uploaded attachment has neither content nor content_type`);
    return { contentId: contentId ?? undefined, source: { id } };
  }
  if (!filename || !contentType)
    throw new NylasError(400, `${where}: filename and content_type are required`);
  if (typeof content !== "string" || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content))
    throw new NylasError(400, `${where}: content is not base64`);
  const source = { filename, contentType, content: Buffer.from(content, "base64") };
  return { contentId: contentId ?? undefined, source };
}

function readPeople(list: z.infer<typeof people>): Person[] | undefined {
  return list?.map(({ email, name }) => (name ? { email, name } : { email }));
}
