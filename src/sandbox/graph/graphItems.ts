/**
 * The messages and events of all mailboxes as they are stored, with their attachments: ids of both kinds, and when a
 * sent message moves to Sent Items. What requests do with messages: `graphMessages.ts`.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { Records } from "../base/records.ts";
import { Letter } from "../outbox/letter.ts";
import { providerId } from "../outbox/messageViews.ts";
import { type Outbox, Part } from "../outbox/outbox.ts";
import { GraphError, itemNotFound } from "./graphAnswers.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";

const shared = {
  key: z.string(),
  /** Id of the user that it belongs to. */
  mailbox: z.string(),
  /** The ordinary id changes with the folder; the immutable one never does. */
  ids: z.object({ ordinary: z.string(), immutable: z.string() }),
  parts: z.array(Part),
  createdAt: z.number(),
  changedAt: z.number(),
};

const MessageItem = z.object({
  ...shared,
  kind: z.literal("messages"),
  letter: Letter,
  internetMessageId: z.string(),
  conversationId: z.string(),
  importance: z.string(),
  /** The recipients' servers are asked to confirm that it has arrived. */
  wantsReceipt: z.boolean().default(false),
  categories: z.array(z.string()),
  /** What clients store on it for themselves. */
  properties: z.array(z.object({ id: z.string(), value: z.string() })).default([]),
  /** "sending": it was sent, and appears in Sent Items at `visibleAt`. */
  state: z.enum(["draft", "deferred", "sending", "sent"]),
  /** The earliest time at which it may leave; "deferred": it was sent, and waits for that in Drafts. */
  deferredTo: z.number().optional(),
  sentAt: z.number().optional(),
  visibleAt: z.number().optional(),
});
export type MessageItem = z.infer<typeof MessageItem>;

const EventItem = z.object({
  ...shared,
  kind: z.literal("events"),
  subject: z.string(),
  location: z.string(),
  startsAt: z.number(),
  endsAt: z.number(),
  attendees: z.array(z.string()),
  /** HTML. */
  text: z.string().default(""),
});
export type EventItem = z.infer<typeof EventItem>;

const Item = z.discriminatedUnion("kind", [MessageItem, EventItem]);
/** What attachments can be put on. */
export type Item = z.infer<typeof Item>;

export class GraphItems {
  readonly #records: Records<Item>;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #behaviour: GraphBehaviour;
  /** Which changes to which messages were already refused as conflicts. */
  readonly #conflicts = new Set<string>();

  constructor(options: { folder: string; outbox: Outbox; clock: Clock; behaviour: GraphBehaviour }) {
    this.#records = new Records(join(options.folder, "items"), Item);
    this.#outbox = options.outbox;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
  }

  /** The files that the items still need. */
  get parts(): readonly Part[] {
    return this.#records
      .values()
      .flatMap((item) => (isMessage(item) && item.state === "sent" ? [] : item.parts));
  }

  /** What every new item has. */
  fresh(mailbox: string): Pick<Item, keyof typeof shared> {
    const now = this.#clock.now();
    const ids = { ordinary: providerId(), immutable: immutableId() };
    return { key: randomUUID(), mailbox, ids, parts: [], createdAt: now, changedAt: now };
  }

  put(item: Item): void {
    this.#records.put(item.key, item);
  }

  /** The item, if it still exists and can be seen. */
  get(key: string): Item | undefined {
    const item = this.#records.get(key);
    return item && this.#arrived(item);
  }

  /** The scheduled messages of all mailboxes. */
  get deferred(): MessageItem[] {
    return this.#records
      .values()
      .filter(isMessage)
      .filter(({ state }) => state === "deferred");
  }

  messages(mailbox: string): MessageItem[] {
    return this.#all(mailbox).filter(isMessage);
  }

  events(mailbox: string): EventItem[] {
    return this.#all(mailbox).filter((item) => item.kind === "events");
  }

