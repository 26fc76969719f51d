/**
 * The steps of an upload session: create, fill and complete it, or drop it. Whatever makes a request safe to
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

/** Progress is reported at most ten times a second, but newly accepted bytes always. */
const PROGRESS_INTERVAL_MS = 100;

export class SessionSteps {
  readonly #options: Options;
  readonly #drafts: Drafts;
  /** End an attachment's wait early; by attachment id. */
  readonly #wakers = new Map<string, AbortController>();

  constructor(options: Options, drafts: Drafts) {
    this.#options = options;
    this.#drafts = drafts;
  }

  /** Has an attachment that waits for its next try start it now. */
  hurry(attachmentId: string): void {
    this.#wakers.get(attachmentId)?.abort();
  }

  isAlive({ service }: Cargo, session: SessionRecord | null): boolean {
    return isAlive(session, this.#options.clock.now(), service.limits.expiryMarginMs);
  }

  /** Where the bytes of a session go; undefined when it can no longer be used. */
  async liveTarget(cargo: Cargo, session: SessionRecord | null): Promise<UploadTarget | undefined> {
    if (!this.isAlive(cargo, session)) return undefined;
    // A record of an older version: it does not say what the file is called in the draft.
    if (cargo.service.drafts !== undefined && cargo.file.sentAs === null) return undefined;
    return this.#options.store.targets.find(secretName(cargo.file));
  }

  /** @returns where its bytes go; null where a file needs no upload address of its own */
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
    // If another window owns the mail by now, its target must not be overwritten.
    await store.assertOurs(deliveryId);
    if (target !== null) await store.targets.keep(secretName(cargo.file), target);
    cargo.note({ type: "sessionCreated", attachmentId, at: clock.now(), expiresAt, atOnce });
    await store.flushed(deliveryId);
    return target;
  }

  /** Uploads the bytes. @param resume continue after the bytes that the storage has */
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
      // Send may have been pressed meanwhile: only now is it known which version was agreed to.
      assertMayEnd: ({ sha256 }) => assertUploadAgreed(source, cargo.file.agreed, sha256),
      sleep: this.#sleeper(cargo, source),
      random,
      monotonicNow: () => clock.monotonic(),
    });
  }

  /** @param source the file, if it is open: completing does not need it */
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
    // Until "ready" is on disk, the target is needed to find out that the bytes are there.
    const isSaved = await store.flushed(cargo.deliveryId).then(
      () => true,
      () => false, // The store reports it, and the send saves again.
    );
    // The file is there; what cannot be deleted now is when the mail is looked at next.
    if (isSaved) await store.targets.drop(secretName(cargo.file)).catch(() => {});
  }

  /** Gives up a session. */
  async drop(cargo: Cargo): Promise<void> {
    // The service keeps the place, perhaps with the file in it: cleaning up needs the target to delete them.
    if (cargo.service.keepsFiles === true) return this.abandon(cargo);
    cargo.note({ type: "sessionDropped" });
    await this.#options.store.targets.drop(secretName(cargo.file));
  }

  /** The same, and has the service told. */
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

  /** Waits until the time is up or `hurry` is called. */
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

/** The file as it is described to the service. */
function asTold({ file }: Cargo): FileToUpload {
  const { name, sentAs, contentType, size, inline } = file;
  return {
    name: sentAs ?? name,
    contentType,
    size,
    ...(inline === null ? {} : { inline: { contentId: inline.contentId } }),
  };
}
