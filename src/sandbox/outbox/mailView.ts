/**
 * A mail as the outbox shows it to programs: who has it and who sent it back, how often it was sent, its files. As
 * Nylas shows it: `messageViews.ts`.
 */
import { plainText } from "../base/plainText.ts";
import type { Mail } from "./outbox.ts";

export interface MailView {
  readonly id: string;
  readonly date: string;
  readonly grant_id: string;
  readonly message_id: string;
  readonly in_reply_to: string | null;
  readonly thread_id: string | null;
  readonly from: Mail["letter"]["from"];
  readonly to: Mail["letter"]["to"];
  readonly cc: Mail["letter"]["cc"];
  readonly bcc: Mail["letter"]["bcc"];
  readonly reply_to: Mail["letter"]["replyTo"];
  readonly subject: string;
  readonly body: string;
  /** The body without markup. */
  readonly text: string;
  readonly is_plaintext: boolean;
  readonly custom_headers: Mail["letter"]["headers"];
  readonly idempotency_key: string | null;
  /** The same for two mails that a recipient would call the same. */
  readonly logical_id: string;
  /** How often that mail was sent. */
  readonly deliveries: number;
  /** Addresses whose mailboxes have it, and those that sent it back. */
  readonly taken_by: readonly string[];
  readonly refused_by: readonly string[];
  readonly attachment_count: number;
  readonly attachments: readonly {
    readonly id: string;
    readonly filename: string;
    readonly content_type: string;
    readonly size: number;
    readonly sha256: string;
    readonly is_inline: boolean;
    readonly content_id: string | null;
    /** The address of its bytes, as they arrived. */
    readonly url: string;
  }[];
  /** The address of the mail's `.eml`. */
  readonly eml: string;
}

export function viewMail(mail: Mail, deliveries: number, eml: string): MailView {
  const { letter, attachments, refusedBy } = mail;
  const emails = [...letter.to, ...letter.cc, ...letter.bcc].map(({ email }) => email);
  return {
    id: mail.id,
    date: new Date(mail.sentAt).toISOString(),
    grant_id: mail.grantId,
    message_id: mail.messageId,
    in_reply_to: mail.inReplyTo ?? null,
    thread_id: mail.threadId ?? null,
    from: letter.from,
    to: letter.to,
    cc: letter.cc,
    bcc: letter.bcc,
    reply_to: letter.replyTo,
    subject: letter.subject,
    body: letter.body,
    text: letter.isPlaintext ? letter.body : plainText(letter.body),
    is_plaintext: letter.isPlaintext,
    custom_headers: letter.headers,
    idempotency_key: mail.idempotency?.key ?? null,
    logical_id: mail.sameAs,
    deliveries,
    taken_by: [...new Set(emails)].filter((email) => !refusedBy.includes(email)),
    refused_by: refusedBy,
    attachment_count: attachments.length,
    attachments: attachments.map((part, at) => ({
      id: part.id,
      filename: part.filename,
      content_type: part.contentType,
      size: part.size,
      sha256: part.sha256,
      is_inline: part.inline,
      content_id: part.contentId ?? null,
      url: `${eml.replace(/\.eml$/, "")}/${at}`,
    })),
    eml,
  };
}
