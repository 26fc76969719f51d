/**
 * How a bounce, a receipt or a reply is written: status codes and words, as Exchange, Gmail, Postfix and qmail have
 * them. Who sends which: `recipients.ts`.
 */
import { randomUUID } from "node:crypto";
import type { Person } from "../outbox/letter.ts";
import type { Answer, House, Return } from "./recipients.ts";

/** What the mail that comes back repeats of the original one. */
export interface Original {
  readonly messageId: string;
  readonly subject: string;
  readonly from: Person;
  readonly bytes: number;
  readonly sentAt: number;
}

/** The mail that then arrives at the sender. */
export interface ReturnMail {
  readonly from: Person;
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  /** As Exchange classifies it. */
  readonly messageClass: string;
  /** Whether the mailbox puts it in the thread of the mail. */
  readonly inThread: boolean;
  readonly mime: string;
}

interface Refusal {
  readonly action: "failed" | "delayed" | "relayed" | "delivered";
  readonly status: string;
  readonly diagnostic: string;
}

// https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
const REFUSALS: Readonly<Partial<Record<Answer, readonly [Refusal["action"], string, string]>>> = {
  tooLarge: ["failed", "5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"],
  ownLimit: [
    "failed",
    "5.2.12",
    "550 5.2.12 RESOLVER.RST.SendSizeLimit.Org; message too large for this organization",
  ],
  blockedFile: [
    "failed",
    "5.7.0",
    "552-5.7.0 This message was blocked because its content presents a potential security issue. 552 5.7.0 Please visit https://support.example/attachments to review our attachment security guidelines.",
  ],
  unknownAddress: ["failed", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist."],
  mailboxFull: ["failed", "5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"],
  refused: ["failed", "5.7.1", "550 5.7.1 Message rejected as spam by content filtering"],
  gaveUp: ["failed", "4.4.7", "450 4.4.7 Message expired; message delivery timed out"],
  delayed: ["delayed", "4.4.7", "400 4.4.7 Message delayed"],
  relayed: ["relayed", "2.0.0", "250 2.0.0 OK"],
  delivered: ["delivered", "2.0.0", "250 2.0.0 OK"],
};

const SUBJECTS: Readonly<Record<House, (answer: Answer, subject: string) => string>> = {
  exchange: (answer, subject) =>
    `${{ delayed: "Delivery delayed", relayed: "Relayed", delivered: "Delivered" }[String(answer)] ?? "Undeliverable"}: ${subject}`,
  german: (_, subject) => `Unzustellbar: ${subject}`,
  japanese: (_, subject) => `配信不能: ${subject}`,
  gmail: (answer) => `Delivery Status Notification (${answer === "delayed" ? "Delay" : "Failure"})`,
  postfix: () => "Undelivered Mail Returned to Sender",
  qmail: () => "failure notice",
};

const TEXTS: Readonly<Record<House, (email: string, why: string) => string>> = {
  exchange: (email, why) => `Your message to ${email} couldn't be delivered.\r\n\r\n${why}\r\n`,
  german: (email, why) => `Ihre Nachricht an ${email} konnte nicht zugestellt werden.\r\n\r\n${why}\r\n`,
  japanese: (email, why) => `${email} へのメッセージを配信できませんでした。\r\n\r\n${why}\r\n`,
  gmail: (email, why) =>
    `** Message not delivered **\r\n\r\nYour message couldn't be delivered to ${email}.\r\n\r\nThe response from the remote server was:\r\n${why}\r\n`,
  postfix: (email, why) =>
    `This is the mail system at host mx.foreign.example.\r\n\r\nI'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients.\r\n\r\n<${email}>: ${why}\r\n`,
  qmail: (email, why) =>
    `Hi. This is the qmail-send program at mx.foreign.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<${email}>:\r\n${why}\r\n`,
};

const CLASSES: Readonly<Record<Refusal["action"], string>> = {
  failed: "REPORT.IPM.Note.NDR",
  delayed: "REPORT.IPM.Note.Delayed.DR",
  relayed: "REPORT.IPM.Note.Relayed.DR",
  delivered: "REPORT.IPM.Note.DR",
};

/** The mail that an address sends back. @param now milliseconds since the epoch */
export function returnMail(original: Original, { email, answer, rule }: Return, now: number): ReturnMail {
  const refusal = REFUSALS[answer];
  if (refusal === undefined) return wordsOf(original, email, answer, now);
  const [action, status, diagnostic] = refusal;
  return bounce(original, email, { action, status, diagnostic }, { house: rule.house, answer, now });
}

function bounce(
  original: Original,
  email: string,
  refusal: Refusal,
  { house, answer, now }: { house: House; answer: Answer; now: number },
): ReturnMail {
  const isExchange = house === "exchange" || house === "german" || house === "japanese";
  const from: Person = isExchange
    ? {
        email: `MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@${domainOf(original.from.email)}`,
        name: "Microsoft Outlook",
      }
    : house === "gmail"
      ? { email: "mailer-daemon@googlemail.com", name: "Mail Delivery Subsystem" }
      : { email: "MAILER-DAEMON@mx.foreign.example", name: "Mail Delivery System" };
  const subject = SUBJECTS[house](answer, original.subject);
  // The others' programs name the mail only in the part of it that they return.
  const names = isExchange || house === "gmail";
  const messageId = `<${randomUUID()}@${domainOf(from.email)}>`;
  const head = [
    ...common(from, original, subject, messageId, now),
    ...(names ? [`In-Reply-To: ${original.messageId}`, `References: ${original.messageId}`] : []),
    ...(house === "gmail" ? [`X-Failed-Recipients: ${email}`] : []),
    house === "qmail" ? "Content-Type: text/plain; charset=us-ascii" : "Auto-Submitted: auto-replied",
  ];
  const text = TEXTS[house](email, refusal.diagnostic);
  const mime =
    house === "qmail"
      ? `${head.join("\r\n")}\r\n\r\n${text}\r\n--- Below this line is a copy of the message.\r\n\r\n${headersOf(original)}\r\n`
      : `${head.join("\r\n")}\r\n${report(original, email, refusal, { text, house })}`;
  return {
    from,
    subject,
    messageId,
    inReplyTo: names ? original.messageId : null,
    messageClass: isExchange ? CLASSES[refusal.action] : "IPM.Note",
    inThread: names,
    mime,
  };
}

/** https://www.rfc-editor.org/rfc/rfc3464 */
function report(
  original: Original,
  email: string,
  { action, status, diagnostic }: Refusal,
  { text, house }: { text: string; house: House },
): string {
  const boundary = `=_report_${randomUUID()}`;
  const type = house === "postfix" ? "text/rfc822-headers" : "message/rfc822";
  return [
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    "MIME-Version: 1.0",
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    base64Lines(text),
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns;mx.foreign.example",
    `Arrival-Date: ${new Date(original.sentAt).toUTCString()}`,
    "",
    ...(house === "postfix" ? [`Original-Recipient: rfc822;${email}`] : []),
    `Final-Recipient: rfc822;${email}`,
    `Action: ${action}`,
    `Status: ${status}`,
    // Long ones are folded.
    `Diagnostic-Code: smtp;${diagnostic.replace(/^(.{40,70}?) /, "$1\r\n ")}`,
    "",
    `--${boundary}`,
    `Content-Type: ${type}`,
    "",
    headersOf(original),
    "",
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

/** What people and their programs write of their own accord about the same mail. */
function wordsOf(original: Original, email: string, answer: Answer, now: number): ReturnMail {
  const isLetter = answer !== "newsletter";
  const from: Person = { email, name: email.slice(0, email.indexOf("@")) };
  const subject = isLetter
    ? `${answer === "outOfOffice" ? "Automatic reply" : "Re"}: ${original.subject}`
    : "This week: delivery failed for our competitors, 552 reasons to subscribe";
  const messageId = `<${randomUUID()}@${domainOf(email)}>`;
  const head = [
    ...common(from, original, subject, messageId, now),
    ...(isLetter ? [`In-Reply-To: ${original.messageId}`, `References: ${original.messageId}`] : []),
    ...(answer === "outOfOffice" ? ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"] : []),
    ...(isLetter ? [] : ["List-Unsubscribe: <https://news.example/leave>", "Precedence: bulk"]),
    "Content-Type: text/plain; charset=utf-8",
  ];
  const text = {
    outOfOffice: "I am out of the office until Monday. Your message was not delivered to anybody else.",
    newsletter: "Status: 5.3.4 is how our mail server said no.",
  }[String(answer)];
  return {
    from,
    subject,
    messageId,
    inReplyTo: isLetter ? original.messageId : null,
    messageClass: answer === "outOfOffice" ? "IPM.Note.Rules.OofTemplate.Microsoft" : "IPM.Note",
    inThread: isLetter,
    mime: `${head.join("\r\n")}\r\n\r\n${text ?? "Thank you!"}\r\n`,
  };
}

function common(
  from: Person,
  { from: to }: Original,
  subject: string,
  messageId: string,
  now: number,
): string[] {
  return [
    `From: ${from.name ?? ""} <${from.email}>`,
    `To: <${to.email}>`,
    `Subject: ${encoded(subject)}`,
    `Date: ${new Date(now).toUTCString()}`,
    `Message-ID: ${messageId}`,
  ];
}

function headersOf({ messageId, subject, from, sentAt }: Original): string {
  return [
    `From: <${from.email}>`,
    `Subject: ${encoded(subject)}`,
    `Date: ${new Date(sentAt).toUTCString()}`,
    `Message-ID: ${messageId}`,
  ].join("\r\n");
}

const domainOf = (email: string) => email.slice(email.lastIndexOf("@") + 1);

/** https://www.rfc-editor.org/rfc/rfc2047, in one word: these subjects are short. */
function encoded(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function base64Lines(text: string): string {
  return Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\r\n");
}
