/**
 * The steps of an upload session: it is created, filled and completed, or dropped. What makes a request of it safe to
 * repeat is on disk before the request leaves.
 */
import type { FreightError } from "../../base/errors.ts";
import { type Sleep, withRetries } from "../../net/retry.ts";
import type { FileToUpload, UploadTarget } from "../../services/mailService.ts";
import { upload } from "../../transfer/upload.ts";
import type { EnginePorts, OpenSource } from "../ports/enginePorts.ts";
import { type SessionRecord, secretName } from "../record/delivery.ts";
import { holderOf, isAlive } from "../record/queries.ts";
import type { Cargo } from "./cargo.ts";
import { draftName } from "./draftNames.ts";
import type { Drafts } from "./drafts.ts";
import { assertUploadAgreed } from "./fileObjections.ts";

type Options = Pick<EnginePorts, "store" | "openLine" | "clock" | "sleep" | "random">;

/** Progress is told at most ten times a second; what the service has confirmed is always told. */
const PROGRESS_INTERVAL_MS = 100;

export class SessionSteps {
  readonly #options: Options;
  readonly #drafts: Drafts;
  /** What ends the wait of an attachment early, by its id. */
  readonly #wakers = new Map<string, AbortController>();

  constructor(options: Options, drafts: Drafts) {
    this.#options = options;
    this.#drafts = drafts;
  }

  /** Ends the wait before an attachment's next try, when there is one. */
  hurry(attachmentId: string): void {
    this.#wakers.get(attachmentId)?.abort();
  }

  isAlive({ service }: Cargo, session: SessionRecord | null): boolean {
    return isAlive(session, this.#options.clock.now(), service.limits.expiryMarginMs);
  }

  /** Where the bytes of a session go that can still be used; undefined when a new one is needed. */
  async liveTarget(cargo: Cargo, session: SessionRecord | null): Promise<UploadTarget | undefined> {
    if (!this.isAlive(cargo, session)) return undefined;
    // Of a record of before: nobody knows what it is called there.
    if (cargo.service.drafts !== undefined && cargo.file.sentAs === null) return undefined;
    return this.#options.store.targets.find(secretName(cargo.file));
  }

  /** @returns where its bytes go; null at a service that says so with the bytes */
  async create(cargo: Cargo, source: OpenSource): Promise<UploadTarget | null> {
    const { store, clock } = this.#options;
    const { deliveryId, service, signal } = cargo;
    const { attachments } = cargo.mail;
    const sentAs = service.drafts === undefined ? null : draftName(attachments, cargo.attachmentId);
    cargo.note({ type: "sessionRequested", sentAs });
    await store.flushed(deliveryId);
    const draft = await this.#drafts.of(deliveryId, service, signal, (open) =>
      this.#persist(cargo, source, open),
    );
    const file = asTold(cargo);
    const created = await this.#persist(cargo, source, () => service.createSession(file, draft, signal));
    const { attachmentId, target, expiresAt, atOnce = false } = created;
    // The target of whoever owns the mail now must not be written over.
    await store.assertOurs(deliveryId);
    if (target !== null) await store.targets.keep(secretName(cargo.file), target);
    cargo.note({ type: "sessionCreated", attachmentId, at: clock.now(), expiresAt, atOnce });
    await store.flushed(deliveryId);
    return target;
  }

