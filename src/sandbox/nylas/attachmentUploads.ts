/**
 * The upload sessions as Nylas keeps them: for which mailboxes, how large a file, for how long, and when one is
 * complete. Their bytes are in the storage (`sandbox/storage/storage.ts`).
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { Records } from "../base/records.ts";
import type { Reply } from "../http/exchange.ts";
import type { Storage } from "../storage/storage.ts";
import type { StoredObject, Uploads } from "../storage/uploads.ts";
import { type Grant, hasScope } from "./grants.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, NylasError } from "./nylasErrors.ts";

/** The largest file of an upload session, in bytes. */
const maxBytes = 157_286_400;
const lifeMs = 3600 * 1000;
const rowLifeMs = 60 * 24 * 3600 * 1000;

const Session = z.object({
  attachmentId: z.string(),
  grantId: z.string(),
  filename: z.string(),
  contentType: z.string(),
  /** 0 when the client did not say. */
  size: z.number(),
  uploadId: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  status: z.enum(["uploading", "ready", "failed", "expired"]),
});
type Session = z.infer<typeof Session>;

const CreateBody = z.object({
  filename: z.string().min(1),
  content_type: z.string().min(1),
  size: z.int().min(1, "size must be greater than 0").nullish(),
});

/** An uploaded file that can be attached to a mail. */
export interface ReadyFile {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly path: string;
  readonly object: StoredObject;
  /** When the service deletes it. */
  readonly expiresAt: number;
}

export class AttachmentUploads {
  readonly #sessions: Records<Session>;
  readonly #uploads: Uploads;
  readonly #clock: Clock;
  readonly #storageOrigin: () => string;
  readonly #storage: Storage;
  readonly #behaviour: NylasBehaviour;

  constructor(options: {
    folder: string;
    uploads: Uploads;
    storage: Storage;
    clock: Clock;
    behaviour: NylasBehaviour;
    storageOrigin: () => string;
  }) {
    this.#storage = options.storage;
    this.#behaviour = options.behaviour;
    this.#sessions = new Records(options.folder, Session);
    this.#uploads = options.uploads;
    this.#clock = options.clock;
    this.#storageOrigin = options.storageOrigin;
    this.forgetOld();
  }

  create(grant: Grant, body: unknown): Reply {
    const { createStatus } = this.#behaviour;
    // As at an older gateway, or for an application without this feature.
    if (createStatus === 403) throw new NylasError(403, "attachment uploads are not enabled", "forbidden");
    if (createStatus === 404) throw new NylasError(404, "no such endpoint");
    this.#authorize(grant);
    const parsed = CreateBody.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new NylasError(400, `${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}`);
    }
    const { filename, content_type: contentType, size } = parsed.data;
    if (size && size > maxBytes)
      throw new NylasError(400, `file_size exceeds maximum allowed size of ${maxBytes} bytes`);
    this.forgetOld();
    const attachmentId = randomUUID();
    const upload = this.#uploads.create(`${grant.id}/${attachmentId}`, contentType);
    const createdAt = this.#clock.now();
    const session: Session = {
      attachmentId,
      grantId: grant.id,
      filename,
      contentType,
      size: size ?? 0,
      uploadId: upload.id,
      createdAt,
      expiresAt: createdAt + lifeMs,
      status: "uploading",
    };
    this.#sessions.put(attachmentId, session);
    return dataReply(createStatus, {
      data: {
        attachment_id: attachmentId,
        method: "PUT",
        url: `${this.#storageOrigin()}${this.#storage.uriPath(upload)}`,
        headers: { "Content-Type": contentType },
        // In whole seconds, as the service writes it.
        expires_at: new Date(session.expiresAt).toISOString().replace(/\.\d+Z$/, "Z"),
        max_size: maxBytes,
        size: session.size,
        content_type: contentType,
        filename,
        grant_id: grant.id,
      },
    });
  }

  /** @param identifier how the path names the grant: sessions belong to its id, not to its address */
  complete(grant: Grant, attachmentId: string, identifier = grant.id): Reply {
    const session = this.#sessions.get(attachmentId);
    if (!session) throw new NylasError(404, "upload session not found");
    const isNamed = identifier === "me" || identifier === session.grantId;
    if (session.grantId !== grant.id || !isNamed)
      throw new NylasError(401, "grant does not own this upload session");
    if (session.status === "ready") throw new NylasError(409, "upload session is already complete");
    if (session.status === "failed") throw new NylasError(409, "upload session has failed");
    if (this.#expired(session)) throw new NylasError(410, "upload session has expired");
    const object = this.#uploads.get(session.uploadId)?.object;
    if (!object) throw new NylasError(422, "no uploaded file was found in storage");
    if (session.size > 0 && object.size !== session.size)
      throw new NylasError(422, `uploaded size ${object.size} differs from declared size ${session.size}`);
    if (object.size === 0) throw new NylasError(422, "uploaded file is empty");
    this.#sessions.put(attachmentId, { ...session, status: "ready" });
    return dataReply(200, { data: { attachment_id: attachmentId, grant_id: grant.id, status: "ready" } });
  }

  /** The file behind an id in a message. Throws unless it is ready. */
  ready(grant: Grant, attachmentId: string): ReadyFile {
    const session = this.#sessions.get(attachmentId);
    const upload = session && this.#uploads.get(session.uploadId);
    if (
      session?.grantId !== grant.id ||
      session.status !== "ready" ||
      this.#expired(session) ||
      !upload?.object
    )
      throw new NylasError(500, `attachment ${attachmentId} is not ready`);
    const { filename, contentType, expiresAt } = session;
    return { id: attachmentId, filename, contentType, path: upload.path, object: upload.object, expiresAt };
  }

  /** Whatever the reason, a grant is refused here with the same 401. */
  #authorize(grant: Grant): void {
    if (grant.provider !== "microsoft")
      throw new NylasError(401, `provider ${grant.provider} does not support attachment uploads`);
    if (grant.grant_status !== "valid") throw new NylasError(401, "grant is not valid");
    if (!hasScope(grant, "Mail.Send", "Mail.ReadWrite", "Mail.ReadWrite.Shared"))
      throw new NylasError(401, "grant has none of the required scopes");
  }

  #expired(session: Session): boolean {
    return this.#clock.now() >= session.expiresAt;
  }

  /** Ends the hour of every session now. */
  expireAll(): void {
    const now = this.#clock.now();
    for (const session of this.#sessions.values())
      if (session.expiresAt > now) this.#sessions.put(session.attachmentId, { ...session, expiresAt: now });
    this.forgetOld();
  }

  /** The file is deleted when its session expires, ready or not; the record, after two months. */
  forgetOld(): void {
    for (const session of this.#sessions.values()) {
      const { attachmentId, uploadId, status } = session;
      if (this.#clock.now() >= session.createdAt + rowLifeMs) this.#sessions.delete(attachmentId);
      else if (status !== "expired" && this.#expired(session)) {
        // An incomplete file stays, as the storage keeps it for a week.
        if (this.#uploads.get(uploadId)?.object) this.#uploads.delete(uploadId);
        this.#sessions.put(attachmentId, { ...session, status: "expired" });
      }
    }
  }
}
