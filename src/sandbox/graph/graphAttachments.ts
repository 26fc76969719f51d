/** The attachments of messages and events; accepts those that come in one request. Larger ones: `graphSessions.ts`. */
import type { Reply } from "../http/exchange.ts";
import type { Outbox, Part } from "../outbox/outbox.ts";
import { GraphError, itemNotFound } from "./graphAnswers.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";
import {
  findAttachment,
  type GraphItems,
  type Item,
  isMessage,
  mustBeDraft,
  newPartId,
} from "./graphItems.ts";
import { FileAttachment, readGraph } from "./graphMessageBody.ts";
import { page, selected } from "./graphQuery.ts";
import { describeAttachment } from "./graphViews.ts";

export class GraphAttachments {
  readonly #items: GraphItems;
  readonly #outbox: Outbox;
  readonly #behaviour: GraphBehaviour;

  constructor(options: { items: GraphItems; outbox: Outbox; behaviour: GraphBehaviour }) {
    this.#items = options.items;
    this.#outbox = options.outbox;
    this.#behaviour = options.behaviour;
  }

  add(item: Item, json: unknown, immutable: boolean): Reply {
    mustBeDraft(item);
    const file = readGraph(FileAttachment, json);
    const { item: changed, part } = this.keep(item, file);
    const view = describeAttachment(changed, part, immutable);
    return { status: 201, json: { ...view, contentBytes: file.contentBytes } };
  }

  /** Adds a file that came with a request to an item. */
  keep(item: Item, file: FileAttachment): { item: Item; part: Part } {
    const bytes = Buffer.from(file.contentBytes, "base64");
    if (bytes.length >= this.#behaviour.sessionMinBytes)
      throw new GraphError(
        413,
        "ErrorAttachmentSizeLimitExceeded",
        "The attachment is too large for one request; it needs an upload session.",
      );
    this.#items.mayHold(item, bytes.length);
    const part: Part = {
      id: newPartId(),
      ...this.#outbox.keepBytes(bytes),
      filename: file.name,
      contentType: file.contentType ?? "application/octet-stream",
      inline: file.isInline ?? false,
      ...(file.contentId ? { contentId: file.contentId } : {}),
    };
    return { item: this.#items.attach(item.key, part), part };
  }

  list(item: Item, url: URL, immutable: boolean): Reply {
    const views = item.parts.map((part) => describeAttachment(item, part, immutable));
    return { status: 200, json: page(views, url) };
  }

  read(item: Item, id: string, query: URLSearchParams, immutable: boolean): Reply {
    return {
      status: 200,
      json: selected(describeAttachment(item, findAttachment(item, id), immutable), query),
    };
  }

  /** The bytes; those of a sent message are only in the outbox. */
  content(item: Item, id: string): Reply {
    const part = findAttachment(item, id);
    if (isMessage(item) && item.state === "sent") throw itemNotFound();
    return { status: 200, headers: { "Content-Type": part.contentType }, file: part.path };
  }

  delete(item: Item, id: string): Reply {
    mustBeDraft(item);
    this.#items.detach(item, findAttachment(item, id));
    return { status: 204 };
  }
}
