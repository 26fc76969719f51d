/** The message that is sent, and what a form lacks to become one. */

import * as z from "zod";
import { BodyFormat, type FormTexts } from "./contract/form.ts";
import { t } from "./l10n.ts";
import { lasting } from "./lasting.ts";
import { MailHeader, readHeaders } from "./mailHeaders.ts";
import { parseRecipients, Recipient } from "./recipients.ts";

/** A message whose addresses were all parsed; if it is sent, it has at least one recipient. */
export const OutgoingMessage = lasting({
  to: z.array(Recipient),
  cc: z.array(Recipient),
  bcc: z.array(Recipient),
  replyTo: z.array(Recipient).default([]),
  headers: z.array(MailHeader).default([]),
  subject: z.string(),
  body: z.string(),
  format: BodyFormat.default("text"),
  /** Asks the recipients' servers to confirm that it has arrived. */
  receipt: z.boolean().optional(),
});
export type OutgoingMessage = z.infer<typeof OutgoingMessage>;

/** Everyone who gets the message. */
export function everybody({ to, cc, bcc }: Pick<OutgoingMessage, "to" | "cc" | "bcc">): Recipient[] {
  return [...to, ...cc, ...bcc];
}

/**
 * How many bytes files take in a mail: base64 turns three into four and breaks the line after 76 characters.
 * https://www.rfc-editor.org/rfc/rfc2045#section-6.8
 */
export function encodedBytes(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => {
    const characters = Math.ceil(size / 3) * 4;
    return total + characters + 2 * Math.ceil(characters / 76);
  }, 0);
}

/** A line of base64: how many bytes of the file it holds, and how long it is with its line break. */
const LINE_BYTES = 57;
const LINE_ENCODED = 78;

/** The size of the largest file whose `encodedBytes` are no more than this. */
export function mostEncoded(bytes: number): number {
  if (bytes === Number.POSITIVE_INFINITY) return bytes;
  const lines = Math.floor(bytes / LINE_ENCODED);
  const rest = bytes - lines * LINE_ENCODED;
  return Math.max(0, lines * LINE_BYTES + Math.floor(Math.max(0, rest - 2) / 4) * 3);
}

/** The field that prevents sending, and why. */
export interface FormProblem {
  readonly field: "to" | "cc" | "bcc" | "replyTo" | "headers" | "subject" | "body";
  readonly message: string;
}

/** What the mailbox, and the way the mail leaves, require of a form. */
export interface FormRules {
  /** The mailbox accepts only headers whose names start with "x-". */
  readonly xHeadersOnly: boolean;
  /** At least one recipient is required; a draft needs none. */
  readonly addressed: boolean;
  /** The sender's address, put into an empty To at a service that requires somebody there. */
  readonly standIn?: string | undefined;
}

/** The message in a form, or the first reason why it cannot be sent. */
export function readForm(
  form: FormTexts,
  { xHeadersOnly, addressed, standIn }: FormRules,
): { message: OutgoingMessage } | { problem: FormProblem } {
  const lists = {
    to: parseRecipients(form.to),
    cc: parseRecipients(form.cc),
    bcc: parseRecipients(form.bcc),
    replyTo: parseRecipients(form.replyTo),
  };
  for (const field of ["to", "cc", "bcc", "replyTo"] as const) {
    const [message] = lists[field].problems;
    if (message !== undefined) return { problem: { field, message } };
  }
  const read = readHeaders(form.headers, xHeadersOnly);
  if ("problem" in read) return { problem: { field: "headers", message: read.problem } };
  const to = lists.to.recipients;
  const isForNobody = [to, lists.cc.recipients, lists.bcc.recipients].every(({ length }) => length === 0);
  if (addressed && isForNobody)
    return { problem: { field: "to", message: t("Enter at least one recipient.") } };
  const self = addressed && to.length === 0 && standIn !== undefined ? [{ name: null, email: standIn }] : [];
  return {
    message: {
      to: [...to, ...self],
      cc: [...lists.cc.recipients],
      bcc: [...lists.bcc.recipients],
      replyTo: [...lists.replyTo.recipients],
      headers: read.headers,
      subject: form.subject,
      body: form.body,
      format: form.format,
    },
  };
}
