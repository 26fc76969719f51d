/**
 * Makes, lists, changes, deletes and sends messages, at once or when their time has come; and refuses those that may
 * not be sent. How they are stored: `graphItems.ts`.
 */
import type { Clock } from "../base/clock.ts";
import type { Reply } from "../http/exchange.ts";
import type { Inbox } from "../inbox/inbox.ts";
import { changeLetter, emptyLetter, type Letter } from "../outbox/letter.ts";
import { providerId } from "../outbox/messageViews.ts";
import { newMessageId, type Outbox } from "../outbox/outbox.ts";
import { GraphError, itemNotFound } from "./graphAnswers.ts";
import type { GraphAttachments } from "./graphAttachments.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";
import { type GraphItems, type MessageItem, mustBeDraft } from "./graphItems.ts";
import { readGraph, readMessage, SendMail } from "./graphMessageBody.ts";
import { page, selected } from "./graphQuery.ts";
import { type GraphUser, senderOf } from "./graphUsers.ts";
import {
  describeFolder,
  describeMessage,
  describeReceived,
  folderId,
  folderOf,
  folders,
  type View,
} from "./graphViews.ts";

export class GraphMessages {
  readonly #items: GraphItems;
  readonly #attachments: GraphAttachments;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #clock: Clock;
  readonly #behaviour: GraphBehaviour;
  /** Messages whose mail is being composed; nothing else may touch their files. */
  readonly #leaving = new Set<string>();

  constructor(options: {
    items: GraphItems;
    attachments: GraphAttachments;
    outbox: Outbox;
    inbox: Inbox;
    clock: Clock;
    behaviour: GraphBehaviour;
  }) {
    this.#items = options.items;
    this.#attachments = options.attachments;
    this.#outbox = options.outbox;
    this.#inbox = options.inbox;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
  }

  create(user: GraphUser, json: unknown, immutable: boolean): Reply {
    return { status: 201, json: this.#view(this.#create(user, json), immutable) };
  }

  /** Sends a message without showing it as a draft; if it is refused, nothing of it is left. */
  async sendAtOnce(user: GraphUser, json: unknown): Promise<Reply> {
    const { message, saveToSentItems } = readGraph(SendMail, json);
    const { ids } = this.#create(user, message);
    const find = () => this.#items.findMessage(user.id, ids.immutable);
    try {
      const reply = await this.send(user, ids.immutable);
      if (saveToSentItems === false) this.#items.delete(find());
      return reply;
    } catch (reason) {
      this.#items.delete(find());
      throw reason;
    }
  }

  #create(user: GraphUser, json: unknown): MessageItem {
    const request = readMessage(json);
    const letter = withHeaders(
      changeLetter(emptyLetter(senderOf(user)), request.letter),
      request.namedHeaders,
    );
    const draft: MessageItem = {
      ...this.#items.fresh(user.id),
      kind: "messages",
      letter,
      internetMessageId: newMessageId(letter),
      conversationId: providerId(),
      importance: request.importance ?? "normal",
      wantsReceipt: request.wantsReceipt ?? false,
      categories: [...(request.categories ?? [])],
      properties: [...request.properties],
      state: "draft",
      ...(request.deferredTo === undefined ? {} : { deferredTo: request.deferredTo }),
    };
    this.#items.put(draft);
    try {
      for (const file of request.attachments) this.#attachments.keep(draft, file);
    } catch (reason) {
      this.#items.delete(this.#again(draft));
      throw reason;
    }
    return this.#again(draft);
  }

  read(user: GraphUser, id: string, query: URLSearchParams, immutable: boolean): Reply {
    const received = this.#inbox.find(user.id, id);
    const view = received ? describeReceived(received) : this.#view(this.#find(user, id), immutable);
    return { status: 200, json: selected(view, query) };
  }

  /** The message as it was transmitted. */
  content(user: GraphUser, id: string): Reply {
    const received = this.#inbox.find(user.id, id);
    if (received === undefined) throw itemNotFound();
    return { status: 200, headers: { "Content-Type": "text/plain" }, text: received.mime };
  }