  /** Moves the bytes. @param resume from where the storage has got to */
  async fill(cargo: Cargo, source: OpenSource, target: UploadTarget | null, resume: boolean): Promise<void> {
    const { clock, random, openLine } = this.#options;
    const draft = holderOf(cargo.mail);
    let toldAt = Number.NEGATIVE_INFINITY;
    let toldAccepted = -1;
    await upload({
      source,
      protocol: cargo.service.protocol({ target, file: asTold(cargo), draft }, openLine(cargo.owner)),
      resume,
      checkpoint: resume ? (cargo.file.checkpoint ?? undefined) : undefined,
      signal: cargo.signal,
      onProgress: (progress) => {
        const now = clock.monotonic();
        if (progress.accepted === toldAccepted && now - toldAt < PROGRESS_INTERVAL_MS) return;
        toldAt = now;
        toldAccepted = progress.accepted;
        cargo.note({ type: "progressed", ...progress });
      },
      onWait: (error, waitMs) => this.#waits(cargo, error, waitMs),
      onStored: (attachmentId) => cargo.note({ type: "stored", attachmentId }),
      // Send may have been pressed meanwhile.
      assertMayEnd: ({ sha256 }) => assertUploadAgreed(source, cargo.file.agreed, sha256),
      sleep: this.#sleeper(cargo, source),
      random,
      monotonicNow: () => clock.monotonic(),
    });
  }

  /** @param source unset: what is left needs no file */
  async complete(cargo: Cargo, source?: OpenSource): Promise<void> {
    const { store } = this.#options;
    const { drafts, carriesFiles, keepsFiles } = cargo.service;
    const { session } = cargo.file;
    if (session === null) throw new Error("An attachment without a session cannot be completed");
    let asked = session.completeAsked;
    cargo.note({ type: "completeAsked" });
    await store.flushed(cargo.deliveryId);
    await this.#persist(cargo, source, () => {
      const askedBefore = asked;
      asked = true;
      return cargo.service.complete(session.attachmentId ?? "", askedBefore, cargo.signal);
    });
    cargo.note({ type: "completed", stays: [drafts !== undefined, carriesFiles, keepsFiles].includes(true) });
    // Whoever finds the record without "ready" still needs to know that the bytes are there.
    const isSaved = await store.flushed(cargo.deliveryId).then(
      () => true,
      () => false, // Reported by the store; the sending asks again.
    );
    if (isSaved) await store.targets.drop(secretName(cargo.file));
  }

  /** Has a session be used no more. */
  async drop(cargo: Cargo): Promise<void> {
    // Its place stays, and may have the file by now: both are taken away where the target is known.
    if (cargo.service.keepsFiles === true) return this.abandon(cargo);
    cargo.note({ type: "sessionDropped" });
    await this.#options.store.targets.drop(secretName(cargo.file));
  }

  /** The same, and the service is told. */
  abandon(cargo: Cargo): void {
    const { attachmentId } = cargo;
    cargo.noteOfMail({ type: "uploadAbandoned", attachmentId, at: this.#options.clock.now() });
  }

  #persist<T>(cargo: Cargo, source: OpenSource | undefined, operation: () => Promise<T>): Promise<T> {
    return withRetries(operation, {
      signal: cargo.signal,
      sleep: this.#sleeper(cargo, source),
      random: this.#options.random,
      onWait: (error, waitMs) => this.#waits(cargo, error, waitMs),
    });
  }

  /** Waits until the time is over, or a person does not want to wait. */
  #sleeper({ attachmentId }: Cargo, source: OpenSource | undefined): Sleep {
    return async (ms, signal) => {
      const waker = new AbortController();
      this.#wakers.set(attachmentId, waker);
      try {
        await source?.letGo();
        await this.#options.sleep(ms, AbortSignal.any([signal, waker.signal]));
      } catch (reason) {
        if (signal.aborted || !waker.signal.aborted) throw reason;
      } finally {
        this.#wakers.delete(attachmentId);
      }
    };
  }

  #waits(cargo: Cargo, error: FreightError, waitMs: number): void {
    cargo.note({ type: "waited", until: this.#options.clock.now() + waitMs, reason: error.code });
  }
}

/** The file as the service is told of it. */
function asTold({ file }: Cargo): FileToUpload {
  const { name, sentAs, contentType, size, inline } = file;
  return {
    name: sentAs ?? name,
    contentType,
    size,
    ...(inline === null ? {} : { inline: { contentId: inline.contentId } }),
  };
}
