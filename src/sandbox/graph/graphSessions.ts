/**
 * The upload sessions of attachments, from their creation to the finished attachment: their URL and how long it is
 * valid. Which ranges it takes: `graphUploadHost.ts`; for files of which size: `graphBehaviour.ts`.
 */
import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { Records } from "../base/records.ts";
import type { Reply } from "../http/exchange.ts";
import type { Outbox, Part } from "../outbox/outbox.ts";
import { type Upload, Uploads } from "../storage/uploads.ts";
import { GraphError } from "./graphAnswers.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";
import {
  attachmentId,
  type GraphItems,
  type Item,
  idOf,
  isMessage,
  mustBeDraft,
  newPartId,
} from "./graphItems.ts";
import { readGraph } from "./graphMessageBody.ts";
import type { GraphTokens } from "./graphTokens.ts";
import { type GraphUser, graphTenant } from "./graphUsers.ts";

const hourMs = 3600 * 1000;
/** Accepting a range does not prolong it. */
const lifeMs = 2 * hourMs;
const tokenLifeMs = 3 * hourMs;

const Session = z.object({
  id: z.string(),
  mailbox: z.string(),
  itemKey: z.string(),
  kind: z.enum(["messages", "events"]),
  /** Path and query of the upload URL; whoever has it may write. */
  path: z.string(),
  name: z.string(),
  size: z.number(),
  contentType: z.string(),
  inline: z.boolean(),
  contentId: z.string().optional(),
  /** Which kind of id the request for the session asked for. */
  immutable: z.boolean(),
  uploadId: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  state: z.enum(["open", "finished", "cancelled"]),
});
export type Session = z.infer<typeof Session>;

const AttachmentItem = z.strictObject({
  "@odata.type": z.string().optional(),
  attachmentType: z.literal("file"),
  name: z.string().min(1),
  size: z.int().min(0),
  contentType: z.string().nullish(),
  isInline: z.boolean().nullish(),
  contentId: z.string().nullish(),
});
const CreateBody = z.union([
  z.strictObject({ AttachmentItem }).transform((body) => body.AttachmentItem),
  z.strictObject({ attachmentItem: AttachmentItem }).transform((body) => body.attachmentItem),
]);

export class GraphSessions {
  readonly #records: Records<Session>;
  readonly #uploads: Uploads;
  readonly #items: GraphItems;
  readonly #outbox: Outbox;
  readonly #tokens: GraphTokens;
  readonly #clock: Clock;
  readonly #behaviour: GraphBehaviour;
  readonly #uploadOrigin: () => string;

  constructor(options: {
    folder: string;
    items: GraphItems;
    outbox: Outbox;
    tokens: GraphTokens;
    clock: Clock;
    behaviour: GraphBehaviour;
    uploadOrigin: () => string;
  }) {
    this.#records = new Records(join(options.folder, "sessions"), Session);
    // Ranges may end anywhere, so every byte of them counts.
    this.#uploads = new Uploads(join(options.folder, "uploads"), options.clock, 1);
    this.#items = options.items;
    this.#outbox = options.outbox;
    this.#tokens = options.tokens;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
    this.#uploadOrigin = options.uploadOrigin;
    this.forgetOld();
  }

  /** Where the answers of the upload host say that they are described. */
  get context(): string {
    return `${this.#uploadOrigin()}/api/gv1.0/$metadata#AttachmentSessions/$entity`;
  }

