/** What is mailed, and the reading of addresses. The panel and the host share it, so both judge an address alike. */
import emailAddresses from "email-addresses";
import * as z from "zod";
import type { FormTexts } from "./contract.ts";

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

/** Longer than any address with its name, and short enough for a parser that calls itself. */
const LONGEST_ENTRY = 500;

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
  if (entry.length > LONGEST_ENTRY) return `“${entry.slice(0, 50)}…” is too long for an e-mail address.`;
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

/** Splits at separators outside quotes, brackets, comments and groups (`Team: a@b.example, c@d.example;`). */
function splitEntries(text: string): string[] {
  const entries: string[] = [];
  let start = 0;
  let quoted = false;
  let depth = 0;
  let grouped = false;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === "\\" && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && /[<([]/.test(char ?? "")) depth++;
    else if (!quoted && /[>)\]]/.test(char ?? "")) depth = Math.max(0, depth - 1);
    else if (!quoted && depth === 0 && char === ":") grouped = text.includes(";", i);
    else if (char === undefined || (!quoted && depth === 0 && (grouped ? /;/ : /[,;\r\n]/).test(char))) {
      // A group's own semicolon belongs to it.
      const entry = text.slice(start, grouped ? i + 1 : i).trim();
      if (entry !== "") entries.push(entry);
      start = i + 1;
      grouped = false;
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
export function readForm(form: FormTexts): { message: OutgoingMessage } | { problem: FormProblem } {
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
