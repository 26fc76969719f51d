/**
 * The upload sessions of drives, from their creation to the finished file: when one expires, and what is refused as too
 * large. Which ranges one takes: `driveUploadHost.ts`.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { Records } from "../base/records.ts";
import { GraphError } from "../graph/graphAnswers.ts";
import type { GraphTokens } from "../graph/graphTokens.ts";
import type { GraphUser } from "../graph/graphUsers.ts";
import { type Upload, Uploads } from "../storage/uploads.ts";
import type { DriveBehaviour } from "./driveBehaviour.ts";
import { checkedName, type DriveItems, type Item, invalidRequest, itemNotFound } from "./driveItems.ts";

const Conflict = z.enum(["fail", "rename", "replace"]);

const Session = z.object({
  id: z.string(),
  owner: z.string(),
  folder: z.string(),
  name: z.string(),
  conflict: Conflict,
  /** Known from the request for the session, or from the first range. */
  size: z.number().optional(),
  uploadId: z.string(),
  /** Path and query of the upload URL; whoever has it may write. */
  path: z.string(),
  expiresAt: z.number(),
  isOpen: z.boolean(),
});
export type Session = z.infer<typeof Session>;

const CreateBody = z
  .strictObject({
    item: z
      .strictObject({
        "@odata.type": z.string().optional(),
        "@microsoft.graph.conflictBehavior": Conflict.optional(),
        "@name.conflictBehavior": Conflict.optional(),
        name: z.string().optional(),
        description: z.string().optional(),
        fileSize: z.int().min(0).optional(),
        fileSystemInfo: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
  })
  .optional();

const dayMs = 24 * 3600 * 1000;

export class DriveSessions {
  readonly #records: Records<Session>;
  readonly #uploads: Uploads;
  readonly #items: DriveItems;
  readonly #tokens: GraphTokens;
  readonly #clock: Clock;
  readonly #behaviour: DriveBehaviour;
  readonly #origin: () => string;

  constructor(options: {
    folder: string;
    items: DriveItems;
    tokens: GraphTokens;
    clock: Clock;
    behaviour: DriveBehaviour;
    origin: () => string;
  }) {
    this.#records = new Records(join(options.folder, "sessions"), Session);
    this.#uploads = new Uploads(join(options.folder, "uploads"), options.clock, 1);
    this.#items = options.items;
    this.#tokens = options.tokens;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
    this.#origin = options.origin;
    this.forgetOld();
  }

  /** @param names from `root` to the file, including its own */
  create(user: GraphUser, root: Item, names: readonly string[], json: unknown) {
    const body = CreateBody.safeParse(json);
    if (!body.success) throw invalidRequest("The request is malformed or incorrect.");
    const { item = {} } = body.data ?? {};
    const name = checkedName(names.at(-1) ?? "");
    const size = item.fileSize;
    if (size !== undefined) this.#mustFit(user.id, size);
    const folder = this.#items.folderAt(root, names.slice(0, -1));
    const conflict = item["@microsoft.graph.conflictBehavior"] ?? item["@name.conflictBehavior"] ?? "replace";
    this.#items.freeName(folder, name, conflict);
    this.forgetOld();
    const id = randomUUID();
    const token = this.#tokens.issue(
      { aud: this.#origin(), scp: "upload", oid: user.id, upn: user.mail },
      dayMs,
    );
    const session: Session = {
      id,
      owner: user.id,
      folder: folder.id,
      name,
      conflict,
      ...(size === undefined ? {} : { size }),
      uploadId: this.#uploads.create(id, "application/octet-stream").id,
      path: `/personal/practice/_api/v2.0/drives/b!practice/items/${folder.id}/uploadSession?guid='${id}'&overwrite=True&rename=${conflict === "rename" ? "True" : "False"}&dc=0&tempauth=${token}`,
      expiresAt: this.#clock.now() + this.#behaviour.sessionLifeMs,
      isOpen: true,
    };
    this.#records.put(id, session);
    return {
      status: 200,
      json: {
        uploadUrl: `${this.#origin()}${session.path}`,
        expirationDateTime: new Date(session.expiresAt).toISOString(),
        nextExpectedRanges: ["0-"],
      },
    };
  }

  /** The session whose URL has this path and query, and its bytes. Throws when it is over or never was. */
  at(asked: string): { readonly session: Session; readonly upload: Upload } {
    // A client that follows the URL standard escapes the quotes in a query.
    const path = asked.replaceAll("%27", "'");
    const [, id] = /guid='([0-9a-f-]{36})'/.exec(path) ?? [];
    const session = id === undefined ? undefined : this.#records.get(id);
    if (session === undefined) throw this.#over();
    // The token is valid for the URL exactly as it was handed out.
    if (session.path !== path)
      throw new GraphError(401, "unauthenticated", "The token is not of this address.");
    const upload = this.#uploads.get(session.uploadId);
    if (!session.isOpen || upload === undefined || this.#clock.now() >= session.expiresAt) throw this.#over();
    return { session, upload };
  }

  /** The session with the size of its file, which may be known only from the first range. */
  sized(session: Session, size: number): Session {
    if (session.size !== undefined) return session;
    this.#mustFit(session.owner, size);
    const sized = { ...session, size };
    this.#records.put(session.id, sized);
    return sized;
  }

  cancel(session: Session, upload: Upload): void {
    upload.cancel();
    this.#end(session);
  }

  /** Turns the bytes, which are all here, into a file. */
  async finish(session: Session, upload: Upload): Promise<Item> {
    const folder = this.#items.values().find(({ id }) => id === session.folder);
    if (folder === undefined) throw itemNotFound();
    const name = this.#items.freeName(folder, session.name, session.conflict);
    this.#items.mustHaveRoom(session.owner, session.size ?? 0);
    await upload.finish(() => true);
    if (upload.object === undefined) throw new Error("the upload has no bytes");
    const { size, sha256 } = upload.object;
    const there = this.#items.child(folder, name);
    if (there !== undefined) this.#items.delete(there);
    const file = { size, sha256, contentType: upload.contentType };
    const item = this.#items.addFile(folder, name, file, upload.path);
    this.#end(session);
    return item;
  }

  /** The bytes are deleted when the session expires; its record stays a day longer. */
  forgetOld(): void {
    this.#uploads.forgetOld();
    for (const session of this.#records.values()) {
      if (this.#clock.now() >= session.expiresAt) this.#uploads.delete(session.uploadId);
      if (this.#clock.now() >= session.expiresAt + dayMs) this.#records.delete(session.id);
    }
  }

  #mustFit(owner: string, size: number): void {
    if (size > this.#behaviour.maxFileBytes)
      throw new GraphError(413, "maxFileSizeExceeded", "The file is larger than the limit.");
    this.#items.mustHaveRoom(owner, size);
  }

  #end(session: Session): void {
    this.#records.put(session.id, { ...session, isOpen: false });
    this.#uploads.delete(session.uploadId);
  }

  #over(): GraphError {
    return new GraphError(this.#behaviour.gone, "itemNotFound", "The upload session was not found.");
  }
}