  create(user: GraphUser, item: Item, json: unknown, immutable: boolean): Reply {
    mustBeDraft(item);
    const file = readGraph(CreateBody, json);
    if (file.size < this.#behaviour.sessionMinBytes)
      throw new GraphError(
        400,
        "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
        `The attachment size must be greater than or equal to the minimum size ${this.#behaviour.sessionMinBytes}.`,
      );
    if (file.size > this.#behaviour.sessionMaxBytes)
      throw new GraphError(
        413,
        "ErrorAttachmentSizeLimitExceeded",
        `The attachment size exceeds the limit of ${this.#behaviour.sessionMaxBytes} bytes.`,
      );
    this.forgetOld();
    const id = randomUUID();
    const createdAt = this.#clock.now();
    const contentType = file.contentType ?? "application/octet-stream";
    const session: Session = {
      id,
      mailbox: user.id,
      itemKey: item.key,
      kind: item.kind,
      path: this.#path(user, item, id, immutable),
      name: file.name,
      size: file.size,
      contentType,
      inline: file.isInline ?? false,
      ...(file.contentId ? { contentId: file.contentId } : {}),
      immutable,
      uploadId: this.#uploads.create(`${user.id}/${id}`, contentType).id,
      createdAt,
      expiresAt: createdAt + lifeMs,
      state: "open",
    };
    this.#records.put(id, session);
    return {
      status: 201,
      json: {
        uploadUrl: `${this.#uploadOrigin()}${session.path}`,
        expirationDateTime: expiryOf(session),
        nextExpectedRanges: ["0-"],
      },
    };
  }

  /** The session whose URL has this path and query; undefined for one that was never handed out. */
  at(path: string): Session | undefined {
    // Finds the id even if a client has escaped the characters around it.
    const [, id] = /\/AttachmentSessions.{1,6}?([0-9a-f]{8}-[0-9a-f-]{27})/.exec(path) ?? [];
    const session = id === undefined ? undefined : this.#records.get(id);
    // The token is valid for the URL exactly as it was handed out.
    if (session && session.path !== path)
      throw new GraphError(401, "InvalidAuthenticationToken", "The token does not belong to this address.");
    return session;
  }

  /** Where the bytes of a session go. Throws when it accepts none, no longer or not yet. */
  upload(session: Session): { item: Item; upload: Upload } {
    const gone = new GraphError(
      this.#behaviour.gone,
      "ErrorItemNotFound",
      "The upload session was not found.",
    );
    const now = this.#clock.now();
    if (this.#records.get(session.id)?.state !== "open" || now >= session.expiresAt) throw gone;
    if (now < session.createdAt + this.#behaviour.sessionYouthMs)
      throw new GraphError(404, "ErrorItemNotFound", "The upload session was not found yet.");
    const item = this.#items.get(session.itemKey);
    const upload = this.#uploads.get(session.uploadId);
    // A message that is being sent accepts nothing more.
    if (!item || !upload || (isMessage(item) && item.state !== "draft")) throw gone;
    return { item, upload };
  }

  cancel(session: Session): void {
    const { upload } = this.upload(session);
    upload.cancel();
    this.#end(session, "cancelled");
  }

  /** Turns the bytes, which are all here, into an attachment. @returns its address */
  async finish(session: Session, upload: Upload): Promise<string> {
    await upload.finish(() => true);
    if (!upload.object) throw new Error("the upload has no bytes");
    const part: Part = {
      id: newPartId(),
      filename: session.name,
      contentType: session.contentType,
      size: upload.object.size,
      sha256: upload.object.sha256,
      ...(session.contentId ? { contentId: session.contentId } : {}),
      inline: session.inline,
      path: await this.#outbox.keepFile(upload.path),
    };
    const item = this.#attach(session, part);
    this.#end(session, "finished");
    const folder = session.kind === "messages" ? "Messages" : "Events";
    const immutable = session.immutable && this.#behaviour.locationId === "asked";
    const [owner, itemId] = [`${session.mailbox}@${graphTenant}`, idOf(item, immutable)];
    const attachment = attachmentId(item, part, immutable);
    return `${this.#uploadOrigin()}/api/v2.0/Users('${owner}')/${folder}('${itemId}')/Attachments('${attachment}')`;
  }

  /** Adds the file to its item, unless that was deleted while the last bytes came. */
  #attach({ itemKey }: Session, part: Part): Item {
    try {
      return this.#items.attach(itemKey, part);
    } catch (reason) {
      this.#outbox.drop([part]);
      throw reason;
    }
  }

  #path(user: GraphUser, item: Item, id: string, immutable: boolean): string {
    const owner = `${user.id}@${graphTenant}`;
    const path = `/api/gv1.0/users('${owner}')/${item.kind}('${idOf(item, immutable)}')/AttachmentSessions('${id}')`;
    const token = this.#tokens.issue(
      {
        aud: `${this.#uploadOrigin()}/api/`,
        scp: "AttachmentSession.Write",
        oid: user.id,
        upn: user.mail,
        urlHash: createHash("sha256").update(path).digest("base64"),
      },
      tokenLifeMs,
    );
    return `${path}?authtoken=${token}`;
  }

  #end(session: Session, state: "finished" | "cancelled"): void {
    this.#records.put(session.id, { ...session, state });
    this.#uploads.delete(session.uploadId);
  }

  /** The bytes are deleted when the session expires; its record stays a day longer. */
  forgetOld(): void {
    this.#uploads.forgetOld();
    for (const session of this.#records.values()) {
      if (this.#clock.now() >= session.expiresAt) this.#uploads.delete(session.uploadId);
      if (this.#clock.now() >= session.expiresAt + 24 * hourMs) this.#records.delete(session.id);
    }
  }
}

/** With seven decimals of a second, as the service writes it. */
export function expiryOf({ expiresAt }: Session): string {
  return new Date(expiresAt).toISOString().replace(/Z$/, "0000Z");
}
