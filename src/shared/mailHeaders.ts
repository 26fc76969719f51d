/** Headers that a person adds to a mail, one per line. Panel and host share this, to judge a line alike. */

import * as z from "zod";
import { t } from "./l10n.ts";
import { lasting } from "./lasting.ts";

export const MailHeader = lasting({ name: z.string(), value: z.string() });
export type MailHeader = z.infer<typeof MailHeader>;

/** Microsoft accepts no more on a message, whichever service takes it there. */
const MOST_AT_MICROSOFT = 5;
const MOST = 20;
export const HEADER_EXAMPLE = "X-Project: Tide";
const LONGEST_NAME = 70;
/** A line of a mail has at most 998 characters (RFC 5322, 2.1.1), and longer ones are folded differently. */
const LONGEST_VALUE = 900;

/** What mail programs set themselves (`Resent-Bcc` even adds recipients), and what Exchange reserves. */
const RESERVED =
  /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|mime-version|return-path|received|resent-.*|apparently-to|dkim-.*|content-.*|x-freight-mail-.*|x-microsoft-exchange-.*|x-ms-exchange-.*)$/i;

/** The headers in a text, or why a line is not one. @param xOnly allows only names that start with "x-" */
export function readHeaders(text: string, xOnly: boolean): { headers: MailHeader[] } | { problem: string } {
  const headers: MailHeader[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === "") continue;
    const header = splitLine(line);
    const problem = header === undefined ? notAHeader(line) : faultOf(header, xOnly);
    if (header === undefined || problem !== undefined) return { problem: problem ?? notAHeader(line) };
    if (headers.some(({ name }) => name.toLowerCase() === header.name.toLowerCase()))
      return { problem: t("“{0}” appears twice.", header.name) };
    headers.push(header);
  }
  if (headers.length <= (xOnly ? MOST_AT_MICROSOFT : MOST)) return { headers };
  return {
    problem: xOnly
      ? t("A Microsoft mailbox allows at most {0} custom headers.", MOST_AT_MICROSOFT)
      : t("A mail can have at most {0} custom headers.", MOST),
  };
}

function splitLine(line: string): MailHeader | undefined {
  const colon = line.indexOf(":");
  return colon === -1
    ? undefined
    : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}

function faultOf({ name, value }: MailHeader, xOnly: boolean): string | undefined {
  // RFC 5322, 3.6.8 allows printable ASCII except the colon; services accept only token characters.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return t("“{0}” cannot be the name of a header.", short(name));
  if (name.length > LONGEST_NAME) return t("“{0}” is too long for the name of a header.", short(name));
  if (RESERVED.test(name)) return t("“{0}” is set by the mail service.", name);
  if (xOnly && !/^x-./i.test(name))
    return t("“{0}” cannot be sent: Microsoft mailboxes allow only headers that start with “x-”.", name);
  if (value === "") return t("“{0}” has no value.", name);
  if (/\p{Cc}/u.test(value))
    return t("The value of “{0}” contains characters that are not allowed in a header.", name);
  if (value.length > LONGEST_VALUE)
    return t("The value of “{0}” is longer than {1} characters.", name, LONGEST_VALUE);
  return undefined;
}

const notAHeader = (line: string) =>
  t("“{0}” is not a header such as “{1}”.", short(line.trim()), HEADER_EXAMPLE);

function short(text: string): string {
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}
