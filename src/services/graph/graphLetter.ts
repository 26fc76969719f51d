/** A mail in Graph's format, and how it is frozen. https://learn.microsoft.com/graph/api/resources/message */
import * as z from "zod";
import type { MailHeader } from "../../shared/mailHeaders.ts";
import type { Recipient } from "../../shared/recipients.ts";
import type { AttachmentRef, Departure, FinalMessage } from "../mailService.ts";
import { assertTextFits } from "../textLimit.ts";
import { deferredTo } from "./graphSchedules.ts";
import { MAX_REQUEST_BYTES } from "./graphSmallFile.ts";

/** What `freeze` writes and `send` reads. */
const Frozen = z.object({
  message: z.unknown(),
  attachmentIds: z.array(z.string()),
  /** In the order of `attachmentIds`. */
  files: z.array(z.object({ name: z.string(), size: z.number() })).default([]),
  isDeferred: z.boolean().default(false),
});

/** The request for a mail, as text. @throws FreightError when the text is too long for Microsoft */
export function freeze(
  message: FinalMessage,
  attachments: readonly AttachmentRef[],
  departure?: Departure,
): string {
  const sendAt = departure?.schedule?.sendAt;
  const letter = letterOf(message, sendAt === undefined ? [] : [deferredTo(sendAt)]);
  assertTextFits(JSON.stringify(letter), MAX_REQUEST_BYTES, "Microsoft");
  return JSON.stringify({
    message: letter,
    attachmentIds: attachments.map(({ id }) => id),
    files: attachments.map(({ file: { name, size } }) => ({ name, size })),
    ...(sendAt === undefined ? {} : { isDeferred: true }),
  });
}

/** The mail without its files. @param more properties besides its headers */
export function letterOf(message: FinalMessage, more: readonly { id: string; value: string }[] = []) {
  const properties = [...message.headers.map(headerProperty), ...threadProperties(message), ...more];
  return {
    subject: message.subject,
    body: { contentType: message.format === "text" ? "Text" : "HTML", content: message.body },
    toRecipients: message.to.map(wireRecipient),
    ccRecipients: message.cc.map(wireRecipient),
    bccRecipients: message.bcc.map(wireRecipient),
    replyTo: message.replyTo.map(wireRecipient),
    // Sent even when it is false: otherwise an earlier value stays in the draft.
    ...(message.receipt === undefined ? {} : { isDeliveryReceiptRequested: message.receipt }),
    ...(properties.length > 0 ? { singleValueExtendedProperties: properties } : {}),
  };
}

/** Reads what `freeze` wrote. */
export function thaw(body: string): z.infer<typeof Frozen> {
  return Frozen.parse(JSON.parse(body));
}

/**
 * A header as a property of the message: Graph accepts `internetMessageHeaders` only when it creates a draft,
 * which is long before the letter is written.
 * https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail
 */
function headerProperty({ name, value }: MailHeader) {
  return { id: `String {00020386-0000-0000-C000-000000000046} Name ${name}`, value };
}

/**
 * PidTagInReplyToId and PidTagInternetReferences, which Exchange turns into the headers.
 * https://learn.microsoft.com/office/client-developer/outlook/mapi/pidtaginternetreferences-canonical-property
 */
function threadProperties({ answers }: FinalMessage) {
  const id = answers?.internetMessageId;
  return id == null ? [] : ["String 0x1042", "String 0x1039"].map((name) => ({ id: name, value: id }));
}

function wireRecipient({ name, email }: Recipient) {
  return { emailAddress: name === null ? { address: email } : { name, address: email } };
}
