/**
 * How Graph describes messages, received mails, events, attachments and folders in its answers. What of that a request
 * selects: `graphQuery.ts`.
 */
import type { Received } from "../inbox/inbox.ts";
import type { Person } from "../outbox/letter.ts";
import type { Part } from "../outbox/outbox.ts";
import { attachmentId, type EventItem, type Item, idOf, isMessage, type MessageItem } from "./graphItems.ts";
import type { GraphUser } from "./graphUsers.ts";

export type View = Readonly<Record<string, unknown>>;

/** Left out of a message unless a request selects them. */
export const onDemand = ["internetMessageHeaders", "singleValueExtendedProperties"];

/** All folders, by their well-known names. */
export const folders: Readonly<Record<string, string>> = {
  inbox: "Inbox",
  drafts: "Drafts",
  sentitems: "Sent Items",
  deleteditems: "Deleted Items",
};

export function folderId(mailbox: string, wellKnown: string): string {
  const name = Buffer.from(`${mailbox}/${wellKnown}`).toString("base64url");
  return `AAMkADFolder${name}=`;
}

export function folderOf({ state }: MessageItem): string {
  return state === "sent" ? "sentitems" : "drafts";
}

/** @param tellsHeaders whether they are returned to those who select them */
export function describeMessage(item: MessageItem, immutable: boolean, tellsHeaders: boolean): View {
  const { letter } = item;
  const changed = new Date(item.changedAt).toISOString();
  const from = letter.from[0];
  const isDraft = item.state !== "sent";
  const at = isDraft ? seconds(item.createdAt) : seconds(item.sentAt ?? item.changedAt);
  return {
    "@odata.etag": etag(item),
    id: idOf(item, immutable),
    createdDateTime: seconds(item.createdAt),
    lastModifiedDateTime: changed,
    changeKey: changeKey(item),
    categories: item.categories,
    // A draft has both as well: the time when it was created.
    receivedDateTime: at,
    sentDateTime: at,
    // Stays false when all of them are shown in the text.
    hasAttachments: item.parts.some(({ inline }) => !inline),
    internetMessageId: item.internetMessageId,
    internetMessageHeaders: tellsHeaders ? letter.headers : undefined,
    singleValueExtendedProperties: item.properties,
    subject: letter.subject,
    bodyPreview: letter.body
      .replace(/<[^>]*>/g, " ")
      .trim()
      .slice(0, 255),
    importance: item.importance,
    parentFolderId: folderId(item.mailbox, folderOf(item)),
    conversationId: item.conversationId,
    isDeliveryReceiptRequested: item.wantsReceipt,
    isReadReceiptRequested: false,
    isRead: true,
    isDraft,
    body: { contentType: letter.isPlaintext ? "text" : "html", content: letter.body },
    sender: from && describePerson(from),
    from: from && describePerson(from),
    toRecipients: letter.to.map(describePerson),
    ccRecipients: letter.cc.map(describePerson),
    bccRecipients: letter.bcc.map(describePerson),
    replyTo: letter.replyTo.map(describePerson),
    flag: { flagStatus: "notFlagged" },
  };
}

/** A received mail, with the properties that Exchange gives every message. */
export function describeReceived(mail: Received): View {
  const at = seconds(mail.receivedAt);
  const from = describePerson(mail.from);
  return {
    id: mail.id,
    createdDateTime: at,
    lastModifiedDateTime: at,
    receivedDateTime: at,
    sentDateTime: at,
    hasAttachments: false,
    internetMessageId: mail.messageId,
    internetMessageHeaders: [],
    singleValueExtendedProperties: [
      { id: "String 0x1a", value: mail.messageClass },
      ...(mail.inReplyTo === null
        ? []
        : [
            { id: "String 0x1042", value: mail.inReplyTo },
            { id: "String 0x1039", value: mail.inReplyTo },
            ...(mail.messageClass.startsWith("REPORT.")
              ? [{ id: "String 0x1046", value: mail.inReplyTo }]
              : []),
          ]),
    ],
    subject: mail.subject,
    bodyPreview: "",
    parentFolderId: folderId(mail.mailbox, "inbox"),
    conversationId: mail.threadId,
    isRead: false,
    isDraft: false,
    sender: from,
    from,
    toRecipients: [describePerson(mail.to)],
    ccRecipients: [],
    bccRecipients: [],
  };
}

export function describeEvent(item: EventItem, owner: GraphUser, immutable: boolean): View {
  const time = (at: number) => ({
    dateTime: `${new Date(at).toISOString().slice(0, -1)}0000`,
    timeZone: "UTC",
  });
  const person = { name: owner.displayName, address: owner.mail };
  return {
    "@odata.etag": etag(item),
    id: idOf(item, immutable),
    createdDateTime: seconds(item.createdAt),
    lastModifiedDateTime: new Date(item.changedAt).toISOString(),
    changeKey: changeKey(item),
    subject: item.subject,
    bodyPreview: "",
    body: { contentType: "html", content: item.text },
    start: time(item.startsAt),
    end: time(item.endsAt),
    location: { displayName: item.location },
    isAllDay: false,
    isCancelled: false,
    isOrganizer: true,
    type: "singleInstance",
    hasAttachments: item.parts.length > 0,
    organizer: { emailAddress: person },
    attendees: item.attendees.map((address) => ({
      type: "required",
      status: { response: "none" },
      emailAddress: { name: address, address },
    })),
  };
}

/** An attachment without its content, which the real service may include in lists. */
export function describeAttachment(item: Item, part: Part, immutable: boolean): View {
  return {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "@odata.mediaContentType": part.contentType,
    id: attachmentId(item, part, immutable),
    lastModifiedDateTime: seconds(item.changedAt),
    name: part.filename,
    contentType: part.contentType,
    // Its size in the mailbox, which is more than that of the file.
    size: Math.ceil(part.size * 1.045) + 128,
    isInline: part.inline,
    contentId: part.contentId ?? null,
    contentLocation: null,
  };
}

export function describeFolder(mailbox: string, wellKnown: string, messages: readonly MessageItem[]): View {
  return {
    id: folderId(mailbox, wellKnown),
    displayName: folders[wellKnown],
    childFolderCount: 0,
    unreadItemCount: 0,
    totalItemCount: messages.filter((message) => folderOf(message) === wellKnown).length,
    isHidden: false,
  };
}

function describePerson({ email, name }: Person): View {
  return { emailAddress: { name: name ?? email, address: email } };
}

function changeKey(item: Item): string {
  const version = `${item.changedAt} ${isMessage(item) ? item.state : ""}`;
  return Buffer.from(version).toString("base64url");
}

const etag = (item: Item) => `W/"${changeKey(item)}"`;
const seconds = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
