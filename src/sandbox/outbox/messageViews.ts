/**
 * How Nylas describes a mail that was sent, or a draft; and what is stored of a draft. As Graph does:
 * `sandbox/graph/graphViews.ts`; as the outbox does: `mailView.ts`.
 */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import { Letter } from "./letter.ts";
import { type Mail, Part } from "./outbox.ts";

/** A mail that was not sent yet. */
export const Draft = z.object({
  id: z.string(),
  grantId: z.string(),
  threadId: z.string(),
  letter: Letter,
  parts: z.array(Part),
  metadata: z.record(z.string(), z.string()).default({}),
  changedAt: z.number(),
});
export type Draft = z.infer<typeof Draft>;

function describeLetter(letter: Letter, attachments: readonly Omit<Part, "path">[], grantId: string) {
  return {
    grant_id: grantId,
    subject: letter.subject,
    body: letter.body,
    from: letter.from,
    to: letter.to,
    cc: letter.cc,
    bcc: letter.bcc,
    reply_to: letter.replyTo,
    attachments: attachments.map((part) => ({
      id: part.id,
      grant_id: grantId,
      filename: part.filename,
      content_type: part.contentType,
      size: part.size,
      is_inline: part.inline,
      content_disposition: part.inline ? "inline" : "attachment",
      ...(part.contentId === undefined ? {} : { content_id: part.contentId }),
    })),
  };
}

/** A sent mail as the API returns it. */
export function describeMail(
  mail: Omit<Mail, "answer">,
  id: string,
  fields: string | null,
): Record<string, unknown> {
  const basic = [{ name: "Message-ID", value: mail.messageId }];
  const all = [...basic, { name: "Subject", value: mail.letter.subject }, ...mail.letter.headers];
  return {
    id,
    object: "message",
    thread_id: mail.threadId ?? providerId(),
    ...describeLetter(mail.letter, mail.attachments, mail.grantId),
    date: Math.floor(mail.sentAt / 1000),
    folders: ["SentItems"],
    snippet: mail.letter.body.replace(/<[^>]*>/g, " ").slice(0, 100),
    starred: false,
    unread: false,
    // The service returns this empty instead of leaving it out.
    schedule_id: "",
    ...(fields === "include_headers" ? { headers: all } : {}),
    ...(fields === "include_basic_headers" ? { headers: basic } : {}),
  };
}

/** A draft as the API returns it. */
export function describeDraft(draft: Draft, tellsMetadata: boolean): Record<string, unknown> {
  return {
    id: draft.id,
    object: "draft",
    thread_id: draft.threadId,
    ...describeLetter(draft.letter, draft.parts, draft.grantId),
    date: draft.changedAt,
    created_at: null,
    updated_at: null,
    folders: ["Drafts"],
    starred: false,
    unread: false,
    ...(tellsMetadata ? { metadata: draft.metadata } : {}),
  };
}

/** An id that looks like the provider's. */
export function providerId(): string {
  return `AAMkAD${randomBytes(48).toString("base64url")}=`;
}