  /** The message or event with an id. Throws the service's answer when there is none. */
  find(kind: Item["kind"], mailbox: string, id: string): Item {
    if (!/^A[\w-]+={0,2}$/.test(id)) throw new GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.");
    const item = this.#all(mailbox).find(
      ({ ids, kind: itsKind }) => itsKind === kind && (ids.ordinary === id || ids.immutable === id),
    );
    if (!item) throw itemNotFound();
    return item;
  }

  findMessage(mailbox: string, id: string): MessageItem {
    const item = this.find("messages", mailbox, id);
    if (!isMessage(item)) throw itemNotFound();
    return item;
  }

  /** Adds to its current parts, perhaps more than when the request came. Throws when the item is gone. */
  attach(key: string, part: Part): Item {
    const item = this.get(key);
    if (!item) throw itemNotFound();
    const changed = { ...item, parts: [...item.parts, part], changedAt: this.#clock.now() };
    this.put(changed);
    return changed;
  }

  detach(item: Item, part: Part): void {
    this.put({ ...item, parts: item.parts.filter(({ id }) => id !== part.id), changedAt: this.#clock.now() });
    this.#outbox.drop([part]);
  }

  delete(item: Item): void {
    this.#records.delete(item.key);
    this.#outbox.drop(item.parts);
  }

  /** Throws the service's answer to the first change of each kind, as if somebody else was changing it. */
  meetConflict(messageId: string, change: string): void {
    const { conflicts } = this.#behaviour;
    const key = `${messageId} ${change}`;
    if (conflicts === "none" || this.#conflicts.has(key)) return;
    this.#conflicts.add(key);
    throw new GraphError(
      Number(conflicts),
      "ErrorIrresolvableConflict",
      "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
    );
  }

  /** Throws when this many more bytes would make the message too large. */
  mayHold(item: Item, more: number): void {
    const bytes = item.parts.reduce((sum, { size }) => sum + size, more);
    if (item.kind === "messages" && bytes > this.#behaviour.messageMaxBytes)
      throw new GraphError(
        this.#behaviour.messageTooLarge,
        "ErrorMessageSizeExceeded",
        "The message exceeds the maximum supported size.",
      );
  }

  #all(mailbox: string): Item[] {
    return this.#records.values().flatMap((item) => {
      const arrived = item.mailbox === mailbox ? this.#arrived(item) : undefined;
      return arrived ? [arrived] : [];
    });
  }

  /** The item as it is by now; undefined for a message that cannot be seen at the moment. */
  #arrived(item: Item): Item | undefined {
    if (!isMessage(item) || item.state !== "sending") return item;
    if (this.#clock.now() < (item.visibleAt ?? 0))
      return this.#behaviour.whileSending === "draft" ? item : undefined;
    const sent: MessageItem = { ...item, state: "sent", ids: { ...item.ids, ordinary: providerId() } };
    this.put(sent);
    // The mail in the outbox contains them all.
    this.#outbox.drop(item.parts);
    return sent;
  }
}

export function isMessage(item: Item): item is MessageItem {
  return item.kind === "messages";
}

/** Throws the service's answer to an attempt to change what was sent. */
export function mustBeDraft(item: Item): void {
  if (isMessage(item) && (item.state === "sent" || item.state === "deferred"))
    throw new GraphError(400, "ErrorInvalidRequest", "The operation is only possible for a draft.");
}

export function idOf(item: Item, immutable: boolean): string {
  return immutable ? item.ids.immutable : item.ids.ordinary;
}

/** The id of an attachment contains the id of its item, and changes with it. */
export function attachmentId(item: Item, part: Part, immutable: boolean): string {
  return `${idOf(item, immutable).replace(/=+$/, "")}BEgAQA${part.id}=`;
}

/** Throws the service's answer when there is no such attachment. */
export function findAttachment(item: Item, id: string): Part {
  const part = item.parts.find((one) =>
    [false, true].some((immutable) => attachmentId(item, one, immutable) === id),
  );
  if (!part) throw itemNotFound();
  return part;
}

export function newPartId(): string {
  return randomBytes(18).toString("base64url");
}

/** An id that looks like those that survive a move. */
function immutableId(): string {
  return `AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A${randomBytes(24).toString("base64url")}AAA=`;
}
