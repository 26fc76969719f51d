/** What is mailed, and the reading of addresses. The panel and the host share it, so both judge an address alike. */
import emailAddresses from "email-addresses";
import * as z from "zod";
import type { Form } from "./contract.ts";

export const Recipient = z.object({ name: z.string().nullable(), email: z.string() });
export type Recipient = z.infer<typeof Recipient>;

/** A message that can be sent: every address read, at least one reader. */
export const OutgoingMessage = z.object({
  to: z.array(Recipient),
  cc: z.array(Recipient),
  bcc: z.array(Recipient),
  subject: z.string(),
  body: z.string(),
});
export type OutgoingMessage = z.infer<typeof OutgoingMessage>;

export interface RecipientList {
  readonly recipients: readonly Recipient[];
  /** Sentences about the entries that cannot be mailed to, in the order typed. */
  readonly problems: readonly string[];
}

/**
 * Reads `Name <a@b.example>, c@d.example; …`. Commas, semicolons and line breaks separate; an entry that is no
 * address becomes a problem and the others still count.
 */
export function parseRecipients(text: string): RecipientList {
  const recipients: Recipient[] = [];
  const problems: string[] = [];
  for (const entry of splitEntries(text)) {
    const problem = readEntry(entry, recipients);
    if (problem !== undefined) problems.push(problem);
  }
  return { recipients, problems };
}

function readEntry(entry: string, recipients: Recipient[]): string | undefined {
  // The services refuse addresses outside ASCII (Nylas answers 402); better said while typing.
  const parsed = emailAddresses.parseOneAddress(entry);
  if (parsed === null) return `“${entry}” is not an e-mail address.`;
  const mailboxes = parsed.type === "group" ? parsed.addresses : [parsed];
  for (const { name, address, domain } of mailboxes) {
    if (!/^[\x21-\x7e]+$/.test(address))
      return `“${address}” has letters that mail services refuse in an address.`;
    if (!domain.includes(".")) return `“${address}” has no complete domain, such as example.com.`;
    if (!recipients.some((known) => known.email.toLowerCase() === address.toLowerCase()))
      recipients.push({ name, email: address });
  }
  return undefined;
}

/** Splits at separators outside quotes, angle brackets and comments. */
function splitEntries(text: string): string[] {
  const entries: string[] = [];
  let start = 0;
  let quoted = false;
  let depth = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === "\\" && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "<" || char === "(")) depth++;
    else if (!quoted && (char === ">" || char === ")")) depth = Math.max(0, depth - 1);
    else if (char === undefined || (!quoted && depth === 0 && /[,;\r\n]/.test(char))) {
      const entry = text.slice(start, i).trim();
      if (entry !== "") entries.push(entry);
      start = i + 1;
    }
  }
  return entries;
}

/** The field that stands in the way of sending, and why. */
export interface FormProblem {
  readonly field: "to" | "cc" | "bcc";
  readonly message: string;
}

/** The message in a form, or the first reason why it cannot be sent. */
export function readForm(form: Form): { message: OutgoingMessage } | { problem: FormProblem } {
  const lists = {
    to: parseRecipients(form.to),
    cc: parseRecipients(form.cc),
    bcc: parseRecipients(form.bcc),
  };
  for (const field of ["to", "cc", "bcc"] as const) {
    const [message] = lists[field].problems;
    if (message !== undefined) return { problem: { field, message } };
  }
  if (lists.to.recipients.length === 0)
    return { problem: { field: "to", message: "Enter at least one recipient." } };
  return {
    message: {
      to: [...lists.to.recipients],
      cc: [...lists.cc.recipients],
      bcc: [...lists.bcc.recipients],
      subject: form.subject,
      body: form.body,
    },
  };
}