  change(user: GraphUser, id: string, json: unknown, immutable: boolean): Reply {
    const old = this.#find(user, id);
    const request = readMessage(json);
    mustBeDraft(old);
    // Not among the properties that can be updated. https://learn.microsoft.com/graph/api/message-update
    if (request.letter.headers)
      throw new GraphError(
        400,
        "ErrorInvalidPropertySet",
        "The property 'internetMessageHeaders' can be set when a message is created only.",
      );
    const changed: MessageItem = {
      ...old,
      letter: withHeaders(changeLetter(old.letter, request.letter), request.namedHeaders),
      importance: request.importance ?? old.importance,
      wantsReceipt: request.wantsReceipt ?? old.wantsReceipt,
      categories: [...(request.categories ?? old.categories)],
      properties: [
        ...old.properties.filter(({ id }) => !request.properties.some((one) => one.id === id)),
        ...request.properties,
      ],
      changedAt: this.#clock.now(),
      ...(request.deferredTo === undefined ? {} : { deferredTo: request.deferredTo }),
    };
    this.#items.put(changed);
    return { status: 200, json: this.#view(changed, immutable) };
  }

  delete(user: GraphUser, id: string): Reply {
    this.#items.delete(this.#find(user, id));
    return { status: 204 };
  }

  /** All messages, or those of one folder; newest first. */
  list(user: GraphUser, folder: string | undefined, url: URL, immutable: boolean): Reply {
    const filter = url.searchParams.get("$filter") ?? "";
    if (this.#behaviour.propertyFilter === "refused" && /ExtendedProperties/i.test(filter))
      throw new GraphError(400, "ErrorInvalidUrlQueryFilter", "The query filter is not supported.");
    const wellKnown = folder === undefined ? undefined : folderName(user, folder);
    const found = this.#items
      .messages(user.id)
      .filter((message) => wellKnown === undefined || folderOf(message) === wellKnown)
      .sort((a, b) => b.createdAt - a.createdAt);
    const received =
      wellKnown === undefined || wellKnown === "inbox" ? this.#inbox.of(user.id).map(describeReceived) : [];
    const views = [...received, ...found.map((message) => this.#view(message, immutable))];
    return { status: 200, json: page(views, url) };
  }

  folder(user: GraphUser, folder: string): Reply {
    const wellKnown = folderName(user, folder);
    return { status: 200, json: describeFolder(user.id, wellKnown, this.#items.messages(user.id)) };
  }

  /** Sends a draft, even one that was sent and still looks like a draft: that is how a mail is sent twice. */
  async send(user: GraphUser, id: string): Promise<Reply> {
    const draft = this.#find(user, id);
    mustBeDraft(draft);
    const { letter } = draft;
    const addresses = [...letter.to, ...letter.cc, ...letter.bcc];
    if (addresses.length === 0 || addresses.some(({ email }) => !/^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(email)))
      throw new GraphError(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.");
    if (letter.from.some(({ email }) => email.toLowerCase() !== user.mail))
      throw new GraphError(
        403,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.",
      );
    this.#items.mayHold(draft, 0);
    const { maySend } = this.#behaviour;
    if (maySend !== "yes") throw forbidden[maySend];
    if (draft.deferredTo !== undefined && draft.deferredTo > this.#clock.now())
      this.#items.put({ ...draft, state: "deferred" });
    else await this.#deliver(draft);
    return { status: 202 };
  }

  /** Sends the messages whose time has come. */
  async deliverDue(): Promise<void> {
    for (const message of this.#items.deferred)
      if ((message.deferredTo ?? 0) <= this.#clock.now()) await this.#deliver(message);
  }

  async #deliver(draft: MessageItem): Promise<void> {
    const { letter, parts, internetMessageId: messageId, conversationId: threadId, mailbox } = draft;
    this.#leaving.add(draft.key);
    try {
      const inReplyTo = draft.properties.find(({ id }) => /^String 0x1042$/i.test(id))?.value;
      const { wantsReceipt } = draft;
      const sending = { grantId: mailbox, letter, parts, messageId, threadId, inReplyTo, wantsReceipt };
      await this.#outbox.deliver(sending, () => null);
      const sentAt = this.#clock.now();
      const visibleAt = sentAt + this.#behaviour.sentItemsAfterMs;
      // As it is by now: an upload may have ended meanwhile, too late for this mail.
      const latest = this.#items.findMessage(mailbox, draft.ids.immutable);
      this.#items.put({ ...latest, state: "sending", sentAt, visibleAt });
      this.#items.get(draft.key); // Moves it to Sent Items now if it need not wait.
    } finally {
      this.#leaving.delete(draft.key);
    }
  }

  #find(user: GraphUser, id: string): MessageItem {
    const message = this.#items.findMessage(user.id, id);
    if (this.#leaving.has(message.key)) throw itemNotFound();
    return message;
  }

  #view(message: MessageItem, immutable: boolean): View {
    const tellsHeaders = this.#behaviour.headersTold === "selected" && message.state !== "sent";
    return describeMessage(message, immutable, tellsHeaders);
  }

  #again(message: MessageItem): MessageItem {
    return this.#items.findMessage(message.mailbox, message.ids.immutable);
  }
}

/** What can keep a user with every scope from sending. */
const forbidden = {
  suspended: new GraphError(
    403,
    "ErrorAccountSuspend",
    "Account suspended. Follow the instructions in your Inbox to verify your account.",
  ),
  blocked: new GraphError(
    403,
    "ErrorMessageSubmissionBlocked",
    "Cannot send mail. Follow the instructions in your Inbox to verify your account.",
  ),
  rule: new GraphError(
    403,
    "ErrorAccessDenied",
    "Access to OData is disabled by the mail flow rule 'No files to partners'.",
  ),
} as const;

/** Adds headers to the letter, replacing those of the same name. */
function withHeaders(letter: Letter, added: Letter["headers"]): Letter {
  const isReplaced = (name: string) => added.some((one) => one.name.toLowerCase() === name.toLowerCase());
  return { ...letter, headers: [...letter.headers.filter(({ name }) => !isReplaced(name)), ...added] };
}

/** The well-known name of a folder, which a path gives as such or by the folder's id. */
function folderName(user: GraphUser, folder: string): string {
  const names = Object.keys(folders);
  const name = names.find((one) => one === folder.toLowerCase() || folderId(user.id, one) === folder);
  if (name === undefined) throw itemNotFound();
  return name;
}
