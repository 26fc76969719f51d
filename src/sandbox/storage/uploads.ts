/**
 * The upload sessions of a service and the objects made from them, for a week; the bytes of each are in one file, with
 * one writer at a time. For Google's storage, Graph and drives alike.
 */
import { randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Appender, alignDown, gridBytes } from "../base/appender.ts";
import type { Clock } from "../base/clock.ts";
import { type Checksums, Digests } from "../base/digests.ts";
import { removeFile } from "../base/heldFiles.ts";
import { Records } from "../base/records.ts";

const weekMs = 7 * 24 * 3600 * 1000;

const SavedUpload = z.object({
  id: z.string(),
  name: z.string(),
  contentType: z.string(),
  createdAt: z.number(),
  state: z.enum(["open", "done", "cancelled", "failed"]),
  total: z.number().optional(),
  /** Present once the object exists. */
  object: z
    .object({
      size: z.number(),
      sha256: z.string(),
      md5Base64: z.string(),
      crc32cBase64: z.string(),
      finishedAt: z.number(),
    })
    .optional(),
});
type SavedUpload = z.infer<typeof SavedUpload>;
export type StoredObject = NonNullable<SavedUpload["object"]>;

export class Uploads {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #unitBytes: number;
  readonly #records: Records<SavedUpload>;
  readonly #live = new Map<string, Upload>();

  /** Of an unfinished file only whole units count; with a unit of 1, every byte. */
  constructor(folder: string, clock: Clock, unitBytes = gridBytes) {
    this.#folder = folder;
    this.#clock = clock;
    this.#unitBytes = unitBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#records = new Records(folder, SavedUpload);
    this.forgetOld();
  }

  /** Deletes what can neither be resumed nor used any more. */
  forgetOld(): void {
    for (const { id } of this.#records.values()) if (!this.get(id)) this.delete(id);
  }

  create(name: string, contentType: string): Upload {
    const id = randomBytes(48).toString("base64url");
    const record: SavedUpload = { id, name, contentType, createdAt: this.#clock.now(), state: "open" };
    this.#records.put(id, record);
    return this.#open(record);
  }

  /** Undefined when there is no such session, or its week is over. */
  get(id: string): Upload | undefined {
    const record = this.#records.get(id);
    if (!record || this.#clock.now() >= record.createdAt + weekMs) return undefined;
    return this.#live.get(id) ?? this.#open(record);
  }

  /** Deletes session, object and bytes. */
  delete(id: string): void {
    this.#live.delete(id);
    this.#records.delete(id);
    removeFile(join(this.#folder, `${id}.bin`));
  }

  #open(record: SavedUpload): Upload {
    const upload = new Upload(record, {
      path: join(this.#folder, `${record.id}.bin`),
      clock: this.#clock,
      unitBytes: this.#unitBytes,
      save: (changed) => this.#records.put(changed.id, changed),
    });
    this.#live.set(record.id, upload);
    return upload;
  }
}

/** One upload session and, once it is finished, its object. */
export class Upload {
  readonly path: string;
  #record: SavedUpload;
  readonly #save: (record: SavedUpload) => void;
  readonly #clock: Clock;
  readonly #unitBytes: number;
  /** Hashes of the stored bytes; absent after a restart until the next write. */
  #digests: Digests | undefined;
  #stored: number;
  #writer: Promise<unknown> = Promise.resolve();
  #preempt: AbortController | undefined;

  constructor(
    record: SavedUpload,
    parts: { path: string; clock: Clock; unitBytes: number; save: (record: SavedUpload) => void },
  ) {
    this.#record = record;
    this.path = parts.path;
    this.#clock = parts.clock;
    this.#unitBytes = parts.unitBytes;
    this.#save = parts.save;
    // Bytes beyond the grid were on their way when the process ended: the client has to send them again.
    this.#stored = record.object?.size ?? alignDown(fileSize(this.path), this.#unitBytes);
    if (this.#stored === 0) this.#digests = new Digests();
  }

  get id(): string {
    return this.#record.id;
  }
  get name(): string {
    return this.#record.name;
  }
  get contentType(): string {
    return this.#record.contentType;
  }
  get createdAt(): number {
    return this.#record.createdAt;
  }
  get state(): SavedUpload["state"] {
    return this.#record.state;
  }
  /** The total that a request has declared, which cannot change any more. */
  get total(): number | undefined {
    return this.#record.total;
  }
  /** How many bytes from the start are safely stored. */
  get stored(): number {
    return this.#stored;
  }
  get object(): StoredObject | undefined {
    return this.#record.object;
  }

  #change(change: Partial<SavedUpload>): void {
    this.#record = { ...this.#record, ...change };
    this.#save(this.#record);
  }

  declareTotal(total: number): void {
    if (this.total === undefined) this.#change({ total });
  }

  cancel(): void {
    this.#preempt?.abort();
    this.#change({ state: "cancelled" });
    removeFile(this.path);
  }

  /** Loses what is beyond the first `bytes`, on the grid. A finished object is not affected. */
  async forget(bytes: number): Promise<void> {
    if (bytes >= this.#stored || this.state !== "open") return;
    await this.exclusively(async () => {
      this.#stored = alignDown(bytes, this.#unitBytes);
      this.#digests = undefined;
    });
  }

  /** After this, the upload cannot be finished any more. */
  fail(): void {
    this.#change({ state: "failed" });
    removeFile(this.path);
  }

  /** Makes an object of the stored bytes, unless `accept` rejects their checksums. */
  async finish(accept: (checksums: Checksums) => boolean): Promise<boolean> {
    const checksums = (await this.#hashed()).checksums();
    if (!accept(checksums)) {
      this.fail();
      return false;
    }
    // An empty object has a file as well, so that a mail can be composed from it.
    if (this.#stored === 0) await open(this.path, "a", 0o600).then((file) => file.close());
    this.#change({
      state: "done",
      object: { size: this.#stored, ...checksums, finishedAt: this.#clock.now() },
    });
    return true;
  }

  /** The hashes of what is stored, which is read again after a restart. */
  async #hashed(): Promise<Digests> {
    if (this.#digests) return this.#digests;
    const digests = new Digests();
    if (this.#stored > 0)
      for await (const bytes of createReadStream(this.path, {
        end: this.#stored - 1,
        highWaterMark: gridBytes,
      }))
        digests.update(bytes);
    this.#digests = digests;
    return digests;
  }

  /**
   * Lets one writer at a time use the file. A new one ends the one before it, as a client that comes back on
   * a new connection has given up the old one; `signal` tells the old writer.
   */
  async exclusively<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#preempt?.abort();
    const preempt = new AbortController();
    this.#preempt = preempt;
    const turn = this.#writer.then(() => work(preempt.signal));
    this.#writer = turn.catch(() => undefined);
    return turn;
  }

  /** Appends to what is stored; the caller closes it. */
  async appender(): Promise<Appender> {
    const digests = await this.#hashed();
    const file = await open(this.path, this.#stored === 0 ? "w" : "r+", 0o600);
    return new Appender(file, this.#stored, digests, (stored) => {
      this.#stored = stored;
    });
  }
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
