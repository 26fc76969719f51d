/** Headers that a person gives a mail, one in a line. The panel and the host share it, so both judge a line alike. */
import * as z from "zod";
import { lasting } from "./lasting.ts";

export const MailHeader = lasting({ name: z.string(), value: z.string() });
export type MailHeader = z.infer<typeof MailHeader>;

/** Microsoft takes no more on a message, whichever service carries it there. */
const MOST_AT_MICROSOFT = 5;
const MOST = 20;
const LONGEST_NAME = 70;
/** A line of a mail has at most 998 letters (RFC 5322, 2.1.1); longer ones are not folded alike everywhere. */
const LONGEST_VALUE = 900;

/** What mail programs write themselves (some of it makes recipients, as `Resent-Bcc` does), and what Exchange keeps to itself. */
const RESERVED =
  /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|mime-version|return-path|received|resent-.*|apparently-to|dkim-.*|content-.*|x-freight-mail-.*|x-microsoft-exchange-.*|x-ms-exchange-.*)$/i;

/** The headers in a text, or the first reason why a line is none. @param xOnly the mailbox takes names with "x-" only */
export function readHeaders(text: string, xOnly: boolean): { headers: MailHeader[] } | { problem: string } {
  const headers: MailHeader[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === "") continue;
    const header = splitLine(line);
    const problem = header === undefined ? notAHeader(line) : faultOf(header, xOnly);
    if (header === undefined || problem !== undefined) return { problem: problem ?? notAHeader(line) };
    if (headers.some(({ name }) => name.toLowerCase() === header.name.toLowerCase()))
      return { problem: `“${header.name}” appears twice.` };
    headers.push(header);
  }
  const most = xOnly ? MOST_AT_MICROSOFT : MOST;
  return headers.length > most
    ? { problem: `${xOnly ? "A Microsoft mailbox" : "A mail"} takes at most ${most} headers of your own.` }
    : { headers };
}

function splitLine(line: string): MailHeader | undefined {
  const colon = line.indexOf(":");
  return colon === -1
    ? undefined
    : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}

function faultOf({ name, value }: MailHeader, xOnly: boolean): string | undefined {
  // RFC 5322, 3.6.8: printable ASCII but the colon. Services take the letters of a token only.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return `“${short(name)}” cannot be the name of a header.`;
  if (name.length > LONGEST_NAME) return `“${short(name)}” is too long for the name of a header.`;
  if (RESERVED.test(name)) return `“${name}” is set by the mail service.`;
  if (xOnly && !/^x-./i.test(name))
    return `“${name}” cannot be sent: Microsoft mailboxes take only headers that start with “x-”.`;
  if (value === "") return `“${name}” has no value.`;
  if (/\p{Cc}/u.test(value))
    return `The value of “${name}” contains characters that are not allowed in a header.`;
  if (value.length > LONGEST_VALUE)
    return `The value of “${name}” is longer than ${LONGEST_VALUE} characters.`;
  return undefined;
}

const notAHeader = (line: string) => `“${short(line.trim())}” is not a header such as “X-Project: Tide”.`;

function short(text: string): string {
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}
